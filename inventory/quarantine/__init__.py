"""Quarantine: how long a number must rest, what was seen on its line meanwhile, and when it is clean."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inventory.quarantine.engine import decide

__all__ = ["decide"]


def __getattr__(name: str) -> Any:
    """The engine comes when it is asked for (PEP 562): numpy comes with it, and a process that sells needs neither."""
    if name == "decide":
        return import_module("inventory.quarantine.engine").decide
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
