"""How a sweep goes through the rows that it found: not all of them at once, each on its own, and not for ever."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from time import monotonic
from typing import TypeVar

import structlog
from django.core.cache import cache
from django.db.models import Model, QuerySet

log = structlog.get_logger(__name__)
LONGEST = timedelta(seconds=20)  # what is left is found by the next sweep
LONG = timedelta(seconds=90)  # for much work: less than `task_soft_time_limit` (config.queues), so that nobody kills it
BATCH = 200

Row = TypeVar("Row", bound=Model)


def batches(rows: "QuerySet[Row]", *, after: int = 0, size: int = BATCH) -> Iterator[list[Row]]:
    """The rows by their ids, so many at a time, each batch by a query of its own.

    However many there are, only one batch is in memory, no cursor stays open, and what comes or goes meanwhile is seen.
    """
    while batch := list(rows.filter(pk__gt=after).order_by("pk")[:size]):
        yield batch
        after = batch[-1].pk


def go_on(name: str, rows: "QuerySet[Row]") -> Iterator[list[Row]]:
    """The same, from where the last sweep of that name stopped; the one after the end begins anew.

    Where it was is remembered in the cache. If that is lost, the next sweep begins at the beginning.
    """
    mark = f"sweeping:{name}"
    for batch in batches(rows, after=cache.get(mark, 0)):
        yield batch
        cache.set(mark, batch[-1].pk, timeout=None)
    cache.delete(mark)


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


def take_batches(
    name: str, rows: Iterable[Sequence[Row]], action: Callable[[Sequence[int]], object], longest: timedelta = LONG
) -> int:
    """Call `action` with the ids of each batch until `longest` is over; returns how many ids succeeded.

    A batch that fails is taken row by row, so that one row holds up nobody.
    """
    end, done = monotonic() + longest.total_seconds(), 0
    for batch in rows:
        if monotonic() > end:
            break
        ids = [row.pk for row in batch]
        try:
            action(ids)
            done += len(ids)
        except Exception:
            log.exception("sweep_failed_on_a_batch", sweep=name, first=ids[0])
            done += take_each(name, ids, lambda row_id: action([row_id]), timedelta(seconds=end - monotonic()))
    return done
