"""At the same stock the restock engine fills more than its rivals; a simulated year by seed, the same in every run."""

import pytest

from bench.restock import contest
from bench.restock.contest import Point, best_within
from bench.restock.world import World, make

LEVELS = (0.98,)


@pytest.fixture(scope="module")
def world() -> World:
    return make(seed=1, of_each_kind=8)


@pytest.fixture(scope="module")
def ours(world: World) -> list[Point]:
    return contest.engine(world, LEVELS)


def test_every_fixed_threshold_leaves_several_times_as_much_unfilled_at_equal_stock(
    world: World, ours: list[Point]
) -> None:
    rivals = contest.fixed(world)
    for point in ours:
        best = best_within(point.stock, rivals)
        assert (1 - best.fill) > 2.5 * (1 - point.fill)
        assert best.short_days > 2.5 * point.short_days


def test_every_days_of_cover_leaves_more_unfilled_at_equal_stock(world: World, ours: list[Point]) -> None:
    rivals = contest.cover(world)
    for point in ours:
        assert (1 - best_within(point.stock, rivals).fill) > 1.2 * (1 - point.fill)
