"""The two moves around quarantine that a clock makes: in, when nobody reclaimed the number; out, when it is clean."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.sweeping import take_each
from inventory.lifecycle import State
from inventory.models import PhoneNumber, Quarantine
from inventory.models.quarantine import QuarantineSource
from inventory.quarantine.contacts import contacts_since
from inventory.quarantine.decision import Decision, Ruling, decide
from inventory.quarantine.limits import quiet_period
from inventory.quarantine.stays import enter, leave
from inventory.services import drift_cases
from inventory.services.provider_releases import retire
from inventory.services.testing import retest_due
from inventory.services.transition import move

ACTOR = "sweep:quarantine"


def expire_due(limit: int) -> int:
    """RELEASED numbers that nobody reclaimed in time go into quarantine; returns how many were looked at."""
    return take_each("expire_releases", _due(State.RELEASED, limit), _expire)


def clear_due(limit: int) -> int:
    """Decide on QUARANTINED numbers whose clock has run out; returns how many were decided on."""
    return take_each("quarantine", _due(State.QUARANTINED, limit), _review)


def _due(state: State, limit: int) -> list[int]:
    return list(PhoneNumber.objects.due(state, timezone.now()).values_list("pk", flat=True)[:limit])


def _take(number_id: int, state: State) -> PhoneNumber | None:
    """The number, locked, if it is still due and nobody else has it."""
    waiting = PhoneNumber.objects.due(state, timezone.now()).select_related("provider").filter(pk=number_id)
    return waiting.select_for_update(of=("self",), no_key=True, skip_locked=True).first()


@transaction.atomic
def _expire(number_id: int) -> None:
    """The stay counts from the disconnect: the reclaim window was part of the wait."""
    number = _take(number_id, State.RELEASED)
    if number is None:
        return
    stay = enter(number, source=QuarantineSource.RELEASED, since=number.state_since)
    # The verdict of the last stay says nothing about what the last user did, nor the old passport about what became
    # of the line meanwhile: nothing is sold again that was not tested after its release (the database sees to it).
    changes: dict[str, Any] = {"due_at": stay.earliest_at, "cleared_at": None, "passport_expires_at": None}
    why = "not reclaimed"
    moved = move(number_id, "expire", actor="sweep:releases", reason=why, rule=stay.rule, changes=changes)
    drift_cases.keep_off_sale([moved])


@transaction.atomic
def _review(number_id: int) -> None:
    number = _take(number_id, State.QUARANTINED)
    if number is None:
        return
    now, stay = timezone.now(), Quarantine.objects.get(number=number, ended_at__isnull=True)
    decision = decide(stay, contacts_since(number, stay.entered_at), quiet=quiet_period(number), now=now)
    match decision.ruling:
        case Ruling.HOLD:
            PhoneNumber.objects.filter(pk=number_id).update(due_at=decision.until)
        case Ruling.RETIRE:
            retire(number_id, actor=ACTOR, reason=decision.why)
        case Ruling.CLEAR:
            _clear(number, stay, decision, now)


def _clear(number: PhoneNumber, stay: Quarantine, decision: Decision, now: datetime) -> None:
    """On sale with a passport that still has time to run; else, and after every release, to the lab first."""
    changes: dict[str, Any] = {"cleared_at": now}
    verb, passport = "clear_to_retest", number.passport_expires_at
    if passport and (retest_at := retest_due(number, passport)) > now:
        verb, changes["due_at"] = "clear", retest_at
    # In this order: the database lets a number go from an open stay only.
    move(number.pk, verb, actor=ACTOR, reason=decision.why, rule=stay.rule, changes=changes)
    leave(number, verdict=decision.why, now=now)
