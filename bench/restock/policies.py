"""The engine and its rivals. All see the same position, returns from quarantine included, and the same demand."""

from datetime import date, timedelta

import numpy as np

from bench.restock.shelf import Policy, Shelf
from bench.restock.world import Floats, Ints, World
from inventory.restock import decide

FIRST_DAY = date(2026, 1, 1)


def engine(world: World, levels: list[float]) -> Policy:
    """The engine at each of the levels of service; kinds of demand are markets of their own."""

    def policy(shelf: Shelf) -> Ints:
        state = world.states[shelf.day]
        columns = [column.tolist() for column in map(np.asarray, state)]
        skus = {
            (row, sku): {
                **{name: column[sku] for name, column in zip(state._fields, columns, strict=True)},
                "country": str(row),
                "number_type": world.kind[sku],
                "level": level,
                "available": shelf.available[row, sku],
                "on_order": shelf.on_order[row, sku],
                "expected_returns": shelf.due[sku],
                "L": world.L[sku],
                "MOQ": world.moq[sku],
            }
            for row, level in enumerate(levels)
            for sku in range(world.size)
        }
        decided = decide(FIRST_DAY + timedelta(days=shelf.day), skus)
        return np.array(list(decided.values())).reshape(shelf.available.shape)

    return policy


def fixed(world: World, thresholds: Floats, batches: Floats) -> Policy:
    """Order at or below a threshold up to it and a batch more: one pair for each policy, the same for all SKUs."""
    return lambda shelf: _order(world, shelf, thresholds[:, None], batches[:, None])


def cover(world: World, days: Floats, batches: Floats) -> Policy:
    """Thresholds of so many days of what each SKU sold lately, and batches likewise; also tuned to its lead time."""

    def policy(shelf: Shelf) -> Ints:
        state = world.states[shelf.day]
        daily = np.asarray(state.Q / state.e)
        return _order(world, shelf, daily * (world.L + days[:, None]), daily * batches[:, None])

    return policy


def _order(world: World, shelf: Shelf, threshold: Floats, batch: Floats) -> Ints:
    position = shelf.available + shelf.on_order + 0.9 * shelf.due
    lots = np.maximum(1, np.ceil((threshold + batch - position) / world.moq))
    return np.where(position <= threshold, lots * world.moq, 0).astype(np.int64)
