"""The headers of one message: an ordered multi-map whose names ignore case and compact form (RFC 3261 7.3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .errors import MalformedMessage
from .values import split_list

_COMPACT = {  # RFC 3261 7.3.3 and 20; x, b, a, u, o, r from their own RFCs (IANA SIP parameters)
    "i": "Call-ID",
    "m": "Contact",
    "e": "Content-Encoding",
    "l": "Content-Length",
    "c": "Content-Type",
    "f": "From",
    "s": "Subject",
    "k": "Supported",
    "t": "To",
    "v": "Via",
    "x": "Session-Expires",
    "y": "Identity",
    "o": "Event",
    "r": "Refer-To",
    "u": "Allow-Events",
    "b": "Referred-By",
    "a": "Accept-Contact",
    "j": "Reject-Contact",
    "d": "Request-Disposition",
}
_TOKEN = re.compile(r"[A-Za-z0-9.!%*_+`'~-]+")
# Tab is white space; every other control character could end the line for somebody down the road.
CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class Headers:
    """Values keep their order and text. Writing refuses anything that could inject a line."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Iterable[tuple[str, str]] = ()) -> None:
        self._rows: list[tuple[str, str, str]] = []
        for name, value in rows:
            self.add(name, value)

    def add(self, name: str, value: str) -> None:
        """Append a value; raises `MalformedMessage` for a name or value that would break the message."""
        self._rows.append(_row(name, value))

    def insert(self, name: str, value: str) -> None:
        """Put a value before all others, as a Via is pushed."""
        self._rows.insert(0, _row(name, value))

    def replace(self, name: str, value: str) -> None:
        """Replace every value of the header by this one, in the place of the first."""
        row = _row(name, value)
        at = next((i for i, old in enumerate(self._rows) if old[0] == row[0]), len(self._rows))
        kept = [old for old in self._rows if old[0] != row[0]]
        kept.insert(at, row)
        self._rows = kept

    def remove(self, name: str) -> None:
        key = _name(name).lower()
        self._rows = [row for row in self._rows if row[0] != key]

    def get(self, name: str) -> str | None:
        """The first value as it was written, or None."""
        key = name.lower()
        for row, _, value in self._rows:
            if row == key:
                return value
        return None

    def all(self, name: str) -> list[str]:
        """Every value as it was written; for headers whose values may hold bare commas (digest challenges)."""
        key = name.lower()
        return [value for row, _, value in self._rows if row == key]

    def joined(self, name: str) -> str | None:
        """Every value in one, as RFC 3261 7.3.1 allows lists to be written; None where there is no such header."""
        return ", ".join(self.all(name)) or None

    def elements(self, name: str) -> list[str]:
        """Every element of a header that is a comma separated list: Via, Route, Contact, Supported..."""
        return [part for value in self.all(name) for part in split_list(value)]

    def tokens(self, name: str) -> set[str]:
        """The elements in lower case without parameters: option tags, methods."""
        return {part.partition(";")[0].strip().lower() for part in self.elements(name)}

    def copy(self) -> Headers:
        twin = Headers()
        twin._rows = list(self._rows)
        return twin

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return ((name, value) for _, name, value in self._rows)

    def __contains__(self, name: str) -> bool:
        return self.get(name) is not None

    def __len__(self) -> int:
        return len(self._rows)

    def __repr__(self) -> str:
        return f"Headers({list(iter(self))!r})"


def _name(name: str) -> str:
    return _COMPACT.get(name.lower(), name) if len(name) == 1 else name


def _row(name: str, value: str) -> tuple[str, str, str]:
    if not _TOKEN.fullmatch(name):
        raise MalformedMessage(f"not a header name: {name[:40]!r}")
    if CONTROL.search(value):
        raise MalformedMessage(f"control character in the value of {name}")
    name = _name(name)
    return name.lower(), name, value.strip()
