"""Days and terms as papers and rules state them."""

import re
from calendar import monthrange
from datetime import date

_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)


def day_of(text: str) -> date | None:
    """ "2026-11-20" (ISO 8601, the extended form only) as a day; None: it is none."""
    if not (parts := _ISO.fullmatch(text)):
        return None
    try:
        return date(*map(int, parts.groups()))
    except ValueError:
        return None


def is_older(issued: date, months: int, on: date) -> bool:
    """Whether more than that many calendar months have gone by; on the same day of the month they have not.

    Where the month has no such day, the term ends with the last one (Regulation (EEC) 1182/71, article 3(2)(c)).
    """
    over, month = divmod(issued.month - 1 + months, 12)
    year, month = issued.year + over, month + 1
    last = min(issued.day, monthrange(year, month)[1])
    return (on.year, on.month, on.day) > (year, month, last)
