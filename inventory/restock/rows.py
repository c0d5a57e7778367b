"""Records read strictly and by columns: a refusal names the record and the field."""

from collections.abc import Hashable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np

from inventory.restock.demand import Floats, Ints
from inventory.restock.fields import Number

Record = Mapping[str, Any]
_LARGEST = int(np.finfo(np.float64).max)


class BadRecord(ValueError):
    """A record that is refused; `index` is its place among those of its kind."""

    def __init__(self, kind: str, name: object, field: str, problem: str, index: int) -> None:
        super().__init__(f"{kind} {name!r}, field {field!r}: {problem}")
        self.kind, self.index = kind, index


class Rows(NamedTuple):
    """Records of one kind, what they are called in a refusal, and where they were given, if not one after another."""

    kind: str
    rows: Sequence[Record]
    names: Sequence[Hashable]
    places: Sequence[int] = ()

    def refusal(self, index: int, field: str, problem: str) -> BadRecord:
        place = self.places[index] if self.places else index
        return BadRecord(self.kind, self.names[index], field, problem, place)

    def column(self, field: str) -> list[Any]:
        return [row.get(field) for row in self.rows]

    def refuse_unknown(self, known: frozenset[str]) -> None:
        """Raise BadRecord for what is no record, and for a field that nobody knows: most likely misspelt."""
        for index, row in enumerate(self.rows):
            if not isinstance(row, Mapping):
                raise self.refusal(index, "", f"{row!r} is not an object with fields")
            if unknown := row.keys() - known:
                raise self.refusal(index, min(map(str, unknown)), "is not a field that we know")

    def numbers(self, field: str, limits: Number) -> Floats:
        """A column of numbers: where one is absent the default, or NaN if there is none. Raises BadRecord."""
        values = self.column(field)
        if kinds := {kind for kind in set(map(type, values)) if not _is_number(kind)} - {type(None)}:
            first = next(index for index, value in enumerate(values) if type(value) in kinds)
            raise self.refusal(first, field, f"{values[first]!r} is not a number")
        absent = np.array([value is None for value in values], dtype=bool)
        column = _floats([0 if value is None else value for value in values])
        outside = np.flatnonzero(~absent & ~((column >= limits.least) & (column <= limits.most)))
        if outside.size:
            value = values[outside[0]]
            raise self.refusal(int(outside[0]), field, f"{value!r} is not from {limits.least:g} to {limits.most:g}")
        column[absent] = np.nan if limits.default is None else limits.default
        return column

    def whole(self, field: str, limits: Number) -> Floats:
        """A column of whole numbers, likewise."""
        column = self.numbers(field, limits)
        if (broken := np.flatnonzero(np.isfinite(column) & (column != np.floor(column)))).size:
            raise self.refusal(int(broken[0]), field, f"{column[broken[0]]:g} is not a whole number")
        return column

    def texts(self, field: str) -> list[str]:
        """A column of texts, blank where absent. Raises BadRecord."""
        values = self.column(field)
        for index, value in enumerate(values):
            if value is not None and not isinstance(value, str):
                raise self.refusal(index, field, f"{value!r} is not text")
        return [value or "" for value in values]

    def days(self, field: str, default: date | None = None) -> Ints:
        """A column of days, as ordinals. Raises BadRecord."""
        days = [self._day(index, field, value or default) for index, value in enumerate(self.column(field))]
        return np.array(days, dtype=np.int64)

    def _day(self, index: int, field: str, value: object) -> int:
        try:
            return day_of(value).toordinal()
        except (ValueError, OverflowError):
            problem = "is missing" if value is None else f"{value!r} is not a day such as 2026-11-21"
            raise self.refusal(index, field, problem) from None


def day_of(value: object) -> date:
    """The UTC day of a text in ISO 8601, of a time or of a date. Raises ValueError."""
    if isinstance(value, str):
        value = date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return (value.astimezone(UTC) if value.tzinfo else value).date()
    if isinstance(value, date):
        return value
    raise ValueError(f"{value!r} is not a day")


def _floats(values: list[Any]) -> Floats:
    try:
        return np.array(values, dtype=np.float64)
    except OverflowError:  # an integer of hundreds of digits
        return np.array([np.inf if value > _LARGEST else value for value in values], dtype=np.float64)


def _is_number(kind: type) -> bool:
    return issubclass(kind, int | float | Decimal | np.integer | np.floating) and kind is not bool
