"""Numbers of our own ranges: the provider is ourselves, and what it sells are numbers that nobody has activated."""

from inventory.providers.own_blocks.adapter import OwnBlocks

__all__ = ["OwnBlocks"]
