"""The whole stack under fire: for a minute, processes are killed while numbers are sourced, tested and sold.

Then it is left in peace, and the books must be right: nothing lost, doubled, orphaned or stuck.
CHAOS_SEED repeats who is killed and when (what that hits depends on the machine), CHAOS_SECONDS how long it lasts;
CHAOS_MESSAGES_ONLY=1 is for a machine that is too busy for calls.
"""

import os
import random
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
from psycopg import sql

from tests.chaos import books
from tests.chaos.customers import Customer, open_subaccounts
from tests.chaos.stack import READY_S, Stack, wait_until

SEED = int(os.environ.get("CHAOS_SEED") or random.randrange(10_000))
STORM_S = float(os.environ.get("CHAOS_SECONDS") or 60)
CUSTOMERS = 4
FIRST_SALES = 10
LEASE = "3 minutes"  # testing_lab/services/claims.py


@pytest.fixture
def stack() -> Iterator[Stack]:
    folder = Path(tempfile.mkdtemp(prefix=f"numberyard-chaos-{SEED}-"))  # pytest's own is gone after a few runs
    running = Stack(folder / "numberyard", folder / "stack.log", random.Random(SEED))
    print(f"\nseed {SEED}, log {running.log}")  # noqa: T201 - for who waits
    running.set_up()
    running.start()
    yield running
    running.stop()


@pytest.fixture
def staff(stack: Stack) -> Iterator["Staff"]:
    with Staff(stack) as person:
        yield person


class Staff:
    """tests/chaos/staff.py at work beside the stack."""

    def __init__(self, stack: Stack) -> None:
        self._stack, self._notes = stack, stack.folder.with_name("staff.log")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Staff":
        return self

    def start(self) -> None:
        with self._notes.open("wb") as notes:
            self._process = self._stack.run(
                "-m",
                "tests.chaos.staff",
                given={**os.environ, **self._stack.environment()},
                stdout=notes,
                stderr=subprocess.DEVNULL,
            )

    def __exit__(self, *_: object) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()

    @property
    def returned(self) -> list[str]:
        """The numbers that it was told had gone back."""
        assert self._process and self._process.poll() is None, "staff gave up"
        return self._notes.read_text().split()


@pytest.mark.chaos
def test_killed_at_any_moment_nothing_is_lost_doubled_orphaned_or_stuck(stack: Stack, staff: Staff) -> None:
    keys = _open_shop(stack)
    customers = open_subaccounts(stack.url, keys["ACCOUNT_SID"], keys["AUTH_TOKEN"], CUSTOMERS)
    for customer in customers:
        customer.start()
    # Of all together: of each kind one number comes first, and whoever has that one may not give it back for long.
    wait_until("the first sales", lambda: _sold(customers) >= FIRST_SALES, 240, lambda: _lab_work(stack))
    staff.start()  # not before: it sends back what is on sale, and there is little at first
    _storm(stack)
    stack.wait_until_ready(READY_S)
    sold_in_the_storm = _sold(customers)
    wait_until(
        "sales after the storm", lambda: _sold(customers) > sold_in_the_storm + 10, 240, lambda: _lab_work(stack)
    )
    for customer in customers:
        customer.finish()
    _settle(stack)
    _report(stack, customers, staff)
    _close_the_books(stack, customers, staff)
    stack.stop()
    stack.remove()


def _open_shop(stack: Stack) -> dict[str, str]:
    """Wait until it sources; have the carriers call back, so that those are in the storm too."""
    stack.wait_until_ready(READY_S)
    callbacks = f"{stack.url}/inventory/v1/ProviderCallbacks/"
    with stack.database() as database:
        database.execute(
            "UPDATE inventory_provider SET options = jsonb_build_object('callback_url', %s || slug)", [callbacks]
        )
    return stack.keys()


