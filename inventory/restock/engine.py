"""One night: what to order and what to hand back, for all SKUs at once."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

import numpy as np

from inventory.restock import choice, reorder
from inventory.restock.choice import Choice
from inventory.restock.demand import Floats, Ints, State
from inventory.restock.proposals import Proposal, proposals
from inventory.restock.records import Returns, Table, read
from inventory.restock.reorder import Pool, Rates
from inventory.restock.rows import Record, day_of
from inventory.restock.surplus import surplus

Skus = Iterable[Record] | Mapping[Any, Record]
RETURNING = 0.9  # what an expected return counts in the position
_DAYS = 1 << 22  # more than any ordinal of a day


class _Night(NamedTuple):
    """Columns: `terms` by SKU, for the offer that is taken; `quantity` below zero is handed back."""

    taken: Choice
    terms: dict[str, Floats]
    quantity: Ints


def decide(day: date | str, skus: Skus, demand: Iterable[Record] = ()) -> dict[Any, int]:
    """How many numbers to order of each SKU at the end of `day`; below zero: how many to hand back, 0: nothing to do.

    `skus` are mappings with the fields of docs/restock.md, or a mapping of names to such; `demand` are demand events,
    of which those to the end of `day` count. An order is a multiple of the MOQ; what is handed back is available now.
    The same night asked twice answers the same. Raises BadRecord, which names SKU and field.
    """
    table = read(day_of(day), skus, demand)
    return dict(zip(table.keys, _night(day_of(day), table).quantity.tolist(), strict=True))


def propose(day: date | str, skus: Skus, demand: Iterable[Record] = ()) -> list[Proposal]:
    """The same as `decide`, with every term, the reasons, and whether a person must approve; one for each SKU."""
    on = day_of(day)
    table = read(on, skus, demand)
    night = _night(on, table)
    return proposals(on, table, night.taken, night.terms, night.quantity)


def _night(day: date, table: Table) -> _Night:
    known = reorder.rates(table.state, pooled := _pools(table))
    sku, numbers = table.offers.sku, table.offers.numbers
    each = _by_offer(day, table, known)
    taken = choice.choose(
        sku,
        each["s"] <= each["base"] + choice.honesty(numbers) * each["arriving"],
        each["arriving"],
        choice.price(numbers, each["lot"], known.daily[sku]),
        numbers["L"],
    )
    terms = table.given | {name: column[taken.offer] for name, column in (numbers | each).items()}
    terms |= table.state._asdict() | pooled._asdict() | known._asdict()
    terms |= {"level": table.level, "floor": table.floor, "daily": known.daily, "price": taken.price}
    return _Night(taken, terms, _quantity(terms))


def _quantity(terms: dict[str, Floats]) -> Ints:
    """B3, last lines: order at or below the reorder point; hand back what is far above it."""
    lots = reorder.lots(terms["up_to"] - terms["position"], terms["MOQ"], terms["cap"])
    spare = surplus(terms["available"] - terms["firm"], terms["kept"], terms["s"], terms["daily"], terms["MOQ"])
    signed = np.where(terms["position"] <= terms["s"], np.minimum(lots, terms["arriving"]), -spare)
    return signed.astype(np.int64)


def _by_offer(day: date, table: Table, known: Rates) -> dict[str, Floats]:
    """The symbols that depend on who delivers, one row for each offer."""
    sku, numbers = table.offers.sku, table.offers.numbers
    daily, given = known.daily[sku], {name: column[sku] for name, column in table.given.items()}
    protection = numbers["L"] + given["R"]
    known_each = Rates(*(column[sku] for column in known))
    mean, var = reorder.demand_until(known_each, protection, numbers["sd_L"])
    s = np.maximum(reorder.enough(table.level[sku], known_each, protection, numbers["sd_L"]), table.floor[sku])
    up_to = s + reorder.COVER * daily
    base = given["available"] + given["on_order"] - given["firm"]
    returns = given["expected_returns"] + _due(day, table.returns, sku, protection)
    cap = reorder.LONGEST_COVER * daily + given["firm"]  # what is sold ahead is no guess
    return {
        "protection": protection,
        "mean": mean,
        "var": var,
        "s": s,
        "up_to": up_to,
        "cap": cap,
        "base": base,
        "expected_returns": returns,
        "position": base + RETURNING * returns,
        "lot": reorder.lots(up_to - base, numbers["MOQ"], cap),
        "arriving": choice.deliverable(numbers),
    }


def _due(day: date, returns: Returns, sku: Ints, protection: Floats) -> Floats:
    """Expected returns of each offer: the numbers whose predicted day lies in its protection time, by their chances."""
    order = np.argsort(returns.sku * _DAYS + returns.day, kind="stable")
    keys = (returns.sku * _DAYS + returns.day)[order]
    sums = np.concatenate([[0.0], np.cumsum(returns.expected[order])])
    last = sku * _DAYS + day.toordinal() + np.floor(protection).astype(np.int64)
    due = sums[np.searchsorted(keys, last, "right")] - sums[np.searchsorted(keys, sku * _DAYS, "left")]
    return np.asarray(np.maximum(0.0, due), dtype=np.float64)


def _pools(table: Table) -> Pool:
    """For each SKU the values that it was given, or those of its market."""
    columns = np.empty((3, len(table.keys)))
    for market in np.unique(table.market):
        rows = np.flatnonzero(table.market == market)
        columns[:, rows] = np.array(reorder.pool(State(*(np.asarray(each)[rows] for each in table.state))))[:, None]
    given = (table.given[name] for name in Pool._fields)
    return Pool(*(np.where(np.isnan(own), column, own) for own, column in zip(given, columns, strict=True)))
