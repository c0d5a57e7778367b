"""How many traffic events a second are taken in, beside merely copying them into a table."""
