"""`results.md` and `results.svg`: what was measured, beside what is to be reached."""

import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bench import plot
from bench.measures import buying, goals, importing, memory, searching
from bench.noise import Noise
from bench.options import Options

HERE = Path(__file__).resolve().parents[1]


@dataclass
class Results:
    """Everything that one run measured; a part that was left out is empty."""

    options: Options
    noise: list[Noise] = field(default_factory=list)
    searches: list[searching.Result] = field(default_factory=list)
    purchases: list[buying.Result] = field(default_factory=list)
    imported: importing.Result | None = None
    web: memory.Result | None = None


def write(results: Results, folder: Path = HERE) -> None:
    """Write both files."""
    sections = [_head(results), _searches(results), _purchases(results), _imported(results), _memory(results)]
    folder.joinpath("results.md").write_text("\n".join(filter(None, sections)), encoding="utf-8")
    if results.searches:
        folder.joinpath("results.svg").write_text(_picture(results), encoding="utf-8")


def _head(results: Results) -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GiB"
    loads = ", ".join(f"{noise.load:.1f}" for noise in results.noise)
    shares = ", ".join(f"{noise.share:.0%}" for noise in results.noise)
    noises = ", ".join(f"{noise.p50:.1f}/{noise.p99:.1f}" for noise in results.noise)
    return f"""# Results of `make bench`

{datetime.now(UTC):%d %B %Y %H:%M} UTC. {machine}; Python {platform.python_version()}, PostgreSQL 18 and Redis as in \
`make run`, durable. {results.options.numbers:,} numbers, 35 % of them on sale, 60 % in the US.
Clients, web server and database share these cores.

**Noise.** Between the parts of this run a millisecond of work took (p50/p99, ms) {noises}, and two busy processes got
{shares} of the two cores' time that they asked for; on a machine of one's own that is 1.0/1.1 and 100 %. Load average:
{loads}. A kind that missed its goal was measured up to {searching.ATTEMPTS} times; its best attempt is shown, and the
number of attempts. Times in milliseconds.
"""


def _searches(results: Results) -> str:
    if not results.searches:
        return ""
    return f"""## Searches

{results.options.questions} different random questions of each kind, pages of 30 rows, warm. SQL is the statement that
the search engine sends, sent by psycopg; HTTP is the whole request, with authentication, places and prices looked up.
Goals with one client: HTTP p50 at most {goals.P50_RATIO:.0f} times SQL or {goals.P50_MS:.0f} ms; p99 under
{goals.P99_MS:.0f} ms, many wildcards under {goals.P99_WILD_MS:.0f} ms.

![p50 and p99 of each kind](results.svg)

{_table(_SEARCH_COLUMNS, _alone(results))}

With {searching.CLIENTS} clients at once. Goal: at least {goals.SEARCHES_A_SECOND:.0f} searches a second. "web CPU" is
the web server's processor time for a request, which neighbours disturb least; the database's comes on top.

{_table(_BUSY_COLUMNS, _busy(results))}
"""


_SEARCH_COLUMNS = (
    "kind",
    "SQL p50",
    "SQL p99",
    "HTTP p50",
    "goal",
    "ratio",
    "HTTP p99",
    "goal",
    "HTTP/s",
    "attempts",
    "",
)
_BUSY_COLUMNS = ("kind", "SQL p50", "SQL p99", "SQL/s", "HTTP p50", "HTTP p99", "HTTP/s", "web CPU", "")


def _alone(results: Results) -> Iterator[tuple[str, ...]]:
    for kind, pair, _, attempts, _ in results.searches:
        sql, http = pair
        yield (
            *(kind, f"{sql.p50:.1f}", f"{sql.p99:.1f}"),
            *(f"{http.p50:.1f}", f"{goals.p50(pair):.0f}", f"{http.p50 / sql.p50:.1f}"),
            *(f"{http.p99:.1f}", f"{goals.p99(kind):.0f}", f"{http.rate:.0f}", str(attempts)),
            _verdict(goals.reached(kind, pair)),
        )


