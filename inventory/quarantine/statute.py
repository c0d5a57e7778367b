"""How long a number must rest by law, from the shipped country files: for records that don't come from our database.

The database has the same as `compliance.AgingRule` rows. The law is the floor under what a record says, whatever that
is; only numbers that were never in service (`onboarded_new`) have none. Pure.
"""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from compliance.rulebook.country_files import COUNTRY_FILES
from compliance.rulebook.reading import read
from inventory.quarantine import policy

NEW = "onboarded_new"


class Limits(NamedTuple):
    """Days since the disconnect or the delivery; no maximum is None."""

    minimum: int
    maximum: int | None


@cache
def legal(country: str, number_type: str, previous_use: str, source: str, on: date) -> Limits:
    """What the law says of a stay that began that day: nothing is (0, None).

    Where the former use is not known, the business rule is taken: it never has the shorter minimum.
    """
    aging = _aging(country)
    if source == NEW or on < _since(aging.get("effective_from")):
        return Limits(0, None)
    by_use = {"any": aging} | dict(aging.get("by_previous_use") or {})
    found = next((by_use[use] for use in (number_type, previous_use or "business", "any") if use in by_use), {})
    return Limits(found.get("minimum_days") or 0, found.get("maximum_days"))


@cache
def limits(country: str, number_type: str, previous_use: str, source: str, on: date) -> Limits:
    """What governs where a record gives no limits: the longer minimum of law and policy, the law's maximum first."""
    law, house = legal(country, number_type, previous_use, source, on), policy.governing(source, country, on)
    least = max(law.minimum, house.minimum_days)
    if law.maximum is not None:
        return Limits(min(least, law.maximum), law.maximum)
    return Limits(least, None if house.maximum_days is None else max(least, house.maximum_days))


@cache
def _aging(country: str) -> Mapping[str, Any]:
    path = COUNTRY_FILES / f"{country.lower()}.yaml"
    if not (len(country) == 2 and country.isalpha() and country.isascii() and path.exists()):
        return {}
    found: Mapping[str, Any] = read(path.read_bytes()).document.get("aging") or {}
    return found


def _since(written: str | None) -> date:
    """A law of "2024" or "2017-04" is in force from the first day of that time; without a day since ever."""
    return date.fromisoformat(f"{written}-01-01"[:10]) if written else date.min
