"""One plain line per event on stdout: time, event, then `name=value` pairs."""

from __future__ import annotations

import logging
import sys
import time
import traceback

from aiohttp.http import HttpProcessingError

_log = logging.getLogger("sandbox")


def start(quiet: frozenset[str] = frozenset()) -> None:
    """Send events to stdout, flushed line by line so that a supervisor sees them at once; not those named `quiet`."""
    handler = logging.StreamHandler(sys.stdout)
    formatter = logging.Formatter("%(asctime)s.%(msecs)03dZ %(message)s", "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    handler.addFilter(lambda record: record.getMessage().split(" ", 1)[0] not in quiet)
    _log.addHandler(handler)
    _log.setLevel(logging.INFO)
    _log.propagate = False
    logging.getLogger().addHandler(_Libraries())


def event(name: str, **facts: object) -> None:
    """Write one event. Facts that are None are left out; strings with blanks are quoted."""
    pairs = (f"{key}={_plain(value)}" for key, value in facts.items() if value is not None)
    _log.info(" ".join((name, *pairs)))


class _Libraries(logging.Handler):
    """What asyncio and aiohttp report becomes an event too: octets that are no HTTP, or an error of ours."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, HttpProcessingError):
            event("http.malformed", why=type(error).__name__)
        elif record.levelno >= logging.WARNING:
            trace = "".join(traceback.format_exception(error)) if error else None
            event("error", source=record.name, why=record.getMessage(), trace=trace)


def _plain(value: object) -> str:
    text = f"{value:.3f}" if isinstance(value, float) else str(value)
    printable = text.encode("unicode_escape").decode("ascii")
    return '"{}"'.format(printable.replace('"', "'")) if not text or " " in text else printable
