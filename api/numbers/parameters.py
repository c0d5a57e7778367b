"""What may be asked, and told, of one number."""

import re
from datetime import date, datetime, timedelta

from django.utils import timezone

from api.errors import Refusal
from api.parameters import Format, Parameter, choice, instant, integer, text
from inventory.models import UnwantedKind
from inventory.models.unwanted_traffic import MOST_A_DAY

_TELEPHONE = re.compile(r"\d(?:[ ()./-]*\d){6}")


def _day(value: str) -> date:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        raise ValueError("expected a day such as 2026-11-21")
    return date.fromisoformat(value)


def _note(value: str) -> str:
    if _TELEPHONE.search(value):
        raise ValueError("it holds a telephone number; tell of no callers, and of no contents of messages")
    short: str = _SHORT.read(value)
    return short


_SHORT = text(160)
REPORTED = [
    Parameter("Kind", "kind", choice(*UnwantedKind.values), required=True, help="calls, messages or both."),
    Parameter("PerDay", "a_day", integer(1, MOST_A_DAY), required=True, help="Calls and messages a day, about."),
    Parameter(
        "Since",
        "since",
        Format(_day, {"type": "string", "format": "date"}),
        help="The first day of it, UTC; that of the purchase unless given.",
    ),
    Parameter("Note", "note", Format(_note, _SHORT.schema), help="No callers, no contents of messages."),
]
AT = Parameter("At", "at", instant, help="An instant that is past, ISO 8601 with its offset; now unless given.")
#: So far the clocks of our hosts may be apart: who asks with an instant that we have just told is not refused.
APART = timedelta(seconds=5)


def past(at: datetime | None) -> datetime:
    """The instant that is asked for. Raises Refusal 20001 for one that has not come yet."""
    now = timezone.now()
    if at is not None and at > now + APART:
        raise Refusal(20001, "Invalid parameter At: it lies in the future")
    return at or now
