"""`python -m bench.restock`: the contest in several worlds, the engine's speed and a night's, written to
`bench/restock-results.md` and `.svg`."""

import os
import platform
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from bench.restock import contest, nights, worlds
from bench.restock.contest import LEVELS, Point, best_within
from bench.restock.picture import draw
from bench.restock.world import KINDS, make
from inventory.restock import decide, propose, reorder

PAGE = Path(__file__).resolve().parents[1] / "restock-results.md"
SEED, OF_EACH_KIND = 1, 24
SKUS = 100_000
DAY = "2026-11-21"


def main() -> None:
    """Measure and write."""
    world = make(SEED, OF_EACH_KIND)
    ours, fixed, cover = contest.engine(world, LEVELS), contest.fixed(world), contest.cover(world)
    page = _page(ours, fixed, cover, _speeds()) + of_worlds("\n".join(worlds.table())) + of_night(nights.hold())
    PAGE.write_text(page, encoding="utf-8")
    groups = {"days of cover": cover, "fixed thresholds": fixed, "engine": ours}
    picture = draw("Unfilled demand at equal stock", groups, 1.5 * ours[-1].stock)
    PAGE.with_suffix(".svg").write_text(picture, encoding="utf-8")
    print(f"Written: {PAGE.name}")


def _speeds() -> dict[str, float]:
    """SKUs a second of processor time."""
    rng = np.random.default_rng(SEED)
    orders = rng.gamma(0.5, 20, SKUS)
    units = orders * (1 + rng.gamma(0.5, 4, SKUS))
    skus = {
        name: {"N": n, "Q": q, "Q2": 4 * q, "e": 120, "available": 20, "L": 18, "MOQ": 10, "unit_cost": 1}
        for name, (n, q) in enumerate(zip(orders.tolist(), units.tolist(), strict=True))
    }
    mean = units * 19 / 120
    level, var = np.full(SKUS, 0.98), 5 * mean + 1
    return {
        "one quantile (B3), 0.98": _speed(lambda: reorder.quantile(level, mean, var)),
        "`decide`, records and all": _speed(lambda: decide(DAY, skus)),
        "`propose`, every term and sentence": _speed(lambda: propose(DAY, skus)),
    }


def _speed(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return SKUS / (time.process_time() - began)


def _page(ours: list[Point], fixed: list[Point], cover: list[Point], speeds: dict[str, float]) -> str:
    rows = "\n".join(_row(level, point, fixed, cover) for level, point in zip(LEVELS, ours, strict=True))
    quick = "\n".join(f"| {name} | {rate:,.0f} |" for name, rate in speeds.items())
    return f"""# Results of `make bench-restock`

{datetime.now(UTC):%d %B %Y %H:%M} UTC. {platform.system()} {platform.machine()}, Python {platform.python_version()}.

A simulated year (seed {SEED}) of {OF_EACH_KIND * len(KINDS)} SKUs, {OF_EACH_KIND} of each kind of demand \
({", ".join(KINDS)}), from 0.02 to 1.5
orders a day, with random lead times of 3 to 30 days in the mean, lots of 1 to 10, and numbers that come back from
quarantine. What can't be filled is lost. All see the same position and the same demand. Beside the engine stands, of
its rivals that hold **no more stock**, the one that fills most, as only hindsight can tell: of all fixed thresholds
from 0 to 60 with batches of {_listed("fixed")} numbers, and of all days of cover on top of each SKU's own rate and
lead time with batches of {_listed("cover")} days. In brackets: SKU-days on which demand was not filled.

| level | mean stock | engine fills | best fixed threshold | best days of cover |
| ---: | ---: | ---: | ---: | ---: |
{rows}

![Unfilled demand at equal stock](restock-results.svg)

Speed for {SKUS:,} SKUs, one thread, by processor time:

| what | SKUs/s |
| --- | ---: |
{quick}
"""


def of_worlds(table: str) -> str:
    """Where the engine is ahead, and where it is not."""
    return f"""
## In several worlds

{datetime.now(UTC):%d %B %Y}. The contest again at level {worlds.LEVEL}, in small worlds by several seeds
(`bench/restock/worlds.py`): how many times as much as the engine the best rival, chosen in hindsight, leaves unfilled
at no more stock. Below 1 the rival is ahead: where all SKUs are alike, with one rate and one lead time, a threshold
that was tuned on what came needs less stock than the engine, which must learn both; and days of cover on each SKU's
own rate are beaten in the middle, not in every world. 1.00: neither left anything unfilled.

{table}
"""


def of_night(measured: nights.Measured) -> str:
    """What a night over the database costs."""
    kinds = {
        "the first night: every SKU reads the whole log": measured.first,
        "an ordinary night": measured.ordinary,
        "its reading statements alone": measured.reads,
    }
    rows = "\n".join(
        f"| {name} | {each.seconds:.1f} | {each.largest:.1f} | {each.processor:.1f} |" for name, each in kinds.items()
    )
    ratio = measured.ordinary.processor / measured.reads.processor
    return f"""
## A night

{datetime.now(UTC):%d %B %Y %H:%M} UTC: {measured.skus:,} SKUs in {measured.markets} markets,
{measured.largest:,} of them in one; {measured.numbers:,} numbers, {measured.events:,} orders of a year, in a PostgreSQL
of its own; one process. Load {measured.load:.1f} on {os.cpu_count()} cores: where that is high, the seconds of the
processors (ours and PostgreSQL's) say more than the clock.

| what | seconds | of the largest market | seconds of the processors |
| --- | ---: | ---: | ---: |
{rows}

The night takes {ratio:.1f} times the work of its own reading statements.
A market takes {measured.fewest_queries} to {measured.most_queries} statements, however many SKUs it has:
only what is written goes a thousand rows at a time.
"""


def _listed(kind: str) -> str:
    return ", ".join(map(str, contest.BATCHES[kind]))


def _row(level: float, ours: Point, fixed: list[Point], cover: list[Point]) -> str:
    cells = (f"{each.fill:.2%} ({each.short_days})" for each in _beside(ours, fixed, cover))
    return f"| {level} | {ours.stock:,.0f} | {' | '.join(cells)} |"


def _beside(ours: Point, *rivals: list[Point]) -> list[Point]:
    return [ours, *(best_within(ours.stock, each) for each in rivals)]


if __name__ == "__main__":
    main()
