"""`python -m bench.quarantine`: the engine in several worlds, and its speed; writes `bench/quarantine-results.md`."""

import os
import platform
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from bench.quarantine import nights
from bench.quarantine.contest import ALPHAS, Contest, hold
from bench.quarantine.picture import draw
from bench.quarantine.worlds import WORLDS
from inventory.quarantine.likelihood import Terms, likelihood
from inventory.quarantine.model import DEFAULT

FOLDER = Path(__file__).resolve().parents[1]
TRAIN, TEST, SEED = 2_000, 2_000, 2026
ROWS, ROUNDS = 1_000_000, 5
GOAL = 3_000_000  # rows a second on one core


def main() -> None:
    """Hold every contest, write the page and the picture."""
    contests = {}
    for world in WORLDS:
        contests[world.name] = hold(world, train=TRAIN, test=TEST, seed=SEED)
        print(f"{world.name}: calibration error {contests[world.name].error():.3f}", flush=True)
    first = contests[WORLDS[0].name]
    engine = [first.engine(alpha) for alpha in ALPHAS]
    fixed = [duel.fixed for duel in first.duels()]
    title = f"World of {WORLDS[0].name}: held and sold dirty"
    (FOLDER / "quarantine-results.svg").write_text(draw(title, engine, fixed), encoding="utf-8")
    page = _page(contests, speed()) + _of_nights(nights.hold())
    (FOLDER / "quarantine-results.md").write_text(page, encoding="utf-8")


def speed() -> float:
    """Rows a second of processor time through the likelihood, on one core; the best of some rounds."""
    random = np.random.default_rng(1)
    E = random.uniform(0, 30, ROWS)
    terms = Terms(E * random.uniform(0, 1, ROWS), E, np.full(ROWS, 0.24), np.full(ROWS, 8), np.full(ROWS, 0.9))
    took = []
    for _ in range(ROUNDS):
        began = time.process_time()
        likelihood(terms, DEFAULT.c0, DEFAULT.c1)
        took.append(time.process_time() - began)
    return ROWS / min(took)


def _page(contests: dict[str, Contest], rate: float) -> str:
    duels = "\n".join(
        f"| {name} | {duel.period} | {duel.fixed.dirty:.1%} | {duel.dirty:.1%} | {duel.holding:.0f} |"
        for name, contest in contests.items()
        for duel in contest.duels()
    )
    bins = "\n".join(
        f"| {name} | {each.days:,} | {each.p:.3f} | {each.happened:.3f} |"
        for name, contest in contests.items()
        for each in contest.reliability()
    )
    errors = ", ".join(f"{name} {contest.error():.3f}" for name, contest in contests.items())
    return f"""# Results of `make bench-quarantine`

{datetime.now(UTC):%d %B %Y %H:%M} UTC. {platform.system()} {platform.machine()}, {os.cpu_count()} cores; Python \
{platform.python_version()}, numpy {np.__version__}, one process, one thread.

The worlds are those of `bench/quarantine/worlds.py`, which knows nothing of the engine. Each model is fitted to \
{TRAIN:,} finished quarantines and decides on {TEST:,} other numbers. *Dirty* is a number that gets more than `k`
contacts in the 30 days after it was sold. Holding is the average over all used numbers; one that is never released
counts 365 days, and a fixed period never retires any. No minimum but that of a week: the law would only hide how far
the engine is ahead.

## Against fixed periods

| world | days | sold dirty after so many days | engine: sold dirty, held as long | engine: days held, as dirty |
| --- | ---: | ---: | ---: | ---: |
{duels}

![The frontier](quarantine-results.svg)

## Reliability

Each number on every fifth day: what was said, and how often it happened. Mean distance: {errors}.

| world | days of numbers | said | happened |
| --- | ---: | ---: | ---: |
{bins}

## Speed

The likelihood takes {rate / 1e6:.1f} million rows a second of processor time on one core; goal: \
{GOAL / 1e6:.0f} million, {"reached" if rate >= GOAL else "**missed**"}.
"""


def _of_nights(measured: nights.Measured) -> str:
    """What a night over the database costs."""
    stays, cores = measured.stays, os.cpu_count()
    return f"""
## Nights

{datetime.now(UTC):%d %B %Y %H:%M} UTC: {stays:,} open stays with {measured.contacts:,} days of contacts in our own
PostgreSQL, {nights.PROCESSES} processes, and a load of {measured.load:.1f} on {cores} cores, ours not among it.

| what | seconds | stays a second | seconds of the processor |
| --- | ---: | ---: | ---: |
| the first night: every stay has a row in the ledger | {measured.first:.0f} | {stays / measured.first:,.0f} | |
| an ordinary night | {measured.ordinary:.0f} | {stays / measured.ordinary:,.0f} | {measured.ordinary_processor:.0f} |
| a plain `UPDATE` of the same rows | {measured.plain:.0f} | {stays / measured.plain:,.0f} \
| {measured.plain_processor:.0f} |

The ordinary night took {measured.ordinary / measured.plain:.1f} times as long as the plain `UPDATE`, and \
{measured.ordinary_processor / measured.plain_processor:.1f} times its work; {measured.hot:.0%} of its updates touched \
no index. At this rate 10 million stays would take {10_000_000 / stays * measured.ordinary / 60:.0f} minutes; they \
don't fit into the memory that the server is given, so measure them: BENCH_STAYS=10000000. Goal: 10 minutes on two \
cores.
"""


if __name__ == "__main__":
    main()
