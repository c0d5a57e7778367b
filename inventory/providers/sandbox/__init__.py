"""The carriers of the sandbox process, over its HTTP ordering API (docs/sandbox.md)."""

from inventory.providers.sandbox.adapter import SandboxProvider

__all__ = ["SandboxProvider"]
