"""The two moves around quarantine that a clock makes: in, when nobody reclaimed the number; out, when it is clean."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone

from accounts.sweeping import take_each
from inventory.lifecycle import State
from inventory.models import PhoneNumber, Quarantine, QuarantineOverride
from inventory.models.quarantine import QuarantineSource
from inventory.quarantine.actions import Action, Override
from inventory.quarantine.contacts import contacts_since
from inventory.quarantine.demo_rest import over_at
from inventory.quarantine.former_use import last_did, use_of
from inventory.quarantine.law_changes import LimitsOf, follow
from inventory.quarantine.limits import of_kind
from inventory.quarantine.nights.alone import Nights, action_on
from inventory.quarantine.nights.reading import Night
from inventory.quarantine.nights.stretches import begins, morning
from inventory.quarantine.overrides import word_in_force
from inventory.quarantine.returns import carried, report_of
from inventory.quarantine.stays import enter, leave
from inventory.querysets import NumberQuerySet
from inventory.services import drift_cases
from inventory.services.provider_releases import retire
from inventory.services.testing import retest_due
from inventory.services.transition import move

ACTOR = "sweep:quarantine"
LONGEST_HOLD = timedelta(days=30)  # then a held number is looked at, whatever its nights have said


class _Shared(NamedTuple):
    """What is the same for all stays, or all of a kind, and read once for a sweep: fit, feeds and reliefs; the law."""

    night: Nights
    limits: LimitsOf


def expire_due(limit: int) -> int:
    """RELEASED numbers that nobody reclaimed in time go into quarantine; returns how many were looked at."""
    return take_each("expire_releases", _due(State.RELEASED, limit), _expire)


def clear_due(limit: int) -> int:
    """Decide on QUARANTINED numbers whose clock has run out, and let those go that a night has let go; returns how many
    were looked at."""
    waiting = dict.fromkeys([*_let_go(limit), *_due(State.QUARANTINED, limit)])
    shared = _Shared(cache(Night.of), cache(of_kind))
    return take_each("quarantine", list(waiting)[:limit], lambda number_id: _review(number_id, shared))


def _due(state: State, limit: int) -> list[int]:
    return list(PhoneNumber.objects.due(state, timezone.now()).values_list("pk", flat=True)[:limit])


def _let_go(limit: int) -> list[int]:
    """By the index quarantine_leaving."""
    leaving = Quarantine.objects.filter(ended_at=None, action__in=(Action.RELEASE, Action.RETIRE))
    rested = leaving.filter(earliest_at__lte=timezone.now()).order_by("earliest_at")
    return list(rested.values_list("number_id", flat=True)[:limit])


def _take(numbers: NumberQuerySet, number_id: int) -> PhoneNumber | None:
    """The number, locked, if it is still one of these and nobody else has it."""
    waiting = numbers.select_related("provider").filter(pk=number_id)
    return waiting.select_for_update(of=("self",), no_key=True, skip_locked=True).first()


@transaction.atomic
def _expire(number_id: int) -> None:
    """The stay counts from the disconnect: the reclaim window was part of the wait."""
    number = _take(PhoneNumber.objects.due(State.RELEASED, timezone.now()), number_id)
    if number is None:
        return
    did, since = last_did(number), number.state_since
    told = report_of(did)
    begins_with = carried(did, told, since)
    stay = enter(number, source=QuarantineSource.RELEASED, since=since, previous_use=use_of(did), carried=begins_with)
    # The verdict of the last stay says nothing about what the last user did, nor the old passport about what became
    # of the line meanwhile: nothing is sold again that was not tested after its release (the database sees to it).
    changes: dict[str, Any] = {"due_at": stay.earliest_at, "cleared_at": None, "passport_expires_at": None}
    why = "not reclaimed; unwanted traffic was reported" if told else "not reclaimed"
    data = {"unwanted_traffic": told.sid} if told else None
    moved = move(number_id, "expire", actor="sweep:releases", reason=why, rule=stay.rule, data=data, changes=changes)
    drift_cases.keep_off_sale([moved])


@transaction.atomic
def _review(number_id: int, shared: _Shared) -> None:
    number = _take(PhoneNumber.objects.filter(state=State.QUARANTINED), number_id)
    if number is None:
        return
    stay = Quarantine.objects.get(number=number, ended_at__isnull=True)
    if number.provider and number.provider.demo_aging is not None:
        _review_demo(number, stay, number.provider.demo_aging)
    else:
        _review_by_night(number, stay, shared)


def _review_demo(number: PhoneNumber, stay: Quarantine, aging: timedelta) -> None:
    """A person's word wins over the quiet of the line here too, and never over the minutes."""
    word = word_in_force(stay)
    if word is None:
        over = over_at(stay, contacts_since(number, stay.entered_at), aging)
    elif word.action == Override.HOLD:
        over = max(stay.earliest_at, datetime.combine(word.ends_on, time.min, UTC))
    else:
        over = stay.earliest_at
    if over > timezone.now():
        _hold(number, over)
    elif word and word.action == Override.RETIRE:
        retire(number.pk, actor=ACTOR, reason=_said(word))
    else:
        _clear(number, stay, _said(word) if word else f"quiet for {_in_words(aging)}, as its carrier's numbers rest")


