"""What staff see of a decision: every term, the provider and why, one sentence, whether a person must approve (B5)."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np

from inventory.restock.choice import Choice
from inventory.restock.demand import Floats, Ints
from inventory.restock.records import Table

#: The symbols of part B, in its order; `price` is what one number costs by the provider's choice. `honesty` is told
#: only where somebody has judged the provider's list.
TERMS = (
    *("N", "Q", "Q2", "e", "m0", "q0", "r0", "m1", "m2", "a", "b", "lam", "daily"),
    *("L", "sd_L", "R", "mean", "var", "level", "floor", "s", "up_to", "cap"),
    *("available", "on_order", "firm", "kept", "expected_returns", "position"),
    *("MOQ", "capacity", "unit_cost", "order_cost", "monthly_cost", "honesty", "price", "cost_limit"),
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """One for each SKU and night. `quantity` below zero is handed back; `terms` are what it follows from.

    `key` makes it happen once, however often the night is run. `cost` is that of the order, None where not known.
    `status`: nothing, approved (of itself, under the cost limit) or proposed (a person must approve: `approval`).
    """

    key: str
    sku: Hashable
    day: date
    provider: str
    chosen: str
    quantity: int
    cost: Decimal | None
    status: str
    approval: str
    sentence: str
    terms: dict[str, float | None]

    def record(self) -> dict[str, Any]:
        """The proposal as JSON can hold it."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        return plain | {"day": self.day.isoformat(), "cost": None if self.cost is None else str(self.cost)}


class _Source(NamedTuple):
    """Who delivers, and why they were chosen."""

    provider: str
    chosen: str


def proposals(day: date, table: Table, taken: Choice, terms: dict[str, Floats], quantity: Ints) -> list[Proposal]:
    """One proposal for each SKU; the arrays are columns by SKU."""
    columns = zip(*(_plain(terms[name]) for name in TERMS), strict=True)
    offers, counts = np.bincount(table.offers.sku).tolist(), taken.eligible.tolist()
    rows = zip(table.keys, taken.offer.tolist(), quantity.tolist(), columns, offers, counts, strict=True)
    return [
        _proposal(day, sku, _Source(table.offers.provider[offer], _chosen(of, count)), units, _terms(row))
        for sku, offer, units, row, of, count in rows
    ]


def _terms(row: Iterable[float | None]) -> dict[str, Any]:
    terms = dict(zip(TERMS, row, strict=True))
    return {name: value for name, value in terms.items() if name != "honesty" or value is not None}


def _plain(column: Floats) -> list[float | None]:
    """Numbers that JSON knows: None for what is not known or has no end."""
    values: list[float | None] = column.tolist()
    for index in np.flatnonzero(~np.isfinite(column)).tolist():
        values[index] = None
    return values


def _proposal(day: date, sku: Hashable, source: _Source, quantity: int, terms: dict[str, Any]) -> Proposal:
    cost = _cost(quantity, terms)
    approval = _approval(quantity, cost, terms)
    return Proposal(
        key=f"{sku}:{day.isoformat()}",
        sku=sku,
        day=day,
        provider=source.provider,
        chosen=source.chosen,
        quantity=quantity,
        cost=cost,
        status="nothing" if not quantity else "proposed" if approval else "approved",
        approval=approval,
        sentence=_sentence(quantity, source.provider, terms),
        terms=terms,
    )


def _chosen(offers: int, eligible: int) -> str:
    if offers == 1:
        return "the only offer"
    if eligible:
        return f"the cheapest of {eligible} (of {offers}) that can bring the position to the reorder point"
    return f"the fastest: none of {offers} can bring the position to the reorder point"


def _cost(quantity: int, terms: dict[str, Any]) -> Decimal | None:
    """What an order costs; handing back costs nothing that we know of."""
    if quantity <= 0:
        return Decimal(0)
    if terms["unit_cost"] is None:
        return None
    return Decimal(str(terms["unit_cost"])) * quantity + Decimal(str(terms["order_cost"]))


def _approval(quantity: int, cost: Decimal | None, terms: dict[str, Any]) -> str:
    """Why a person must approve; blank if nobody must."""
    if quantity < 0:
        return "numbers are handed back"
    if quantity and cost is None:
        return "what it costs is not known"
    if cost is None or cost <= Decimal(str(terms["cost_limit"])):
        return ""
    lot = f"; one lot is more than 365 days of demand ({terms['cap']:.1f})" if terms["MOQ"] > terms["cap"] else ""
    return f"it costs {cost}, more than {terms['cost_limit']:g}{lot}"


def _sentence(quantity: int, provider: str, terms: dict[str, Any]) -> str:
    days = terms["L"] + terms["R"]
    least = ", its floor" if terms["s"] == terms["floor"] else ""
    return (
        f"{terms['mean']:.1f} expected in {days:g} days, at {100 * terms['level']:g} % service: "
        f"reorder point {terms['s']:g}{least}; position {terms['position']:.4g}: {_action(quantity, provider, terms)}."
    )


def _action(quantity: int, provider: str, terms: dict[str, Any]) -> str:
    if quantity > 0:
        source = f" from {provider}" if provider else ""
        return f"order {quantity}{source}"
    if quantity < 0:
        return f"hand back {-quantity} of {terms['available']:g} available"
    if terms["position"] <= terms["s"]:
        return "nothing ordered, since the provider can deliver none"
    return "no order"
