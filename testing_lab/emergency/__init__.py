"""Emergency services: the guard that keeps the lab from calling them, and the services for test calls."""
