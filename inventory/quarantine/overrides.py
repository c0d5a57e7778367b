"""A person's word on a stay in quarantine (design A4, rule 1): it wins over the model, never over a minimum.

The night heeds it. Since a number may be about to leave by what the last night said, a word takes that back: the stay
is decided on anew, by a night of its own.
"""

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.nudges import nudge
from inventory.models import PhoneNumber, Quarantine, QuarantineOverride
from inventory.quarantine.actions import Override
from inventory.refusals import AlreadySaid, NotAhead, NotInForce, StayEnded

LONGEST = timedelta(days=365)
RAN_OUT = "it had run out"
#: What a night writes on a stay, as before its first one.
UNDECIDED: dict[str, Any] = {
    "state_day": None,
    "recent_contacts": None,
    "effective_days": None,
    "likelihood": None,
    "alpha": None,
    "model": None,
    "action": "",
    "action_rule": "",
    "predicted_on": None,
    "predicted_lo": None,
    "predicted_hi": None,
}


def force_hold(
    *, stay: Quarantine, until: date, actor: str, reason: str, expires_on: date | None = None
) -> QuarantineOverride:
    """Keep the number in quarantine; `until` is the first day on which that is over.

    A legal maximum does not end it: to keep a number longer than one may takes a person who answers for it.
    Raises StayEnded, AlreadySaid, NotAhead.
    """
    said = _said(stay, Override.HOLD, actor, reason, expires_on or until)
    return _say(stay, said | {"until": until})


def force_release(*, stay: Quarantine, expires_on: date, actor: str, reason: str) -> QuarantineOverride:
    """Let the number go, as soon as its minimum has passed; `expires_on` is the first day on which that no longer
    counts. Raises StayEnded, AlreadySaid, NotAhead."""
    return _say(stay, _said(stay, Override.RELEASE, actor, reason, expires_on))


def force_retire(*, stay: Quarantine, expires_on: date, actor: str, reason: str) -> QuarantineOverride:
    """Hand the number back as soon as its minimum has passed. Raises StayEnded, AlreadySaid, NotAhead."""
    return _say(stay, _said(stay, Override.RETIRE, actor, reason, expires_on))


def withdraw(*, override: QuarantineOverride, actor: str, note: str) -> None:
    """The engine decides again. `note` says why. Raises NotInForce when it no longer counts."""
    with transaction.atomic():
        stay = _lock(override.stay)
        word = open_word(stay)
        if word is None or word.pk != override.pk or not word.is_in_force(_today()):
            raise NotInForce(f"The {override.get_action_display()} no longer counts")
        _end(word, actor, note)
        _decide_anew(stay)


def check(day: date) -> None:
    """Whether a word may count until that day. Raises NotAhead."""
    if not _today() < day <= last_day():
        raise NotAhead(f"{day} is not within the {LONGEST.days} days ahead")


def last_day() -> date:
    """The last day (UTC) that may be named today."""
    return _today() + LONGEST


def open_word(stay: Quarantine) -> QuarantineOverride | None:
    """The last word on the stay, unless somebody withdrew it; it may have run out (`is_in_force`)."""
    return QuarantineOverride.objects.filter(stay=stay, withdrawn_at=None).first()


def word_in_force(stay: Quarantine) -> QuarantineOverride | None:
    """What a person said of the stay, if that counts today."""
    word = open_word(stay) if stay.ended_at is None else None
    return word if word and word.is_in_force(_today()) else None


def _said(stay: Quarantine, action: Override, actor: str, reason: str, expires_on: date) -> dict[str, Any]:
    return {"stay": stay, "action": action, "expires_on": expires_on, "actor": actor[:80], "reason": reason[:300]}


@transaction.atomic
def _say(stay: Quarantine, said: dict[str, Any]) -> QuarantineOverride:
    today = _today()
    for day in filter(None, (said["expires_on"], said.get("until"))):
        check(day)
    locked = _lock(stay)
    before = open_word(locked)
    if before and before.is_in_force(today):
        raise AlreadySaid(before.get_action_display(), before.actor)
    if before:
        _end(before, said["actor"], RAN_OUT)
    word = QuarantineOverride.objects.create(**said)
    _decide_anew(locked)
    return word


def _lock(stay: Quarantine) -> Quarantine:
    """The number and then its open stay, in the order in which everybody locks them. Raises StayEnded."""
    number = PhoneNumber.objects.select_for_update(no_key=True, of=("self",)).get(pk=stay.number_id)
    open_stay = Quarantine.objects.select_for_update(no_key=True, of=("self",)).filter(pk=stay.pk, ended_at=None)
    found = open_stay.first()
    if found is None:
        raise StayEnded(number)
    return found


def _end(word: QuarantineOverride, actor: str, note: str) -> None:
    QuarantineOverride.objects.filter(pk=word.pk).update(
        withdrawn_at=timezone.now(), withdrawn_by=actor[:80], withdrawn_note=note[:300]
    )


def _decide_anew(stay: Quarantine) -> None:
    """What the last night said was said without the word: nobody acts on it any more."""
    Quarantine.objects.filter(pk=stay.pk).update(**UNDECIDED)
    PhoneNumber.objects.filter(pk=stay.number_id, due_at__gt=timezone.now()).update(due_at=timezone.now())
    nudge("inventory.tasks.decide_on_stay", stay.pk)


def _today() -> date:
    """The UTC day: as the nights count."""
    return timezone.now().date()
