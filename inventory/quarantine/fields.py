"""Reading records strictly: each mistake names the place and the field. Pure."""

import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

Record = Mapping[str, Any]
MOST = 1_000_000  # contacts of a day; days


class BadRecord(ValueError):
    """The message names the list, the place in it (counted from 1), the field and what was expected."""

    def __init__(self, field: str, expected: str) -> None:
        super().__init__(f"{field}: {expected}")


def each(what: str, records: Iterable[Record]) -> Iterator[tuple[str, Record]]:
    """Each record with its place."""
    for line, record in enumerate(records, start=1):
        place = f"{what} {line}"
        if not isinstance(record, Mapping):
            raise BadRecord(place, "an object with fields")
        yield place, record


def text(record: Record, field: str, default: str = "") -> str:
    """A text; a number stands for its digits."""
    given = record.get(field)
    if given is None:
        return default
    if isinstance(given, bool) or not isinstance(given, str | int):
        raise BadRecord(field, "a text")
    return str(given).strip()


def number(record: Record, *fields: str) -> str:
    """A telephone number as one spelling: without the plus sign and the spaces."""
    for field in fields:
        if record.get(field) is not None:
            found = text(record, field).removeprefix("+").replace(" ", "")
            if found:
                return found
            break
    raise BadRecord(fields[0], "a number, such as +14155550123")


def count(record: Record, field: str, default: int | None = 0) -> int | None:
    """A whole number from 0 to a million; null is the default."""
    given = record.get(field)
    if given is None:
        return default
    if isinstance(given, float) and given.is_integer():
        given = int(given)
    if isinstance(given, bool) or not isinstance(given, int) or not 0 <= given <= MOST:
        raise BadRecord(field, f"a whole number from 0 to {MOST}")
    return given


def rate(record: Record, field: str, least: float, most: float) -> float | None:
    """A number between two others; None where there is none."""
    given = record.get(field)
    if given is None:
        return None
    usual = isinstance(given, int | float) and not isinstance(given, bool)
    if not usual or not math.isfinite(given) or not least <= given <= most:
        raise BadRecord(field, f"a number from {least:g} to {most:g}")
    return float(given)


def flag(record: Record, field: str, default: bool) -> bool:
    """True or false; null is the default. 1 and 0 will do."""
    given = record.get(field)
    if given is None:
        return default
    if given in (True, False):
        return bool(given)
    raise BadRecord(field, "true or false")


def day(record: Record, field: str) -> date | None:
    """A UTC calendar day: a date, or ISO text of a day or a moment; None where there is none."""
    given = record.get(field)
    if given is None:
        return None
    try:
        return calendar_day(given)
    except (TypeError, ValueError, OverflowError):
        raise BadRecord(field, "a day such as 2026-11-21") from None


def calendar_day(given: object) -> date:
    """The UTC day of a date, a moment (without an offset it is UTC), or the ISO text of either.

    Raises ValueError, TypeError.
    """
    if isinstance(given, datetime):
        return given.astimezone(UTC).date() if given.tzinfo else given.date()
    if isinstance(given, date):
        return given
    if isinstance(given, str):
        return _day_of(given) if len(given) == 10 else calendar_day(datetime.fromisoformat(given))
    raise TypeError("neither a date nor text")


@lru_cache(4_096)
def _day_of(written: str) -> date:
    return date.fromisoformat(written)
