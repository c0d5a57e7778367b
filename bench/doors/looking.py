"""Opens each page in this process, as the web server does, and notes what it takes: time, and processor time."""

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import django
from django.test import Client

ROUNDS = 4  # how often each address is opened, after once to warm up
SLOWEST = 300.0


class Cost(NamedTuple):
    """Milliseconds: by the clock, of our processor, of PostgreSQL's process for us. `queries` were asked."""

    clock: float
    web: float
    database: float
    queries: int

    @property
    def work(self) -> float:
        """What a machine of one's own would need at least."""
        return self.web + self.database


class Seen(NamedTuple):
    """One kind of page. `cold`: its slowest first address right after the process forgot what it remembered. `warm` of
    each opening, in no order. `raw`: the slowest address's statements alone, without anything around them."""

    name: str
    cold: Cost
    warm: list[Cost]
    raw: float
    slowest: str
    wrong: list[str]


def main() -> None:
    """Look at all pages that are wanted and write the results."""
    django.setup()
    from django.db import connection  # noqa: PLC0415 - after django.setup()

    from bench.doors import page, pages  # noqa: PLC0415
    from bench.noise import listen  # noqa: PLC0415

    wanted = re.compile(os.environ.get("DOORS_ONLY", ""), re.IGNORECASE)
    connection.ensure_connection()
    clients, before, found = Clients(), listen(), list[Seen]()
    for each in pages.every():
        if wanted.search(each.name) and each.urls:
            found.append(look(each, clients.of(each)))
            print(page.line(found[-1]), flush=True)
    page.write(found, [before, listen()])


class Clients:
    """Browsers that are signed in: one for staff, one for each account, one for nobody."""

    def __init__(self) -> None:
        self._known: dict[str, Client] = {}

    def of(self, page: Any) -> Client:
        """The one that opens this page."""
        name = page.account or ("stranger" if page.stranger else "staff")
        if name not in self._known:
            self._known[name] = self._new(page)
        return self._known[name]

    def _new(self, page: Any) -> Client:
        from accounts.models import User  # noqa: PLC0415
        from inventory.demo.logins import CUSTOMER, STAFF  # noqa: PLC0415

        client = Client(SERVER_NAME="localhost", raise_request_exception=False)
        if not page.stranger:
            client.force_login(User.objects.get(email=STAFF if page.is_console else CUSTOMER))
        if page.account:
            client.post("/act-for", {"account": page.account})
        return client


def look(page: Any, client: Client) -> Seen:
    """Cold first, then warm."""
    from testing_lab.services import pictures  # noqa: PLC0415 - after django.setup()

    pictures.renew()  # as the worker does
    wrong = [f"{status} {url}" for url in page.urls if (status := client.get(url).status_code) != 200]
    colds = []
    for url in page.urls[:2]:
        _forget()
        colds.append(_cost(client, url)[0])
    costs = {url: [_cost(client, url)[0] for _ in range(ROUNDS)] for url in page.urls}
    slowest = max(costs, key=lambda url: min(cost.clock for cost in costs[url]))
    raw = _raw(_cost(client, slowest)[1])
    warm = [cost for each in costs.values() for cost in each]
    return Seen(page.name, max(colds, key=lambda cost: cost.clock), warm, raw, slowest, wrong)


def _forget() -> None:
    """What this process remembers; the pictures that all processes share stay, since a worker renews them."""
    from numbering.recent import Recent  # noqa: PLC0415 - after django.setup()

    for memory in Recent.every:
        Recent.forget(memory)


def _cost(client: Client, url: str) -> tuple[Cost, list[tuple[str, Any]]]:
    with _noted() as statements:
        database, own, began = _database(), time.process_time(), time.perf_counter()
        answer = client.get(url)
        answer.getvalue() if answer.streaming else answer.content
        clock, spent = time.perf_counter() - began, time.process_time() - own
    return Cost(clock * 1e3, spent * 1e3, _database() - database, len(statements)), statements


def _database() -> float:
    """Milliseconds that the processor has worked for our backend, by the kernel; helpers of it are not counted."""
    from django.db import connection  # noqa: PLC0415

    if connection.connection is None or connection.connection.closed:
        connection.ensure_connection()
    pid = connection.connection.info.backend_pid
    return int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0]) / 1e6


@contextmanager
def _noted() -> Iterator[list[tuple[str, Any]]]:
    """The statements that are executed, with their values."""
    from django.db import connection  # noqa: PLC0415

    seen: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, values: Any, many: bool, context: Any) -> Any:
        seen.append((sql, values))
        return execute(sql, values, many, context)

    with connection.execute_wrapper(note):
        yield seen


def _raw(statements: list[tuple[str, Any]]) -> float:
    """Milliseconds for the questions alone, the best of three; what changes something is left out."""
    from django.db import connection  # noqa: PLC0415

    asked = [each for each in statements if each[0].lstrip().upper().startswith(("SELECT", "WITH"))]
    found = []
    for _ in range(3):
        began = time.perf_counter()
        with connection.cursor() as cursor:
            for sql, values in asked:
                cursor.execute(sql, values)
                cursor.fetchall()
        found.append((time.perf_counter() - began) * 1e3)
    return min(found)


if __name__ == "__main__":
    main()
