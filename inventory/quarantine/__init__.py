"""Quarantine: how long a number must rest, what was seen on its line meanwhile, and when it is clean."""