def _busy(results: Results) -> Iterator[tuple[str, ...]]:
    for kind, _, (sql, http), _, web_cpu in results.searches:
        yield (
            *(kind, f"{sql.p50:.1f}", f"{sql.p99:.1f}", f"{sql.rate:.0f}"),
            *(f"{http.p50:.1f}", f"{http.p99:.1f}", f"{http.rate:.0f}", f"{web_cpu:.1f}"),
            _verdict(http.rate >= goals.SEARCHES_A_SECOND),
        )


def _purchases(results: Results) -> str:
    if not results.purchases:
        return ""
    columns = ("clients", "service p50", "p99", "buys/s", "HTTP p50", "p99", "buys/s", "ratio p50", "")
    rows = [
        (
            *(str(clients), f"{service.p50:.1f}", f"{service.p99:.1f}", f"{service.rate:.0f}"),
            *(f"{http.p50:.1f}", f"{http.p99:.1f}", f"{http.rate:.0f}", f"{http.p50 / service.p50:.1f}"),
            _verdict(http.rate >= goals.BUYS_A_SECOND and not http.failed) if clients > 1 else "",
        )
        for clients, service, http in results.purchases
    ]
    return f"""## Buying

Each purchase is of another number: two moves with their ledger rows, a DID and an assignment, committed to disk. The
service is called in processes of its own. Goal: at least {goals.BUYS_A_SECOND:.0f} purchases a second of all clients
together; one alone waits for the disk.

{_table(columns, rows)}
"""


def _imported(results: Results) -> str:
    found = results.imported
    if found is None:
        return ""
    row = (
        *(f"{found.loaded:,}", f"{found.seconds:.1f} s", f"{found.rate:,.0f}"),
        *(f"{found.own_cpu / found.loaded * 1e6:.1f} µs", f"{found.backend_cpu / found.loaded * 1e6:.1f} µs"),
        *(f"{found.own_peak:.0f} MiB", f"{found.backend_peak:.0f} MiB"),
        _verdict(found.rate >= goals.IMPORTED_A_SECOND and found.own_peak < goals.IMPORT_MIB),
    )
    columns = ("lines", "time", "lines/s", "Python/line", "PostgreSQL/line", "peak", "backend's peak", "")
    return f"""## Importing

A CSV file in no order, with type, capabilities, provider and half of the prices, into an empty stock, in a process of
its own; each number with its ledger row, all in one transaction. Processor time is counted beside the clock's. The
backend's peak includes the shared buffers. Goal: {goals.IMPORTED_A_SECOND:,.0f} lines/s, and at ten million lines under
{goals.IMPORT_MIB:.0f} MiB.

{_table(columns, [row])}
"""


def _memory(results: Results) -> str:
    found = results.web
    if found is None:
        return ""
    rows = [
        (
            *(after.name, f"{before.resident:.0f}", f"{after.resident:.0f}", f"{after.proportional:.0f}"),
            _verdict(after.resident < goals.WEB_MIB),
        )
        for before, after in zip(found.before, found.after, strict=True)
    ]
    return f"""## Memory of the web server

MiB before and after {found.requests:,} searches of all kinds ({found.rate:.0f} a second, 8 clients). Goal: under
{goals.WEB_MIB:.0f} MiB resident. The proportional share counts pages that processes share once.

{_table(("process", "resident before", "resident after", "proportional after", ""), rows)}
"""


def _picture(results: Results) -> str:
    rows = [
        plot.Row(kind, [plot.Span(each.p50, each.p99) for each in pair], goals.p99(kind))
        for kind, pair, *_ in results.searches
    ]
    title = f"Search of {results.options.numbers:,} numbers, one client"
    return plot.draw(title, ("raw SQL", "HTTP"), rows)


def _table(columns: Sequence[str], rows: Sequence[tuple[str, ...]] | Iterator[tuple[str, ...]]) -> str:
    lines = [columns, ["---", *["---:"] * (len(columns) - 2), "---"], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _verdict(good: bool) -> str:
    return "reached" if good else "**missed**"
