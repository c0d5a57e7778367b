"""How long a test passport is good for, by kind of number: dated rows of `retests.yaml`, read once."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml
from django.db.models import Case, DurationField, Value, When

from numbering.types import NumberType

FILE = Path(__file__).with_name("retests.yaml")
ANY = "any"
#: So much of the interval before its passport ends a number on sale is tested again.
MARGIN = 1 / 10


class RetestRule(NamedTuple):
    """One row. `number_type` and `country` may be "any"."""

    number_type: str
    country: str
    days: int
    valid_from: date
    why: str

    @property
    def conditions(self) -> dict[str, str]:
        """What a number must be for the rule to fit it."""
        named = {"number_type": self.number_type, "country": self.country}
        return {column: value for column, value in named.items() if value != ANY}

    @property
    def interval(self) -> timedelta:
        """How long the passport is good for."""
        return timedelta(days=self.days)


@cache
def rules() -> tuple[RetestRule, ...]:
    """Every row, in the order in which the first that fits wins."""
    rows = [RetestRule(**row) for row in yaml.safe_load(FILE.read_text(encoding="utf-8"))["rules"]]
    return tuple(sorted(rows, key=best_first))


def best_first(rule: RetestRule) -> tuple[bool, bool, int]:
    """Sort key: a rule for a type before one for a country, and the youngest of each."""
    return rule.number_type == ANY, rule.country == ANY, -rule.valid_from.toordinal()


def interval(country: str, number_type: NumberType | str, on: date) -> timedelta:
    """How long a passport that is issued on that day to such a number is good for."""
    kind = {"country": country, "number_type": str(number_type)}
    return next(rule.interval for rule in _in_force(on) if rule.conditions.items() <= kind.items())


def margin(country: str, number_type: NumberType | str, on: date) -> timedelta:
    """How long before its passport ends such a number is tested again."""
    return interval(country, number_type, on) * MARGIN


def margin_in_sql(on: date) -> Case:
    """`margin` of each row of numbers, computed by the database from the row's own kind."""
    *narrower, widest = _in_force(on)
    whens = [When(**rule.conditions, then=_value(rule)) for rule in narrower]
    return Case(*whens, default=_value(widest), output_field=DurationField())


def _in_force(on: date) -> Iterator[RetestRule]:
    """Ends with the rule for any number, which has been there since ever: so one always fits."""
    return (rule for rule in rules() if rule.valid_from <= on)


def _value(rule: RetestRule) -> Value:
    return Value(rule.interval * MARGIN, output_field=DurationField())
