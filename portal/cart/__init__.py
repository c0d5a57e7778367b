"""The cart: numbers that are held for the account, and buying them."""
