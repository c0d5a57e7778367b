"""DIDWW (API 3), through the vendor's own client (docs/providers.md)."""

from inventory.providers.didww.adapter import DidwwProvider

__all__ = ["DidwwProvider"]
