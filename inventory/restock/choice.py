"""From which provider (B3): the cheapest that can bring the position up to the reorder point, else the fastest.

The choice does not look at returns expected from quarantine: one more of them could otherwise make a provider eligible
that is cheaper and slower, and so raise the order.
"""

from typing import NamedTuple

import numpy as np

from inventory.restock.demand import Flags, Floats, Ints

MONTH = 30  # days


class Choice(NamedTuple):
    """For each SKU: the place of the offer taken, how many were eligible, what one number costs."""

    offer: Ints
    eligible: Ints
    price: Floats


def price(offers: dict[str, Floats], quantity: Floats, daily: Floats) -> Floats:
    """What one number costs that arrives: itself, its share of the order, and half the months that half a lot waits
    for a buyer; over the share of what is listed that can be bought."""
    waiting = offers["monthly_cost"] * offers["MOQ"] / (2 * MONTH * daily)
    each = offers["unit_cost"] + offers["order_cost"] / quantity + 0.5 * waiting
    return np.asarray(each / honesty(offers), dtype=np.float64)


def honesty(offers: dict[str, Floats]) -> Floats:
    """The share of what is listed that can be bought: all of it, where nobody has found otherwise."""
    return np.nan_to_num(offers["honesty"], nan=1.0)


def deliverable(offers: dict[str, Floats]) -> Floats:
    """The most units that can arrive: whole lots within the provider's capacity."""
    return np.asarray(np.floor(offers["capacity"] / offers["MOQ"]) * offers["MOQ"], dtype=np.float64)


def choose(sku: Ints, eligible: Flags, arriving: Floats, each: Floats, lead_time: Floats) -> Choice:
    """Take one offer for each SKU; `sku` goes up without a gap. Ties go to the faster, then to the first."""
    rank = np.where(arriving <= 0, 2, np.where(eligible, 0, 1))
    merit = np.where(rank == 0, each, lead_time)
    order = np.lexsort((lead_time, merit, rank, sku))
    _, first = np.unique(sku[order], return_index=True)
    counts = np.bincount(sku, (rank == 0).astype(np.float64)).astype(np.int64)
    return Choice(order[first], counts, each[order[first]])
