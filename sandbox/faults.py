"""Which fault strikes what: read from data/faults.yaml, drawn from the seed, or forced by a test."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from sandbox.draws import draw
from sandbox.settings import DATA

STOCK = DATA / "faults.yaml"


class BadFaults(ValueError):
    """The faults file names something that does not exist."""


@dataclass(frozen=True, slots=True)
class NumberFault:
    """One row of the table: what is wrong with a number for life, and which of the lab's tests must notice."""

    kind: str
    severity: str
    weight: float
    needs: str
    mechanism: str
    parameters: Mapping[str, Any]
    fails: tuple[str, ...]
    may_fail: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()  # of the numbers that can have it; empty: all


@dataclass(frozen=True, slots=True)
class FaultTable:
    service: Mapping[str, Mapping[str, Any]]
    numbers: Sequence[NumberFault]

    def of_kind(self, kind: str, severity: str | None) -> NumberFault | None:
        """The first row of this kind (and severity, if given)."""
        rows = (row for row in self.numbers if row.kind == kind and severity in (None, row.severity))
        return next(rows, None)

    def of_number(self, number: str, *, seed: int, share: float, capabilities: Sequence[str]) -> NumberFault | None:
        """The fault that this number carries, or None for the healthy: the same for ever for one seed."""
        if draw(seed, "faulty", number) >= share:
            return None
        rows = [row for row in self.numbers if row.needs in capabilities and number.startswith(row.prefixes or ("+",))]
        left = draw(seed, "fault kind", number) * sum(row.weight for row in rows)
        for row in rows:
            left -= row.weight
            if left < 0:
                return row
        return None


@dataclass(slots=True)
class ServiceFaults:
    """Decides, one occasion after the other, whether a fault of the service strikes."""

    table: Mapping[str, Mapping[str, Any]]
    seed: int
    occasions: Counter[tuple[str, str]] = field(default_factory=Counter)
    forced: Counter[tuple[str, str | None, str | None]] = field(default_factory=Counter)

    def force(self, kind: str, *, carrier: str | None, key: str | None, times: int) -> None:
        """Strike the next `times` occasions, of one carrier and key (number, client reference) or of any."""
        self.forced[kind, carrier, key] += times

    def strikes(self, kind: str, carrier: str, key: str) -> Mapping[str, Any] | None:
        """The fault's parameters if it strikes this number or order, else None."""
        row = self.table[kind]
        if self._is_forced(kind, carrier, key) or draw(self.seed, kind, carrier, key) < row["rate"]:
            return row
        return None

    def strikes_request(self, kind: str, carrier: str) -> Mapping[str, Any] | None:
        """Likewise for the next request to a carrier; faults with a `burst` strike so many in a row."""
        occasion = self.occasions[kind, carrier]
        self.occasions[kind, carrier] += 1
        return self.strikes(kind, carrier, f"burst {occasion // self.table[kind].get('burst', 1)}")

    def _is_forced(self, kind: str, carrier: str, key: str) -> bool:
        for wanted in ((kind, carrier, key), (kind, None, key), (kind, carrier, None), (kind, None, None)):
            if self.forced[wanted] > 0:
                self.forced[wanted] -= 1
                return True
        return False


def load(own: Path | None = None) -> FaultTable:
    """The stock table, or what an own file makes of it.

    An own `service` section names the faults that happen (the others never do); an own `numbers` section replaces
    the rows. What a row leaves out is taken from the stock row of the same kind (and severity).
    Raises BadFaults for an unknown service fault or a row that lacks a field.
    """
    stock = yaml.safe_load(STOCK.read_text())
    chosen = (yaml.safe_load(own.read_text()) or {}) if own else {}
    service, numbers = stock["service"], stock["numbers"]
    if "service" in chosen:
        service = _service(service, chosen["service"] or {})
    if "numbers" in chosen:
        numbers = [_completed(numbers, row) for row in chosen["numbers"] or []]
    return FaultTable(service, [_number_fault(row) for row in numbers])


def _service(stock: dict[str, Any], chosen: dict[str, Any]) -> dict[str, Any]:
    unknown = chosen.keys() - stock.keys()
    if unknown:
        raise BadFaults(f"no such fault of the service: {', '.join(sorted(unknown))}")
    return {kind: row | {"rate": 0.0} | chosen.get(kind, {}) for kind, row in stock.items()}


def _completed(stock: list[dict[str, Any]], row: dict[str, Any]) -> dict[str, Any]:
    for known in stock:
        if known["kind"] == row.get("kind") and row.get("severity") in (None, known["severity"]):
            return known | row
    return row


def _number_fault(row: dict[str, Any]) -> NumberFault:
    try:
        lists = {key: tuple(row.get(key, ())) for key in ("fails", "may_fail", "prefixes")}
        return NumberFault(**{**row, "weight": float(row.get("weight", 1)), **lists})
    except TypeError as error:
        raise BadFaults(f"{row.get('kind')}: {error}") from None
