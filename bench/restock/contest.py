"""The engine against the best of its rivals at equal mean stock."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from bench.restock import policies, shelf
from bench.restock.shelf import Outcome
from bench.restock.world import World

LEVELS = (0.90, 0.95, 0.98, 0.995)
THRESHOLDS = np.arange(0, 61.0)  # numbers
COVERS = np.arange(-15, 121.0, 2)  # days beyond the lead time
BATCHES = {"fixed": (1, 10, 30), "cover": (7, 15, 30)}  # numbers; days


class Point(NamedTuple):
    """Mean stock, share of units filled, SKU-days with unfilled demand in a year."""

    stock: float
    fill: float
    short_days: int


def engine(world: World, levels: Iterable[float]) -> list[Point]:
    """One point for each level of service."""
    asked = list(levels)
    return _points(shelf.run(world, policies.engine(world, asked), len(asked)))


def fixed(world: World) -> list[Point]:
    """Every threshold with every batch."""
    policy = policies.fixed(world, *_pairs(THRESHOLDS, BATCHES["fixed"]))
    return _points(shelf.run(world, policy, len(THRESHOLDS) * len(BATCHES["fixed"])))


def cover(world: World) -> list[Point]:
    """Every cover with every batch."""
    policy = policies.cover(world, *_pairs(COVERS, BATCHES["cover"]))
    return _points(shelf.run(world, policy, len(COVERS) * len(BATCHES["cover"])))


def best_within(stock: float, rivals: list[Point]) -> Point:
    """Of the rivals that hold no more stock, the one that fills most."""
    return max((each for each in rivals if each.stock <= stock), key=lambda each: each.fill)


def left(point: Point) -> float:
    """The share of the units asked for that was not filled; a millionth where all were."""
    return max(1e-6, 1 - point.fill)


def times_as_much(world: World, level: float) -> dict[str, float]:
    """How many times as much as the engine the best rival of each sort leaves unfilled at no more stock."""
    [ours] = engine(world, [level])
    rivals = {"fixed": fixed(world), "cover": cover(world)}
    return {name: left(best_within(ours.stock, points)) / left(ours) for name, points in rivals.items()}


def _pairs(first: np.ndarray, second: Iterable[float]) -> tuple[np.ndarray, np.ndarray]:
    left, right = np.meshgrid(first, np.array(list(second), dtype=np.float64))
    return left.ravel(), right.ravel()


def _points(outcome: Outcome) -> list[Point]:
    return [Point(*each) for each in zip(*(column.tolist() for column in outcome), strict=True)]
