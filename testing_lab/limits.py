"""What a number must keep to pass: dated rows by test and quantity, for a country, a kind of number, a scope, or all.

`data/limits.yaml` brings them, the database keeps them, staff add to them. A run reads them once, and from then on they
are plain data: judges ask `line.limits["V02", "delay_s"]`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

from numbering.types import NumberType

FILE = Path(__file__).with_name("data") / "limits.yaml"

#: Every unit of a limit, with the least and the most that can be meant and measured. At most two calls of a number are
#: up at once (`exchanges.lanes`); waits are cut from these seconds, and no run should take much longer than its calls.
BOUNDS: dict[str, tuple[float, float]] = {
    "s": (-1, 120),
    "ms": (0, 2000),
    "%": (0, 100),
    "MOS-CQE": (1, 5),
    "0..1": (0, 1),
    "calls": (1, 2),
    "bits": (0, 64),
    "required": (0, 1),
}


class Scope(StrEnum):
    """Whether a call between the reference number and the number under test stays in one country."""

    NATIONAL = "national"
    INTERNATIONAL = "international"


class BadLimits(Exception):
    """The file can't be used; the message says where and why."""


class NoLimit(LookupError):
    """No row is in force for a quantity that a test reads."""


@dataclass(frozen=True, slots=True)
class LimitRow:
    """One row. An empty `country`, `number_type` or `scope` means all of them."""

    code: str
    quantity: str
    unit: str
    value: float
    effective_from: date
    source: str
    country: str = ""
    number_type: str = ""
    scope: str = ""

    @property
    def key(self) -> tuple[object, ...]:
        """What there is one row of."""
        return self.code, self.quantity, self.country, self.number_type, self.scope, self.effective_from

    @property
    def rank(self) -> tuple[bool, bool, bool, date]:
        """The greatest of the rows that fit a line governs it: the most specific one, then the latest."""
        return bool(self.country), bool(self.number_type), bool(self.scope), self.effective_from

    @property
    def shown(self) -> str:
        """The value as a passport tells it."""
        if self.unit == "required":
            return "required" if self.value else "optional"
        return f"{self.value:g}"

    def fits(self, country: str, number_type: str, scope: str) -> bool:
        """Whether the row is meant for such lines."""
        asked = ((self.country, country), (self.number_type, number_type), (self.scope, scope))
        return all(own in ("", wanted) for own, wanted in asked)


@dataclass(frozen=True, slots=True)
class Limits:
    """The rows that govern one line."""

    rows: Mapping[tuple[str, str], LimitRow]

    def __getitem__(self, of: tuple[str, str]) -> float:
        """The value by code and quantity, in the unit of its row. Raises NoLimit."""
        return self.row(*of).value

    def row(self, code: str, quantity: str) -> LimitRow:
        """The row that governs. Raises NoLimit."""
        try:
            return self.rows[code, quantity]
        except KeyError:
            raise NoLimit(f"{code} has no limit for {quantity} here and now") from None

    def shown(self, code: str, template: str) -> str:
        """The sentence with its quantities, such as `<= {delay_s} s`, filled in. Raises NoLimit."""
        return template.format_map(_Shown(self, code))


class _Shown(dict[str, str]):
    def __init__(self, limits: Limits, code: str) -> None:
        super().__init__()
        self._limits, self._code = limits, code

    def __missing__(self, quantity: str) -> str:
        return self._limits.row(self._code, quantity).shown


def in_force(rows: Iterable[LimitRow], on: date) -> tuple[LimitRow, ...]:
    """The rows whose day has come, the lowest rank first."""
    return tuple(sorted((row for row in rows if row.effective_from <= on), key=lambda row: row.rank))


@lru_cache(maxsize=256)
def governing(rows: tuple[LimitRow, ...], country: str, number_type: str, scope: str) -> Limits:
    """What `in_force` gave, for one kind of line: of each quantity the row of the highest rank."""
    return Limits({(row.code, row.quantity): row for row in rows if row.fits(country, number_type, scope)})


@cache
def stock() -> tuple[LimitRow, ...]:
    """The rows of our own file, all days. Raises BadLimits."""
    return tuple(read(FILE))


def read(path: Path) -> Iterator[LimitRow]:
    """The rows of a file. Raises BadLimits."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        for code, quantities in document.items():
            for quantity, entry in quantities.items():
                yield from (_row(code, quantity, entry["unit"], row) for row in entry["rows"])
    except (yaml.YAMLError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise BadLimits(f"{path.name}: {error!r}") from error


def _row(code: str, quantity: str, unit: str, entry: Mapping[str, Any]) -> LimitRow:
    row = LimitRow(code, quantity, unit, **{**entry, "value": float(entry["value"])})
    if wrong := fault(row):
        raise BadLimits(f"{code} {quantity}: {wrong}")
    return row


def fault(row: LimitRow) -> str:
    """What is wrong with the row; nothing when it can be used."""
    least, most = BOUNDS.get(row.unit, (0, 0))
    faults = {
        f"{row.effective_from!r} is no day": not isinstance(row.effective_from, date),
        f"unknown unit {row.unit!r}": row.unit not in BOUNDS,
        f"{row.value:g} {row.unit} is not within {least:g} to {most:g}": not least <= row.value <= most,
        f"unknown number type {row.number_type!r}": row.number_type not in ("", *NumberType.values),
        f"unknown scope {row.scope!r}": row.scope not in ("", *Scope),
        f"{row.country!r} is no country": not (row.country == "" or _is_alpha2(row.country)),
    }
    return next((told for told, holds in faults.items() if holds), "")


def _is_alpha2(text: str) -> bool:
    return len(text) == 2 and text.isascii() and text.isalpha() and text.isupper()
