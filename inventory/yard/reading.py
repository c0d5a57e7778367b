"""What the yard shows: how many numbers stand on each track, what moved in a day, and what should have moved on."""

from datetime import datetime, timedelta
from functools import reduce
from itertools import chain
from operator import or_
from typing import NamedTuple

from django.db.models import Count, DateTimeField, Func, Min, Q
from django.db.models.lookups import LessThan
from django.utils import timezone

from inventory.lifecycle import CLOCKED, State
from inventory.models import LifecycleEntry, PhoneNumber
from inventory.services.testing import LONGEST
from numbering.pictures import Picture

FLOW_WINDOW = timedelta(hours=24)
#: How long a number may wait where no clock ends the wait. A large order queues for the lab.
PATIENCE = {
    State.SOURCED: timedelta(hours=2),
    State.TESTING: LONGEST,
    State.FAILED: timedelta(days=1),
}
#: A sweep comes by every few seconds: a clock that ran out this long ago was not seen by any.
GRACE = timedelta(minutes=10)
#: While the database was down no sweep came by, and afterwards the sweeps need as long.
UP_SINCE = Func(function="pg_postmaster_start_time", output_field=DateTimeField())


class Late(NamedTuple):
    """How many numbers of a state are stuck, and since when the first of them has been in it."""

    numbers: int
    since: datetime


class Yard(NamedTuple):
    """`flow` is by (from, to) within `FLOW_WINDOW`; a number that came to us moved from None."""

    stock: dict[State, int]
    flow: dict[tuple[State | None, State], int]
    late: dict[State, Late]


def late(now: datetime) -> Q:
    """Numbers that should have left their state by `now`; none just after a start."""
    waiting = [Q(state=state, state_since__lt=now - patience) for state, patience in PATIENCE.items()]
    return Q(LessThan(UP_SINCE, now - GRACE)) & (reduce(or_, waiting) | Q(due_at__lt=now - GRACE))


def late_ids(now: datetime, most: int) -> list[int]:
    """Ids of numbers that `late` holds for, up to so many of each state; each is found by an index of its own."""
    numbers = PhoneNumber.objects.order_by().filter(LessThan(UP_SINCE, now - GRACE)).values_list("pk", flat=True)
    waiting = [numbers.filter(state=state, state_since__lt=now - patience) for state, patience in PATIENCE.items()]
    clocked = [numbers.filter(state=state, due_at__lt=now - GRACE) for state in CLOCKED]
    return list(chain.from_iterable(found[:most] for found in (*waiting, *clocked)))


def read() -> Yard:
    """Three queries, each answered from an index: see `number_stock`, `ledger_by_time`; for the late, `number_due`,
    `number_intake` and `number_waiting`."""
    now = timezone.now()
    numbers = PhoneNumber.objects.order_by()
    moves = LifecycleEntry.objects.order_by().filter(at__gt=now - FLOW_WINDOW)
    stuck = numbers.filter(late(now)).values_list("state").annotate(numbers=Count("*"), since=Min("state_since"))
    return Yard(
        stock=dict.fromkeys(State, 0)
        | {State(s): n for s, n in numbers.values_list("state").annotate(numbers=Count("*"))},
        flow={_move(*ends): n for *ends, n in moves.values_list("source", "target").annotate(numbers=Count("*"))},
        late={State(state): Late(count, since) for state, count, since in stuck},
    )


def _move(source: str, target: str) -> tuple[State | None, State]:
    return State(source) if source else None, State(target)


#: The yard as it was some seconds ago: counting millions takes a part of a second, and pages reload.
yard = Picture("yard", read, seconds=5)
