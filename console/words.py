"""A person's word on a stay in quarantine: the verbs of the stay's page and of its number's page."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django import forms

from console.verbs import ReasonForm, Verb
from inventory.lifecycle import State
from inventory.models import PhoneNumber, Quarantine, QuarantineOverride
from inventory.quarantine import overrides
from inventory.refusals import NotAhead

SAY, RELEASE = "inventory.add_quarantineoverride", "inventory.force_release"
WITHDRAW = "inventory.change_quarantineoverride"


def _ahead(day: date) -> None:
    """Tells it beside the form. Raises ValidationError."""
    try:
        overrides.check(day)
    except NotAhead:
        last = f"{overrides.last_day():%Y-%m-%d}"
        raise forms.ValidationError(f"After today, and at most a year ahead: {last} at the latest.") from None


def _day(help_text: str) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"})
    return forms.DateField(widget=widget, help_text=help_text, validators=[_ahead])


class HoldForm(ReasonForm):
    """Until when."""

    until = _day("The first day (UTC) on which the hold is over; at most a year ahead.")
    field_order = ("until", "reason")


class ForceForm(ReasonForm):
    """For how long it counts, should the number have to wait for its minimum."""

    expires_on = _day("The first day (UTC) on which this no longer counts; at most a year ahead.")
    field_order = ("expires_on", "reason")


def open_stay(row: Any) -> Quarantine | None:
    """The open stay of a number; a stay itself, while it is open."""
    if isinstance(row, PhoneNumber):
        is_there = row.state == State.QUARANTINED  # then it has one; a number's page asks for each verb
        return Quarantine.objects.filter(number=row, ended_at=None).first() if is_there else None
    return row if isinstance(row, Quarantine) and row.ended_at is None else None


def word_on(row: Any) -> QuarantineOverride | None:
    """What a person said of it, if that counts."""
    stay = open_stay(row)
    return overrides.word_in_force(stay) if stay else None


def _may_be_said(row: Any) -> bool:
    return open_stay(row) is not None and word_on(row) is None


def _on_stay(service: Callable[..., object], *names: str) -> Callable[[Any, Mapping[str, Any], str], object]:
    """Call the service for the row's stay. One that has just ended is named, so that the service says so."""

    def perform(row: Any, given: Mapping[str, Any], actor: str) -> object:
        stay = open_stay(row) or (
            row if isinstance(row, Quarantine) else Quarantine.objects.of_number(row.pk).latest("pk")
        )
        days: dict[str, date] = {name: given[name] for name in names}
        service(stay=stay, actor=actor, reason=given["reason"], **days)
        return row

    return perform


def _withdraw(row: Any, given: Mapping[str, Any], actor: str) -> object:
    if word := word_on(row):
        overrides.withdraw(override=word, actor=actor, note=given["reason"])
    return row


WORD_VERBS = (
    Verb(
        "force_hold",
        "Hold in quarantine",
        "The number stays in quarantine until that day, whatever the engine says, even beyond its maximum.",
        _may_be_said,
        _on_stay(overrides.force_hold, "until"),
        form=HoldForm,
        permission=SAY,
        undone_by="withdraw",
    ),
    Verb(
        "force_release",
        "Force release",
        "The number leaves quarantine whatever the engine says: as soon as its minimum has passed, never before. Its "
        "next user may get the calls of the last one.",
        _may_be_said,
        _on_stay(overrides.force_release, "expires_on"),
        form=ForceForm,
        is_grave=True,
        permission=RELEASE,
        undone_by="withdraw",
    ),
    Verb(
        "force_retire",
        "Hand back when its minimum has passed",
        "The number leaves the stock for good and goes back to its provider, as soon as its minimum has passed.",
        _may_be_said,
        _on_stay(overrides.force_retire, "expires_on"),
        form=ForceForm,
        is_grave=True,
        permission=SAY,
        undone_by="withdraw",
    ),
    Verb(
        "withdraw",
        "Let the engine decide",
        "What a person said of this stay counts no more. It remains on record.",
        lambda row: word_on(row) is not None,
        _withdraw,
        permission=WITHDRAW,
    ),
)
