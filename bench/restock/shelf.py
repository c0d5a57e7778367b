"""A shelf run by a policy through a world, or by many policies at once."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from bench.restock.world import DAYS, WARM_UP, YEAR, Floats, Ints, World

START = 20  # numbers of each SKU on the first day


class Shelf(NamedTuple):
    """What a policy sees at the end of a day; rows are policies, columns SKUs. `due`: to come back within L+R."""

    day: int
    available: Ints
    on_order: Ints
    due: Floats


Policy = Callable[[Shelf], Ints]


class Outcome(NamedTuple):
    """Of a year, for each policy: mean stock of all SKUs, share of units filled, SKU-days with unfilled demand."""

    stock: Floats
    fill: Floats
    short_days: Ints


def run(world: World, policy: Policy, policies: int) -> Outcome:
    """Live through the days. Unfilled demand is lost; what can be filled of an order is filled."""
    available = np.full((policies, world.size), START)
    coming = np.zeros((policies, world.size, DAYS + 1), dtype=np.int64)
    asked, filled, short, stock = 0, np.zeros(policies), np.zeros(policies, dtype=np.int64), np.zeros(policies)
    for day in range(DAYS):
        available += coming[:, :, day] + world.back[:, day]
        lacking = np.zeros(available.shape, dtype=bool)
        for sku, units in world.orders[day]:
            given = np.minimum(available[:, sku], units)
            available[:, sku] -= given
            lacking[:, sku] |= given < units
            if day >= WARM_UP:
                asked, filled = asked + units, filled + given
        if day >= WARM_UP:
            short, stock = short + lacking.sum(axis=1), stock + available.sum(axis=1)
        shelf = Shelf(day, available, coming[:, :, day + 1 :].sum(axis=2), _due(world, day))
        _act(world, shelf, policy(shelf), coming)
    return Outcome(stock / YEAR, filled / asked, short)


def _act(world: World, shelf: Shelf, quantity: Ints, coming: Ints) -> None:
    """Order, or hand back at once. What would arrive after the last day is left out of the books."""
    shelf.available[:] -= np.maximum(0, -quantity)
    for sku in range(world.size):
        arrives = shelf.day + world.lead[sku, shelf.day]
        if arrives <= DAYS:
            coming[:, sku, arrives] += np.maximum(0, quantity[:, sku])


def _due(world: World, day: int) -> Floats:
    return np.array(
        [
            sum(chance for when, chance in predicted if day < when <= day + lead + 1)
            for predicted, lead in zip(world.due, world.L, strict=True)
        ]
    )
