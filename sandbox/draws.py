"""Chance that is always the same for the same seed: every draw is a keyed hash, nothing is remembered."""

from __future__ import annotations

from hashlib import blake2b
from random import Random


def draw(*what: object) -> float:
    """A number in [0, 1) that depends on nothing but `what`, e.g. `draw(seed, "stale_offer", "+4930...")`."""
    return integer(*what) / 2**64


def integer(*what: object) -> int:
    """An unsigned 64-bit integer that depends on nothing but `what`."""
    return int.from_bytes(blake2b(_words(what), digest_size=8).digest(), "big")


def stream(*what: object) -> Random:
    """An endless stream of chance for one purpose, e.g. the packet losses of one call."""
    return Random(_words(what))  # noqa: S311 - simulation, not secrecy


def _words(what: tuple[object, ...]) -> bytes:
    return "\x1f".join(str(part) for part in what).encode()
