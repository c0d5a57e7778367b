"""B2: the demand of a SKU as four sums that fade with a half-life of 90 days.

`N` orders, `Q` units, `Q2` the sum of units squared, `e` days; each day counts `d` times what the next one does.
Demand is what was requested, filled or not. One order counts as 100 units at most: larger ones are quoted with the lead
time and bought for their customer, so they say nothing about what the shelf must hold.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

HALF_LIFE = 90.0  # days
FADING = 0.5 ** (1 / HALF_LIFE)
BULK = 100  # units of one order, at most


class State(NamedTuple):
    """The sums of one SKU (floats) or of many (arrays of one length)."""

    N: float | Floats = 0.0
    Q: float | Floats = 0.0
    Q2: float | Floats = 0.0
    e: float | Floats = 0.0


def capped(units: Ints) -> Floats:
    """Units of orders as they count."""
    return np.minimum(units, BULK).astype(np.float64)


def nightly(state: State, orders: Iterable[int]) -> State:
    """The state after one more day, on which orders of so many units were asked for."""
    units = capped(np.array([each for each in orders if each > 0], dtype=np.int64))
    return State(
        FADING * state.N + len(units),
        FADING * state.Q + float(units.sum()),
        FADING * state.Q2 + float((units**2).sum()),
        FADING * state.e + 1,
    )


def faded(state: State, days: Floats) -> State:
    """The states after so many days on which nothing was asked for."""
    weight = FADING**days
    return State(state.N * weight, state.Q * weight, state.Q2 * weight, state.e * weight + span(days))


def span(days: Floats) -> Floats:
    """`e` after so many days: the sum of d^0 ... d^(days - 1)."""
    return np.asarray((1 - FADING**days) / (1 - FADING), dtype=np.float64)


class History(NamedTuple):
    """Orders of many SKUs in any order: which SKU, on which day (an ordinal), how many units."""

    sku: Ints
    day: Ints
    units: Ints


def added(before: State, since: Ints, history: History, day: int) -> State:
    """The states at the end of `day`: what was known before `since`, an ordinal for each SKU, and the orders from then.

    Equal to `nightly` for each day from `since` to `day`. Being stateless, a night run twice changes nothing. Orders
    before `since` and after `day` don't count.
    """
    counted = (history.day >= since[history.sku]) & (history.day <= day) & (history.units > 0)
    sku, when, units = history.sku[counted], history.day[counted], capped(history.units[counted])
    weight = FADING ** (day - when)
    old = faded(before, np.maximum(0, day - since + 1).astype(np.float64))
    N, Q, Q2 = (_sums(sku, weight * units**power, len(since)) for power in (0, 1, 2))
    return State(old.N + N, old.Q + Q, old.Q2 + Q2, old.e)


def _sums(sku: Ints, weights: Floats, length: int) -> Floats:
    return np.bincount(sku, weights, minlength=length).astype(np.float64)
