"""The demonstration: somebody to sign in as, carriers to buy from, and a stock to aim at. Never for production."""
