"""The measurements, one part after the other; then the page. The stock is there, the servers run."""

from functools import partial

from bench.measures import buying, customers, goals, importing, memory, page, searching
from bench.measures.page import Results
from bench.measures.questions import KINDS, Asker
from bench.noise import listen
from bench.options import DATA, Options
from config.stack.progress import say, step

BUYS = 400


def main() -> None:
    """Measure the parts that are wanted and write the page."""
    results = Results(Options.read())
    asker, buyers = Asker(), customers.open_all()
    parts = {"search": _search, "buy": _buy, "import": _import, "memory": _memory}
    for name in results.options.parts:
        results.noise.append(listen())
        parts[name](results, asker, buyers)
    results.noise.append(listen())
    page.write(results)
    say("Written: bench/results.md, bench/results.svg")


def _search(results: Results, asker: Asker, buyers: list[customers.Customer]) -> None:
    for kind in KINDS:
        good = partial(goals.reached, kind)
        found = searching.measure(kind, asker, buyers, results.options.questions, good)
        results.searches.append(found)
        sql, http = found.alone
        say(
            f"{kind:<26} SQL {sql.p50:6.1f} {sql.p99:6.1f}   HTTP {http.p50:6.1f} {http.p99:6.1f} ms   "
            f"{found.busy.http.rate:5.0f}/s with {searching.CLIENTS}   attempts {found.attempts}"
        )


def _buy(results: Results, asker: Asker, buyers: list[customers.Customer]) -> None:
    for clients in (1, searching.CLIENTS):
        found = buying.measure(clients, BUYS, buyers)
        results.purchases.append(found)
        say(f"{clients} buyers: service {found.service.rate:.0f}/s, HTTP {found.http.rate:.0f}/s")


def _import(results: Results, asker: Asker, buyers: list[customers.Customer]) -> None:
    with step(f"Importing {results.options.imported:,} lines"):
        results.imported = found = importing.measure(results.options.imported, DATA)
    say(
        f"{found.rate:,.0f} lines/s; Python {found.own_cpu / found.loaded * 1e6:.1f} us and PostgreSQL "
        f"{found.backend_cpu / found.loaded * 1e6:.1f} us a line; peak {found.own_peak:.0f} MiB"
    )


def _memory(results: Results, asker: Asker, buyers: list[customers.Customer]) -> None:
    with step(f"Serving {results.options.requests:,} requests"):
        results.web = found = memory.measure(results.options.requests, asker, buyers)
    say(f"Web processes: {', '.join(f'{each.resident:.0f}' for each in found.after)} MiB; {found.rate:.0f} requests/s")


if __name__ == "__main__":
    main()
