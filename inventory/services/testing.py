"""The hand-over to the testing lab and back: who is to be tested, and what a verdict does to a number.

The lab finds the numbers in TESTING by itself and calls `record_verdict`; nothing here knows the lab.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import zip_longest
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from inventory.lifecycle import State
from inventory.models import PhoneNumber
from inventory.models.quarantine import QuarantineSource
from inventory.quarantine.stays import enter
from inventory.services.transition import move, move_each

#: As many new numbers, and as many retests, wait at the lab at most. A number that waits there is off sale, and one
#: kind must not keep the other out.
BACKLOG = 100
LOOK_AHEAD = 5_000


def send_to_lab(limit: int) -> int:
    """Hand up to `limit` received numbers to the lab, as its queue has room; returns how many.

    One of each kind in turn, the oldest of a kind first: a large delivery of one kind must not keep the others, of
    which nothing may be on sale, waiting for hours.
    """
    room = min(limit, _room(retests=False))
    if not room:
        return 0
    received = PhoneNumber.objects.filter(state=State.SOURCED)
    oldest = received.order_by("state_since").values_list("pk", "country", "number_type")[:LOOK_AHEAD]
    chosen = received.filter(pk__in=_in_turn(oldest)[:room]).order_by("state_since")
    return len(move_each(chosen, "start_tests", limit=room, actor="sweep:sourced", reason="received"))


def _in_turn(numbers: Iterable[tuple[int, str, str]]) -> list[int]:
    """The ids, one of each (country, type) after the other, in the order given within each."""
    kinds: dict[tuple[str, str], list[int]] = {}
    for pk, *kind in numbers:
        kinds.setdefault((kind[0], kind[1]), []).append(pk)
    rounds = zip_longest(*kinds.values())
    return [pk for each in rounds for pk in each if pk is not None]


def start_retests(limit: int) -> int:
    """Take up to `limit` numbers whose retest is due off sale and hand them to the lab, as its queue has room;
    returns how many."""
    room = _room(retests=True)
    due = PhoneNumber.objects.due(State.AVAILABLE, timezone.now())
    return len(move_each(due, "start_tests", limit=min(limit, room), actor="sweep:retests", reason="the retest is due"))


def _room(*, retests: bool) -> int:
    """Numbers at the lab are retests if they are still clean. Counts no further than it needs to."""
    waiting = PhoneNumber.objects.filter(state=State.TESTING, cleared_at__isnull=not retests)
    return BACKLOG - waiting[:BACKLOG].count()


def retest_due(passport_expires_at: datetime) -> datetime:
    """When a number on sale with this passport is tested again: a tenth of the interval before the passport ends,
    so that nothing on sale has run out. It is the `due_at` of every number that enters AVAILABLE."""
    return passport_expires_at - settings.RETEST_INTERVAL / 10


def retest_clock() -> dict[str, Any]:
    """The same, computed by the database: the `changes` of a move that puts numbers back on sale from a hold."""
    return {"due_at": F("passport_expires_at") - settings.RETEST_INTERVAL / 10}


def record_verdict(
    number_id: int,
    *,
    passed: bool,
    failing: Sequence[str] = (),
    actor: str,
    evidence: dict[str, Any] | None = None,
) -> PhoneNumber:
    """What the lab found. `failing` are the codes of the failed tests ("V05"), `evidence` goes into the ledger.

    A number that has already left TESTING is returned as it is: a verdict may be delivered twice.
    Raises PhoneNumber.DoesNotExist, and ValueError for a pass with failing tests.
    """
    if passed and failing:
        raise ValueError(f"passed, and yet failing {', '.join(failing)}")
    data = (evidence or {}) | ({"failing": list(failing)} if failing else {})
    with transaction.atomic():
        waiting = PhoneNumber.objects.select_related("provider").select_for_update(of=("self",), no_key=True)
        number = waiting.get(pk=number_id)
        if number.state != State.TESTING:
            return number
        return _pass(number, actor=actor, data=data) if passed else _fail(number, actor=actor, data=data)


def _fail(number: PhoneNumber, *, actor: str, data: dict[str, Any]) -> PhoneNumber:
    reason = f"failed {', '.join(data.get('failing', ['the suite']))}"
    no_passport: dict[str, Any] = {"capabilities": 0, "passport_expires_at": None}
    return move(number.pk, "fail_tests", actor=actor, reason=reason[:300], data=data, changes=no_passport)


def _pass(number: PhoneNumber, *, actor: str, data: dict[str, Any]) -> PhoneNumber:
    """To the shop window when the cleanliness verdict is still there, else to quarantine first."""
    expires = timezone.now() + settings.RETEST_INTERVAL
    # The suite of eight proves voice and SMS. MMS and fax are sold as declared until their tests exist.
    passport: dict[str, Any] = {"capabilities": number.declared_capabilities, "passport_expires_at": expires}
    if number.cleared_at:
        passport["due_at"] = retest_due(expires)
        return move(number.pk, "pass_retest", actor=actor, reason="still clean", data=data, changes=passport)
    stay = enter(number, source=QuarantineSource(number.origin), since=number.created_at)
    passport["due_at"] = stay.earliest_at
    return move(number.pk, "pass_tests", actor=actor, rule=stay.rule, data=data, changes=passport)
