"""A night, stretch by stretch: each in one transaction, by whoever comes first, in as many processes as one likes.

A night that is cut short goes on where it stopped: a stretch is done or it is not, and done twice it says the same,
for nothing of the night before enters into it.
"""

from datetime import UTC, date, datetime, time, timedelta
from time import monotonic

import structlog
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from inventory.models import QuarantineNight
from inventory.quarantine.nights.deciding import Findings, decide
from inventory.quarantine.nights.reading import Night, stretch
from inventory.quarantine.nights.writing import keep

log = structlog.get_logger(__name__)
LATE = timedelta(hours=1)  # after midnight: most late call records are in, and the next night counts the others
STRETCH = 20_000  # stays
LAST_NUMBER = 2**63 - 1
_ALONE = "SELECT pg_advisory_xact_lock(hashtext('inventory.quarantine.nights'))"
# In the order of the numbers, which is that of their contacts, by the index quarantine_one_open.
_CUTS = """
SELECT number_id FROM (
    SELECT number_id, row_number() OVER (ORDER BY number_id) AS nth FROM inventory_quarantine WHERE ended_at IS NULL
) AS open WHERE nth %% %(size)s = 0 ORDER BY number_id
"""


class NotClosed(ValueError):
    """The day before this morning is not over yet."""


def morning(now: datetime) -> date:
    """The last morning for which the night has come: the days before it are closed."""
    return (now - LATE).date()


def begins(day: date) -> datetime:
    """When the night for that morning begins."""
    return datetime.combine(day, time.min, UTC) + LATE


def run(on: date, *, longest: timedelta | None = None, size: int = STRETCH) -> int:
    """Decide on every open stay for the morning of `on`, for so long at most; returns on how many.

    What is left, and what somebody else is at, is found by the next one. A stretch that fails is logged and holds up
    no other. Raises NotClosed.
    """
    if on > morning(timezone.now()):
        raise NotClosed(f"the day before {on} is not closed: its night begins at {begins(on):%Y-%m-%d %H:%M} UTC")
    _plan(on, size)
    if not _waiting(on).exists():
        return 0
    end = None if longest is None else monotonic() + longest.total_seconds()
    night, tried, done = Night.of(on), list[int](), 0
    while end is None or monotonic() < end:
        taken = _take(night, tried)
        if taken is None:
            break
        done += taken
    return done


def decide_on(night: Night, first: int, last: int, *, record: bool = False) -> Findings:
    """Decide on the stays of these numbers, and keep it. `record`: in the ledger, whether it is news or not.

    Call it in a transaction. The stays are locked until that ends.
    """
    with connection.cursor() as cursor:
        # A temporary table is unknown to the planner, which would rather read all stays than look some up.
        cursor.execute("SET LOCAL enable_seqscan = off")
        found = stretch(cursor, night, first, last)
        decided = decide(night, found)
        if len(decided["stay"]):
            keep(cursor, night, decided, (decided["verdict"] != found.stays["verdict"]) | record)
        cursor.execute("SET LOCAL enable_seqscan TO DEFAULT")
    return decided


def _plan(on: date, size: int) -> None:
    """Cut the night into stretches, once: they cover all numbers, also those that come meanwhile."""
    if QuarantineNight.objects.filter(day=on).exists():
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_ALONE)
        if QuarantineNight.objects.filter(day=on).exists():
            return
        cursor.execute(_CUTS, {"size": size})
        lasts = [number for (number,) in cursor.fetchall()] + [LAST_NUMBER]
        firsts = [0, *(last + 1 for last in lasts)]
        QuarantineNight.objects.bulk_create(
            QuarantineNight(day=on, first=first, last=last) for first, last in zip(firsts, lasts, strict=False)
        )


def _waiting(on: date) -> QuerySet[QuarantineNight]:
    return QuarantineNight.objects.filter(day=on, done_at=None)


def _take(night: Night, tried: list[int]) -> int | None:
    """Do the first stretch that nobody is at; returns how many stays it had. None: there is none."""
    with transaction.atomic():
        free = _waiting(night.on).exclude(pk__in=tried).select_for_update(skip_locked=True)
        part = free.order_by("first").first()
        if part is None:
            return None
        tried.append(part.pk)
        try:
            with transaction.atomic():
                return _decide(night, part)
        except Exception:
            log.exception("quarantine_night_failed", day=str(night.on), first=part.first, last=part.last)
            return 0


def _decide(night: Night, part: QuarantineNight) -> int:
    count = len(decide_on(night, part.first, part.last)["stay"])
    QuarantineNight.objects.filter(pk=part.pk).update(done_at=timezone.now(), stays=count)
    return count
