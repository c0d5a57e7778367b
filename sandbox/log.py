"""One plain line per event on stdout: time, event, then `name=value` pairs."""

from __future__ import annotations

import logging
import sys
import time

_log = logging.getLogger("sandbox")


def start() -> None:
    """Send events to stdout, flushed line by line so that a supervisor sees them at once."""
    handler = logging.StreamHandler(sys.stdout)
    formatter = logging.Formatter("%(asctime)s.%(msecs)03dZ %(message)s", "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    _log.addHandler(handler)
    _log.setLevel(logging.INFO)
    _log.propagate = False


def event(name: str, **facts: object) -> None:
    """Write one event. Facts that are None are left out; strings with blanks are quoted."""
    pairs = (f"{key}={_plain(value)}" for key, value in facts.items() if value is not None)
    _log.info(" ".join((name, *pairs)))


def _plain(value: object) -> str:
    text = f"{value:.3f}" if isinstance(value, float) else str(value)
    printable = text.encode("unicode_escape").decode("ascii")
    return f'"{printable}"' if not text or " " in text else printable
