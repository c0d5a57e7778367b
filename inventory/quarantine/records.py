"""The stays that a file or a list tells of (design A8), read strictly into arrays. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import phonenumbers

from inventory.quarantine import fields, statute
from inventory.quarantine.actions import Override
from inventory.quarantine.cells import Cell, governing, threshold
from inventory.quarantine.fields import BadRecord, Record
from inventory.quarantine.history import Bools
from inventory.quarantine.likelihood import Floats, Ints
from inventory.quarantine.reckoning import NO_MAXIMUM, NO_OVERRIDE, OVERRIDES, Columns
from numbering.plan import calling_code, facts

SOURCES = ("released", "onboarded_used", "onboarded_new")
_DIGITS = re.compile(r"[1-9][0-9]{6,14}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Stay:
    """One stay in quarantine as a record tells it, with what is absent filled in: docs/quarantine.md."""

    shown: Any  # the number as it was given
    number: str
    source: str
    entered_on: date
    minimum: int
    maximum: int | None
    country: str
    number_type: str
    cell: Cell
    bg: float | None
    alpha: float
    retested: bool
    override: Override | None
    ended_on: date | None
    released: bool  # it ended by going on sale
    sentinel: bool

    @property
    def kind(self) -> str:
        """The cell's name."""
        return f"{self.country or 'any'} {self.number_type}"


@dataclass(frozen=True)
class Stays:
    """Stays and their columns; days are ordinals."""

    rows: list[Stay]
    bg_of: Mapping[str, float] = field(default_factory=dict)  # measured, by kind

    def ints(self, name: str) -> Ints:
        """A column of whole numbers."""
        return _ints(getattr(row, name) for row in self.rows)

    @property
    def entered(self) -> Ints:
        """The day of age 0."""
        return _ints(row.entered_on.toordinal() for row in self.rows)

    @property
    def source(self) -> Ints:
        """The index in SOURCES."""
        return _ints(SOURCES.index(row.source) for row in self.rows)

    @property
    def bg(self) -> Floats:
        """As the record says, else as measured, else as in `cells.yaml`."""
        found = (row.bg or self.bg_of.get(row.kind) or row.cell.bg for row in self.rows)
        return np.array(list(found), dtype=np.float64)

    @property
    def columns(self) -> Columns:
        """All that the arithmetic asks for."""
        rows = self.rows
        return Columns(
            entered=self.entered,
            source=self.source,
            bg=self.bg,
            k=self.k,
            minimum=self.ints("minimum"),
            maximum=_ints(NO_MAXIMUM if row.maximum is None else row.maximum for row in rows),
            alpha=np.array([row.alpha for row in rows], dtype=np.float64),
            retested=_bools(row.retested for row in rows),
            private=_bools(row.cell.privacy for row in rows),
            may_give_up=_bools(row.cell.may_give_up for row in rows),
            override=_ints(OVERRIDES.index(row.override) if row.override else NO_OVERRIDE for row in rows),
        )

    @property
    def k(self) -> Ints:
        """The threshold."""
        return _ints(threshold(bg) for bg in self.bg.tolist())


def _ints(values: Iterable[int]) -> Ints:
    return np.array(list(values), dtype=np.int64)


def _bools(values: Iterable[bool]) -> Bools:
    return np.array(list(values), dtype=np.bool_)


def read_stays(what: str, records: Iterable[Record], on: date | None = None) -> list[Stay]:
    """Every stay, in the given order. `on` is the day for which overrides are looked at. Raises BadRecord."""
    stays = []
    for place, record in fields.each(what, records):
        try:
            stays.append(_stay(record, on or date.max))
        except BadRecord as error:
            raise BadRecord(place, str(error)) from None
    return stays


def _stay(record: Record, on: date) -> Stay:
    number = fields.number(record, "number")
    entered = fields.day(record, "entered_on")
    if entered is None:
        raise BadRecord("entered_on", "the day of the disconnect or the delivery, such as 2026-11-21")
    source = fields.text(record, "source", "released")
    if source not in SOURCES:
        raise BadRecord("source", f"one of {', '.join(SOURCES)}")
    country, number_type = _kind(record, number)
    least, most = _limits(record, (country, number_type, fields.text(record, "previous_use"), source, entered))
    cell = governing(country, number_type, max(entered, min(on, date.max)))
    alpha = fields.rate(record, "alpha", 0, 1)
    ended, released = _end(record)
    return Stay(
        shown=record["number"],
        number=number,
        source=source,
        entered_on=entered,
        minimum=least,
        maximum=most,
        country=country,
        number_type=number_type,
        cell=cell,
        bg=fields.rate(record, "bg", 1e-4, 100),
        alpha=cell.alpha if alpha is None else alpha,
        retested=fields.flag(record, "retest_passed", default=True),
        override=_override(record, on),
        ended_on=ended,
        released=released,
        sentinel=fields.flag(record, "sentinel", default=False),
    )


def _kind(record: Record, number: str) -> tuple[str, str]:
    """Country and type as given, else as the numbering plan says; a country is guessed from its calling code last."""
    country, number_type = fields.text(record, "country").upper(), fields.text(record, "number_type")
    if (country and number_type) or not _DIGITS.fullmatch(number):
        return country, number_type or "local"
    plan = facts(int(number))
    main = phonenumbers.region_code_for_country_code(calling_code(int(number)) or 0)
    guessed = main if len(main) == 2 and main.isalpha() and main != "ZZ" else ""
    return country or plan.country or guessed, number_type or plan.number_type or "local"


def _limits(record: Record, of: tuple[str, str, str, str, date]) -> tuple[int, int | None]:
    """The record's own limits, and never a minimum below that of the law; where it has none, law and policy."""
    least, most = fields.count(record, "min_days", None), fields.count(record, "max_days", None)
    usual = statute.limits(*of)
    least = usual.minimum if least is None else max(least, statute.legal(*of).minimum)
    return least, most if "max_days" in record else usual.maximum


def _override(record: Record, on: date) -> Override | None:
    """What a person decided, if it is in force: a word, or an object with `action`, `until` and `expires_on`.

    The two days are the first on which it no longer counts.
    """
    given = record.get("override")
    if given is None or given == "":
        return None
    said: Record = given if isinstance(given, Mapping) else {"action": given}
    try:
        override = Override(fields.text(said, "action"))
    except ValueError:
        raise BadRecord("override", f"one of {', '.join(Override)}, alone or as `action` of an object") from None
    ends = [day for name in ("until", "expires_on") if (day := fields.day(said, name))]
    return override if all(on < day for day in ends) else None


def _end(record: Record) -> tuple[date | None, bool]:
    """When a stay ended, and whether on sale: `ended_on` and `action`, or A8's `state_day` of a final `action`."""
    action = fields.text(record, "action")
    ended = fields.day(record, "ended_on")
    if ended is None and action in ("release", "retire"):
        ended = fields.day(record, "state_day")
    return ended, ended is not None and action != "retire"
