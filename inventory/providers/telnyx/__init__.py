"""Telnyx (API v2), through the vendor's own client (docs/providers.md)."""

from inventory.providers.telnyx.adapter import TelnyxProvider

__all__ = ["TelnyxProvider"]