def _in_words(aging: timedelta) -> str:
    """Days, hours, minutes, seconds: those that are there."""
    minutes, seconds = divmod(int(aging.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = {"day": days, "hour": hours, "minute": minutes, "second": seconds}
    return " ".join(f"{n} {unit}{'s' if n > 1 else ''}" for unit, n in parts.items() if n) or "0 seconds"


def _said(word: QuarantineOverride) -> str:
    return f"{word.get_action_display()} by {word.actor}: {word.reason}"[:300]


def _review_by_night(number: PhoneNumber, stay: Quarantine, shared: _Shared) -> None:
    """As the last night says; a stay whose night has not come yet has one of its own.

    The law's minimum stands before whatever a night, a model or a person says: that of the day on which the stay began,
    and that of today. The database keeps both too.
    """
    on = morning(timezone.now())
    follow(number, stay, actor=ACTOR, limits_of=shared.limits)
    if stay.earliest_at > timezone.now():
        _hold(number, stay.earliest_at)
        return
    match action_on(stay, on, shared.night):
        case Action.HOLD:
            _hold(number, _next_look(stay, on))
        case Action.RETIRE:
            retire(number.pk, actor=ACTOR, reason=stay.decisions.latest("pk").sentence)
        case Action.RELEASE:
            decision = stay.decisions.latest("pk")
            _clear(number, stay, decision.sentence, data={"decision": decision.pk, "rule": decision.rule})


def _next_look(stay: Quarantine, on: date) -> datetime:
    """When the clock of a held number runs out. A night that lets it go does not wait for that: see `_let_go`."""
    latest = on + LONGEST_HOLD
    return begins(min(max(stay.predicted_on or latest, on + timedelta(days=1)), latest))


def _hold(number: PhoneNumber, until: datetime) -> None:
    PhoneNumber.objects.filter(pk=number.pk).update(due_at=until)


def _clear(number: PhoneNumber, stay: Quarantine, why: str, data: dict[str, Any] | None = None) -> None:
    """On sale with a passport that still has time to run; else, and after every release, to the lab first."""
    now = timezone.now()
    changes: dict[str, Any] = {"cleared_at": now}
    verb, passport = "clear_to_retest", number.passport_expires_at
    if passport and (retest_at := retest_due(number, passport)) > now:
        verb, changes["due_at"] = "clear", retest_at
    # In this order: the database lets a number go from an open stay only.
    move(number.pk, verb, actor=ACTOR, reason=why, rule=stay.rule, data=data, changes=changes)
    leave(number, verdict=why, now=now)
