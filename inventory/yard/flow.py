"""What came into the stock and what went out of it, day by day: from the ledger, which never changes."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils import timezone

from inventory.lifecycle import State
from inventory.models import LifecycleEntry
from numbering.pictures import Picture

DAYS = 14


class Way(StrEnum):
    """Where a number passed the border of the stock."""

    BOUGHT_IN = "bought_in"
    GIVEN_BACK = "given_back"
    SOLD = "sold"
    RETURNED = "returned"


class Day(NamedTuple):
    """A UTC day, and how many numbers passed each way."""

    day: date
    numbers: Counter[Way]


def daily_flow(now: datetime | None = None) -> list[Day]:
    """The last two weeks, the last day is today. Of closed days the ledger says for ever what it says now."""
    today = (now or timezone.now()).date()
    found = {**_closed(today), **_of_today(today)}
    days = [today - timedelta(days=ago) for ago in reversed(range(DAYS))]
    return [Day(day, found.get(day, Counter())) for day in days]


def _read(first: date, before: date) -> dict[date, Counter[Way]]:
    """One query by `ledger_by_time`: it reads the blocks of those days."""
    entries = LifecycleEntry.objects.order_by().filter(at__gte=_midnight(first), at__lt=_midnight(before))
    passed = entries.values_list(TruncDate("at", tzinfo=UTC), "source", "target").annotate(numbers=Count("*"))
    return _summed(passed.exclude(target__in=(State.TESTING, State.QUARANTINED, State.AVAILABLE, State.FAILED)))


def _summed(rows: Iterable[tuple[date, str, str, int]]) -> dict[date, Counter[Way]]:
    found: dict[date, Counter[Way]] = {}
    for day, source, target, numbers in rows:
        if way := _way(source, target):
            found.setdefault(day, Counter())[way] += numbers
    return found


def _way(source: str, target: str) -> Way | None:
    """A number that a customer takes back within the reclaim window is sold again, as it was given back before."""
    if target == State.RETURNED:
        return Way.RETURNED if source else None  # a double that never was ours
    if target == State.RELEASED:
        return Way.GIVEN_BACK
    if target == State.IN_SERVICE:
        return Way.SOLD
    return None if source else Way.BOUGHT_IN


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def _today() -> list[tuple[date]]:
    return [(timezone.now().date(),)]


_closed = Picture(
    "flow-closed", lambda today: _read(today - timedelta(days=DAYS - 1), today), seconds=6 * 3600, keys=_today
)
_of_today = Picture("flow-today", lambda today: _read(today, today + timedelta(days=1)), seconds=60, keys=_today)
PICTURES = (_of_today, _closed)
