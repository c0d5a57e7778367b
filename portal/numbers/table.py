"""The list as a file for spreadsheets, written while it is sent, however long it is."""

import csv
from collections.abc import Iterable, Iterator

from inventory.models import Did
from numbering.types import capability_names
from portal.numbers.owned import place_of, price_of

COLUMNS = (
    *("number", "sid", "name", "country", "type", "place", "carries", "state", "since", "protected"),
    *("monthly_price", "currency", "voice_url", "sms_url", "status_callback", "address_sid", "bundle_sid"),
)
#: What a spreadsheet takes for a formula (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def lines(dids: Iterable[Did]) -> Iterator[str]:
    """The head, and a line for each number (RFC 4180)."""
    write = csv.writer(_Echo()).writerow
    yield write(COLUMNS)
    for did in dids:
        yield write(_cells(did))


def harmless(text: str) -> str:
    """What customers wrote, so that no spreadsheet runs it."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _cells(did: Did) -> list[str]:
    number, price = did.number, price_of(did)
    return [
        f"+{number.e164}",  # digits alone: a spreadsheet makes nothing worse of them than a number
        did.sid,
        harmless(did.friendly_name),
        number.country,
        number.number_type,
        harmless(place_of(did)),
        " ".join(capability_names(number.capabilities)),
        number.state,
        did.created_at.isoformat(),
        "yes" if did.protected_since else "no",
        str(price.monthly) if price else "",
        price.currency if price else "",
        *(harmless(url) for url in (did.voice_url, did.sms_url, did.status_callback)),
        did.address_sid,
        did.bundle_sid,
    ]


class _Echo:
    """Gives each line back instead of keeping it."""

    def write(self, line: str) -> str:
        """The line."""
        return line
