"""What may be waited for: the filters of a search that stay true while one waits."""

from datetime import timedelta
from typing import Any

from api.available.parameters import FILTERS, criteria
from api.parameters import Format, Parameter, choice, country, integer, text, url
from inventory.models import WaitMode
from inventory.waitlist.entries import LONGEST, USUAL, Wish
from numbering.patterns import Pattern
from numbering.types import NumberType


def _contains(value: str) -> str:
    """The pattern as it was written; a plus sign that was not percent-encoded arrives as a space."""
    text_ = f"+{value[1:]}" if value[:1] == " " else value
    Pattern.parse(text_)
    return text_


_OF_SEARCH = ("AreaCode", "VoiceEnabled", "SmsEnabled", "MmsEnabled", "FaxEnabled")
WISHED = [
    Parameter("IsoCountry", "country", country, required=True, help="Where the numbers are from."),
    Parameter("NumberType", "number_type", choice(*NumberType.values), help="local unless given."),
    *(each for each in FILTERS if each.name in _OF_SEARCH),
    Parameter("Contains", "contains", Format(_contains, text(16, min_length=2).schema)),
    Parameter("InLocality", "locality", text(128, min_length=1), help="The name of a town, as in a search."),
    Parameter("Quantity", "quantity", integer(1, 100), help="1 unless given."),
    Parameter("Mode", "mode", choice(*WaitMode.values), help="notify (the default), or reserve: held for 15 minutes."),
    Parameter("StatusCallback", "status_callback", url, code=21402, help="Called when numbers are there."),
    Parameter(
        "ExpiresIn", "seconds", integer(3600, int(LONGEST.total_seconds())), help="Seconds; 30 days unless given."
    ),
]


def wish(given: dict[str, Any]) -> dict[str, Any]:
    """The arguments of `entries.wait`, but for the account. Raises Refusal, as a search with these filters does."""
    asked = criteria(given["country"], NumberType(given.get("number_type", NumberType.LOCAL)), given)
    return {
        "wish": Wish(
            country=asked.country,
            number_type=asked.number_type,
            area_code=asked.area_code or "",
            locality=given.get("locality", ""),
            contains=given.get("contains", ""),
            capabilities=int(asked.capabilities),
        ),
        "quantity": given.get("quantity", 1),
        "mode": WaitMode(given.get("mode", WaitMode.NOTIFY)),
        "lasting": timedelta(seconds=given["seconds"]) if "seconds" in given else USUAL,
        "status_callback": given.get("status_callback", ""),
    }
