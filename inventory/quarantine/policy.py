"""The platform's aging policy: dated rows of `policy.yaml`, read once."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

FILE = Path(__file__).with_name("policy.yaml")
ANY_COUNTRY = "any"


class PolicyRule(NamedTuple):
    """One row. Days count from the disconnect or the delivery; no maximum means no policy on it."""

    name: str
    source: str
    country: str
    minimum_days: int
    maximum_days: int | None
    valid_from: date
    why: str

    def __str__(self) -> str:
        return f"policy:{self.name}:{self.country}:{self.valid_from}"


class NoPolicy(LookupError):
    """No policy row is in force for this kind of number on this day."""


@cache
def _file() -> dict[str, Any]:
    return dict(yaml.safe_load(FILE.read_text(encoding="utf-8")))


@cache
def rules() -> tuple[PolicyRule, ...]:
    """Every row, oldest first."""
    rows = [PolicyRule(**row) for row in _file()["rules"]]
    return tuple(sorted(rows, key=lambda rule: rule.valid_from))


def governing(source: str, country: str, on: date) -> PolicyRule:
    """The row in force on that day: the country's own, else the one for any country. Raises NoPolicy."""
    found = {rule.country: rule for rule in rules() if rule.source == source and rule.valid_from <= on}
    try:
        return found.get(country) or found[ANY_COUNTRY]
    except KeyError:
        raise NoPolicy(f"{source} numbers of {country} on {on}") from None
