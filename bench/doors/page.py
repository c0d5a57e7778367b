"""`doors-results.md`: every page, and whether it keeps the goal."""

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.doors.looking import SLOWEST, Cost, Seen
from bench.noise import Noise
from inventory.models import PhoneNumber

PAGE = Path(__file__).resolve().parents[1] / "doors-results.md"


def line(seen: Seen) -> str:
    """For the terminal."""
    wrong = f"   WRONG {seen.wrong[:2]}" if seen.wrong else ""
    return (
        f"{seen.name:<48} p50 {_share(seen.warm, 50, _clock):6.0f} p95 {_share(seen.warm, 95, _clock):6.0f} "
        f"work p95 {_share(seen.warm, 95, _work):6.0f} (db {_share(seen.warm, 95, _database):5.0f}) "
        f"cold {seen.cold.clock:6.0f}/{seen.cold.work:5.0f} raw {seen.raw:6.1f} q {seen.warm[0].queries:3d}{wrong}"
        + (f"\n      {seen.slowest}" if _share(seen.warm, 95, _work) > SLOWEST / 2 else "")
    )


def write(found: Sequence[Seen], noises: Sequence[Noise]) -> None:
    """The whole page."""
    shares = " and ".join(f"{noise.share:.0%}" for noise in noises)
    rows = "\n".join(_row(seen) for seen in found)
    only = os.environ.get("DOORS_ONLY", "")
    part = f"\n**Not all:** pages whose names match `{only}`.\n" if only else ""
    opened = sum(len(seen.warm) for seen in found)
    PAGE.write_text(
        f"""# Results of `make bench-doors`

{datetime.now(UTC):%d %B %Y %H:%M} UTC. {os.cpu_count()} cores. Before and after, two busy processes got {shares} of \
the time that they asked for.
{part}
Every page of both doors over {PhoneNumber.objects.count():,} numbers, made as by `make run NUMBERS=1000000`, opened in
one process through the whole of the application, {opened:,} times in all. Milliseconds. *Work* is processor time, ours
and that of PostgreSQL's process for us, which neighbours on the machine disturb least. *Cold* is the slower of two
first openings, each after every memory of the process was forgotten; what pages show of the whole stock is renewed by
a worker. *SQL* is the time of the page's own questions, sent without anything around them (of its
slowest address), and *times* how much longer the page took. Goal: {SLOWEST:.0f} ms at p95.

| page | p50 | p95 | work p50 | work p95 | of it PostgreSQL | cold | its work | SQL | times | queries |  |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |
{rows}
""",
        encoding="utf-8",
    )


def _row(seen: Seen) -> str:
    p50, p95 = _share(seen.warm, 50, _clock), _share(seen.warm, 95, _clock)
    cells = [
        *(seen.name, f"{p50:.0f}", f"{p95:.0f}"),
        *(f"{_share(seen.warm, share, _work):.0f}" for share in (50, 95)),
        f"{_share(seen.warm, 95, _database):.0f}",
        *(f"{seen.cold.clock:.0f}", f"{seen.cold.work:.0f}", f"{seen.raw:.1f}"),
        *(f"{p50 / seen.raw:.1f}" if seen.raw else "", str(max(cost.queries for cost in seen.warm))),
        _verdict(seen, p95),
    ]
    return f"| {' | '.join(cells)} |"


def _verdict(seen: Seen, p95: float) -> str:
    if seen.wrong:
        return f"**wrong answers: {len(seen.wrong)}**"
    return "reached" if p95 < SLOWEST else "**missed**"


def _clock(cost: Cost) -> float:
    return cost.clock


def _work(cost: Cost) -> float:
    return cost.work


def _database(cost: Cost) -> float:
    return cost.database


def _share(costs: Sequence[Cost], share: int, of: Callable[[Cost], float]) -> float:
    """The nearest-rank percentile."""
    ranked = sorted(of(cost) for cost in costs)
    return ranked[max(0, -(-len(ranked) * share // 100) - 1)]
