"""What a trunk's owner allows, counted in the database over all daemons: calls per second, at once, and messages.

All times are the database's, so that daemons whose clocks differ agree.
"""

import math
from collections.abc import Collection
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Count, Q
from django.db.models.functions import Now

from testing_lab.models import Seat, Trunk

LEASE = timedelta(minutes=3)  # of a call; renewed while the daemon lives
WAITING = timedelta(seconds=10)  # of one that waits; renewed at each question

# The next token, if it is due within so many seconds (NULL: whenever it is); how many seconds until then.
_BOOK = """
UPDATE testing_lab_trunk SET next_{what}_at =
    greatest(next_{what}_at, clock_timestamp()) + make_interval(secs => 1 / {what}s_per_second)
WHERE id = %s AND coalesce(next_{what}_at <= clock_timestamp() + make_interval(secs => %s), true)
RETURNING extract(epoch FROM next_{what}_at - clock_timestamp())::float - 1 / {what}s_per_second
"""


def take(trunk: int, daemon: str, seat: int | None) -> tuple[int, bool]:
    """Ask for a seat, or again for `seat`: its id, and whether it is taken now.

    If not, all are taken, or others asked before. Ask again within WAITING. Raises Trunk.DoesNotExist.
    """
    with transaction.atomic():
        most_calls = Trunk.objects.select_for_update().values_list("most_calls", flat=True).get(pk=trunk)
        seats = Seat.objects.filter(trunk=trunk)
        seats.filter(lease_until__lt=Now()).delete()
        if seat is not None and not seats.filter(pk=seat).exists():
            seat = None
        before = Q() if seat is None else Q(pk__lt=seat)
        waiting = Count("pk", filter=before & Q(taken_at__isnull=True))
        there = seats.aggregate(taken=Count("taken_at"), waiting=waiting)
        is_taken = there["taken"] < most_calls and not there["waiting"]
        given = {"taken_at": Now(), "lease_until": Now() + LEASE} if is_taken else {"lease_until": Now() + WAITING}
        if seat is None:
            return Seat.objects.create(trunk_id=trunk, daemon=daemon, **given).pk, is_taken
        seats.filter(pk=seat).update(**given)
        return seat, is_taken


def leave(seat: int) -> None:
    """The call is over, or will not be."""
    Seat.objects.filter(pk=seat).delete()


def renew(seats: Collection[int]) -> None:
    """The daemon that has these lives, and so do its calls."""
    Seat.objects.filter(pk__in=seats, taken_at__isnull=False).update(lease_until=Now() + LEASE)


def let_go(daemon: str) -> None:
    """This daemon stops: it has no calls any more."""
    Seat.objects.filter(daemon=daemon).delete()


def book_call(trunk: int, within_s: float) -> float:
    """Take the next moment at which a call may be set up: in how many seconds it is; infinity if that is not within
    `within_s`, and then nothing is taken. Raises Trunk.DoesNotExist."""
    return _book(trunk, "call", within_s)


def book_message(trunk: int) -> float:
    """In how many seconds the next message may be sent. Raises Trunk.DoesNotExist."""
    return _book(trunk, "message", None)


def _book(trunk: int, what: str, within_s: float | None) -> float:
    with connection.cursor() as cursor:
        cursor.execute(_BOOK.format(what=what), [trunk, within_s])
        row = cursor.fetchone()
    if row is not None:
        return max(0.0, float(row[0]))
    if not Trunk.objects.filter(pk=trunk).exists():
        raise Trunk.DoesNotExist
    return math.inf