def _storm(stack: Stack) -> None:
    """Kills, while ever more numbers are wanted; once in the middle, the power fails."""
    began, crash_at = time.monotonic(), STORM_S * stack.chance.uniform(0.3, 0.7)
    while (age := time.monotonic() - began) < STORM_S:
        if age > crash_at:
            hit, crash_at = stack.crash(), float("inf")
        else:
            hit = stack.kill_one() if stack.chance.random() < 0.7 else stack.kill_program()
        print(f"{age:5.1f} s: {hit}")  # noqa: T201
        _want_more(stack)
        time.sleep(stack.chance.uniform(0.3, 3.5))


def _want_more(stack: Stack) -> None:
    try:
        with stack.database() as database:
            database.execute(
                "UPDATE inventory_stocktarget SET quantity = quantity + 1"
                " WHERE (country, number_type) = ('US', 'local') OR random() < 0.02"
            )
    except (OSError, KeyError, psycopg.Error):
        return


def _sold(customers: list[Customer]) -> int:
    return sum(customer.bought for customer in customers)


def _lab_work(stack: Stack) -> object:
    """What the lab has begun and ended with the numbers that were bought: it changes while it is at work."""
    with stack.database() as database:
        return database.execute(
            "SELECT sum(attempt), count(*) FILTER (WHERE state = 'DONE') FROM testing_lab_suiterun"
            " WHERE purpose = 'received'"
        ).fetchone()


def _settle(stack: Stack) -> None:
    """Want nothing more, and wait until all that was begun has ended; twice, since what is in hand may order more."""
    with stack.database() as database:
        database.execute("UPDATE inventory_stocktarget SET is_active = false")
        # Let the leases of lab daemons that are dead run out now, not in minutes. The living one renews its own, or
        # loses one and has its verdict refused, as it should be.
        database.execute(
            "UPDATE testing_lab_suiterun SET lease_until = lease_until - %s::interval WHERE state = 'CLAIMED'", [LEASE]
        )
        for _ in range(2):
            time.sleep(10)
            wait_until(
                "a settled house",
                lambda: not _left(books.broken(database, books.UNSETTLED)),
                400,
                lambda: _lab_work(stack),
            )


_last_left: dict[str, int] = {}


def _left(unsettled: dict[str, books.Rows]) -> dict[str, books.Rows]:
    """The same, told to who waits when it changes."""
    count = {what: len(rows) for what, rows in unsettled.items()}
    if count != _last_left:
        _last_left.clear()
        _last_left.update(count)
        print(f"left: {count}")  # noqa: T201
    return unsettled


def _report(stack: Stack, customers: list[Customer], staff: Staff) -> None:
    with stack.database() as database:
        for table in ("providerorder", "providerorderline", "providerrelease", "assignment", "lifecycleentry"):
            rows = database.execute(
                sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(f"inventory_{table}"))
            ).fetchone()
            print(f"{table}: {rows and rows[0]}", end=", ")  # noqa: T201
    answers = sum((customer.answers for customer in customers), Counter())
    print(f"\nkills {dict(stack.kills)}\nanswers {dict(answers)}\nreturned by staff: {len(staff.returned)}")  # noqa: T201


def _close_the_books(stack: Stack, customers: list[Customer], staff: Staff) -> None:
    with stack.database() as database:
        assert not books.broken(database, books.RULES)
        assert not books.differences(database, stack.data / "sandbox.sqlite3")
        healthy = {number: why for number, why in books.failed(database).items() if _is_healthy(stack, number)}
        assert not healthy, "failed for what we did, not for what the number is"
        returned = database.execute("SELECT '+' || e164 FROM inventory_phonenumber WHERE state = 'RETURNED'")
        assert {str(number) for (number,) in returned}.issuperset(staff.returned)
    assert not [surprise for customer in customers for surprise in customer.surprises]
    for customer in customers:
        assert customer.owns() == customer.has, "what it was told is not what it has"


def _is_healthy(stack: Stack, number: str) -> bool:
    """Whether the carrier, who knows, says that there is nothing wrong with this number."""
    environment = stack.environment()
    url = f"{environment['SANDBOX_URL']}/sandbox/v1/numbers/{number}"
    answer = httpx.get(url, headers={"Authorization": f"Bearer {environment['SANDBOX_API_KEY']}"})
    return answer.raise_for_status().json()["fault"] is None
