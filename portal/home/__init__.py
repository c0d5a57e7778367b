"""The first page: what this is for a stranger, what one has for a customer."""
