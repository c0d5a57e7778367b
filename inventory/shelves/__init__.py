"""The shelves: what is asked for, what the restock nights make of it, and how that is carried out.

The engine that decides is `inventory.restock`, pure; here are its database, its night and its hands. docs/restock.md.
"""
