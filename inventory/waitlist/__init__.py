"""Customers who wait for numbers that nobody has on sale: asked for, served in turn, told of it."""
