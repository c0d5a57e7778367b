"""How a sweep goes through the rows that it found: each on its own, and not for ever."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from time import monotonic

import structlog

log = structlog.get_logger(__name__)
LONGEST = timedelta(seconds=20)  # what is left is found by the next sweep


def take_each(name: str, ids: Iterable[int], action: Callable[[int], object], longest: timedelta = LONGEST) -> int:
    """Call `action` for each id until `longest` is over; returns how many succeeded.

    One that fails is logged and does not hold up those behind it.
    """
    end, done = monotonic() + longest.total_seconds(), 0
    for row_id in ids:
        if monotonic() > end:
            break
        try:
            action(row_id)
            done += 1
        except Exception:
            log.exception("sweep_failed_on_a_row", sweep=name, id=row_id)
    return done
