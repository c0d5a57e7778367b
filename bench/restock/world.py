"""What happens to a shelf whatever is ordered: demand, lead times, and numbers that come back from quarantine."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inventory.restock.demand import State, nightly

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

KINDS = ("poisson", "compound", "lumpy", "seasonal", "trending")
YEAR = 365
WARM_UP = 180  # days that are not counted
DAYS = WARM_UP + YEAR
STAY = 60  # days in quarantine, about
NEVER = 0.15  # of the numbers in quarantine never come back


@dataclass(frozen=True)
class World:
    """Rows are SKUs, columns days. `orders` holds by day the (SKU, units) asked for; `states` what B2 makes of them.

    `lead[i, t]` days takes an order of day t; `back[i, t]` numbers come back on day t; `due[i, t]` were predicted to
    (their chances), of which `entered[i, t]`, an array of days, tells when the prediction was made.
    """

    kind: list[str]
    L: Floats
    moq: Ints
    orders: list[list[tuple[int, int]]]
    states: list[State]
    lead: Ints
    back: Ints
    due: list[list[tuple[int, float]]]

    @property
    def size(self) -> int:
        return len(self.kind)


def make(seed: int, of_each_kind: int) -> World:
    """A mixed world by seed: slow and fast SKUs of each kind, with lead times from 3 to 30 days."""
    rng = np.random.default_rng(seed)
    kind = [name for name in KINDS for _ in range(of_each_kind)]
    rate = np.exp(rng.uniform(np.log(0.02), np.log(1.5), len(kind)))
    L = rng.uniform(3, 30, len(kind))
    return _made(rng, kind, rate, L, rng.choice([1, 1, 5, 10], len(kind)))


def make_alike(seed: int, size: int) -> World:
    """A world of SKUs that are all alike: half an order a day of a few units, ten days of lead time, no lots."""
    rng = np.random.default_rng(seed)
    same = np.ones(size)
    return _made(rng, ["compound"] * size, 0.5 * same, 10.0 * same, same.astype(np.int64))


def _made(rng: np.random.Generator, kind: list[str], rate: Floats, L: Floats, moq: Ints) -> World:
    size, shape = len(kind), 1 / 0.4**2
    lead = np.maximum(1, np.rint(rng.gamma(shape, L[:, None] / shape, (size, DAYS)))).astype(np.int64)
    orders = [_orders(rng, kind, rate, day) for day in range(DAYS)]
    back, due = _returns(rng, rate)
    return World(kind, L, moq, orders, _states(orders, size), lead, back, due)


def _orders(rng: np.random.Generator, kind: list[str], rate: Floats, day: int) -> list[tuple[int, int]]:
    return [
        (sku, _units(rng, name))
        for sku, name in enumerate(kind)
        for _ in range(rng.poisson(rate[sku] * _swing(name, day) / (4 if name == "lumpy" else 1)))
    ]


def _swing(kind: str, day: int) -> float:
    """How the rate differs from its mean on a day."""
    if kind == "seasonal":
        return 1 + 0.6 * float(np.sin(2 * np.pi * day / YEAR))
    return 0.5 + day / DAYS if kind == "trending" else 1.0


def _units(rng: np.random.Generator, kind: str) -> int:
    """Of one order, at most 100."""
    if kind == "poisson":
        return 1
    return int(min(100, rng.geometric(0.08 if kind == "lumpy" else 0.4)))


def _states(orders: list[list[tuple[int, int]]], size: int) -> list[State]:
    """By day, arrays by SKU."""
    rows, found = [State() for _ in range(size)], []
    for today in orders:
        rows = [nightly(row, [units for of, units in today if of == sku]) for sku, row in enumerate(rows)]
        found.append(State(*(np.array(column) for column in zip(*rows, strict=True))))
    return found


def _returns(rng: np.random.Generator, rate: Floats) -> tuple[Ints, list[list[tuple[int, float]]]]:
    """Numbers given up by customers: the day each really comes back, and by SKU the day and chance predicted."""
    back, due = np.zeros((len(rate), DAYS), dtype=np.int64), []
    for sku, each in enumerate(rate):
        predicted = np.flatnonzero(rng.random(DAYS) < 0.1 * each)
        due.append([(int(day), 1 - NEVER) for day in predicted])
        comes = np.clip(predicted + rng.integers(-5, 6, len(predicted)), 0, DAYS - 1)
        np.add.at(back[sku], comes[rng.random(len(comes)) > NEVER], 1)
    return back, due
