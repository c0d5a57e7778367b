"""The measurement, in a process that has Django: a week's events for numbers that nobody has, of feeds at once."""

import os
import platform
import random
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import orjson
from django.core.management import call_command
from django.db import connection, connections

from bench.noise import listen
from config.stack.progress import say, step
from inventory.models import Contact, PhoneNumber, TrafficEvent
from inventory.traffic.feeding import feed_in, ndjson

PAGE = Path(__file__).resolve().parents[2] / "traffic-results.md"
GOAL = 20_000  # events a second on two cores: issue 5 of the project
NUMBERS, STRANGERS = 100_000, 0.1
FIRST = 14152000000
FEEDS, ROUNDS = 2, 3
DAYS = 7

_STOCK = """
INSERT INTO inventory_phonenumber (
    e164, country, number_type, area_code, region, declared_capabilities, capabilities, beta, origin, currency, state,
    state_since, blocked
)
SELECT %(first)s + taken, 'US', 'local', '415', 'CA', 7, 0, false, 'onboarded_new', '', 'SOURCED',
    now() - interval '30 days', false
FROM generate_series(0, %(count)s - 1) AS taken
"""
_PLAIN = (
    "CREATE TABLE bench_plain (day date, key uuid, e164 bigint, at timestamptz, caller bigint, PRIMARY KEY (day, key))"
)


class Round(NamedTuple):
    """Events a second: taken in by `FEEDS` processes, and merely copied into a table with the same key by as many."""

    taken: float
    copied: float


def main() -> None:
    """Measure some rounds, each on an empty record of traffic, and write the page."""
    count = int(os.environ.get("BENCH_EVENTS", "1000000"))
    _prepare()
    before, rounds = listen(), []
    for number in range(ROUNDS):
        with step(f"Round {number + 1}"):
            rounds.append(_round(count, seed=number))
        say(f"{rounds[-1].taken:,.0f} events/s; copied {rounds[-1].copied:,.0f}/s")
    after = listen()
    PAGE.write_text(_page(count, rounds, [before.share, after.share]), encoding="utf-8")
    say(f"Written: {PAGE.name}")


def _prepare() -> None:
    with step("Migrating"):
        call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        if not PhoneNumber.objects.exists():
            cursor.execute(_STOCK, {"first": FIRST, "count": NUMBERS})
        cursor.execute("DROP TABLE IF EXISTS bench_plain")
        cursor.execute(_PLAIN)
        cursor.execute("VACUUM (ANALYZE)")


def _round(count: int, *, seed: int) -> Round:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE inventory_trafficevent, inventory_contact, inventory_dailycontact, bench_plain")
    feeds = [_lines(count // FEEDS, f"{seed}-{feed}") for feed in range(FEEDS)]
    copied = _at_once(_copy, feeds)
    taken = _at_once(_take, feeds)
    told = TrafficEvent.objects.count()
    if told != count // FEEDS * FEEDS or not Contact.objects.exists():
        raise RuntimeError(f"of {count:,} events {told:,} were taken in")
    return Round(count / taken, count / copied)


def _lines(count: int, seed: str) -> list[bytes]:
    """Calls and messages of a week: most callers call a number once, some again; a tenth is for numbers of others."""
    dice, now = random.Random(seed), datetime.now(UTC)
    return [
        orjson.dumps(
            {
                "id": f"{seed}-{number}",
                "at": now - timedelta(seconds=dice.random() * DAYS * 86_400),
                "to": f"+{FIRST + int(dice.random() * NUMBERS / (1 - STRANGERS))}",
                "from": f"+1212{dice.randrange(2_000_000, 9_999_999)}",
                "channel": "voice" if dice.random() < 0.7 else "sms",
            }
        )
        for number in range(count)
    ]


def _at_once(work: Callable[[list[bytes], int], None], feeds: Sequence[list[bytes]]) -> float:
    """Seconds that the processes took, one for each feed."""
    connections.close_all()
    processes = [get_context("fork").Process(target=work, args=(lines, number)) for number, lines in enumerate(feeds)]
    began = time.perf_counter()
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    seconds = time.perf_counter() - began
    if any(process.exitcode for process in processes):
        raise RuntimeError("a feed broke off")
    return seconds


def _take(lines: list[bytes], number: int) -> None:
    feed_in(ndjson(lines), feed=f"bench-{number}")


def _copy(lines: list[bytes], number: int) -> None:
    """What nobody can save: reading the lines, and copying them into a table with a key as wide."""
    with connection.cursor() as cursor, cursor.copy("COPY bench_plain FROM STDIN") as rows:
        for place, line in enumerate(lines):
            event = orjson.loads(line)
            key = f"{number:08x}-0000-0000-0000-{place:012x}"
            rows.write_row((event["at"][:10], key, event["to"][1:], event["at"], event["from"][1:]))


def _page(count: int, rounds: Sequence[Round], shares: Sequence[float]) -> str:
    rows = "\n".join(
        f"| {number} | {each.taken:,.0f} | {each.copied:,.0f} | {each.copied / each.taken:.1f} |"
        for number, each in enumerate(rounds, 1)
    )
    middle = statistics.median(each.taken for each in rounds)
    return f"""# Results of `make bench-traffic`

{datetime.now(UTC):%d %B %Y %H:%M} UTC. {platform.system()} {platform.machine()}, {os.cpu_count()} cores; Python \
{platform.python_version()}. Before and after, two busy processes got \
{" and ".join(f"{share:.0%}" for share in shares)} of the time that they asked for.

{count:,} events of a week for {NUMBERS:,} numbers that nobody has (a tenth are for numbers of others), told as JSON \
lines by {FEEDS} feeds at once, each a process; PostgreSQL is durable and on the same cores. "Copied" is what nobody \
can save: the same lines read, and copied into a table with a key as wide, by as many processes.

| round | taken in, events/s | copied, events/s | times |
| --- | ---: | ---: | ---: |
{rows}

The median is {middle:,.0f} a second. Goal: {GOAL:,}: {"reached" if middle >= GOAL else "**missed**"}.
"""


if __name__ == "__main__":
    main()
