"""The whole stack under fire: for a minute, processes are killed while numbers are sourced, tested and bought.

Then it is left in peace, and the books must be right: nothing lost, doubled, orphaned or stuck.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg
import pytest

from config.stack import credentials, ports
from config.stack.program import find, mark
from tests.chaos import books

ROOT = Path(__file__).resolve().parents[2]
STORM_S = float(os.environ.get("CHAOS_SECONDS", "60"))
VICTIMS = ("web", "worker", "sweeper", "labd", "sandbox", "postgresql", "redis", "beat")


@dataclass
class Stack:
    """A stack of its own in a copy of the project."""

    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def data(self) -> Path:
        return self.folder / ".data"

    def environment(self) -> dict[str, str]:
        return credentials.read(self.data / "stack.env")

    def keys(self) -> dict[str, str]:
        return credentials.read(self.data / credentials.CREDENTIALS)

    def database(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(self.environment()["DATABASE_URL"], autocommit=True)

    def kill(self, name: str) -> None:
        """SIGKILL to one of the processes of a program, whichever."""
        if pids := find(mark(self.data, name)):
            os.kill(random.choice(sorted(pids)), signal.SIGKILL)


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    folder = tmp_path / "numberyard"
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in listed.splitlines():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    unset = (
        "DATABASE_URL",
        "REDIS_URL",
        "DJANGO_SETTINGS_MODULE",
        "SECRET_KEY",
        "FIELD_ENCRYPTION_KEYS",
        "SANDBOX_API_KEY",
    )
    environment = {key: value for key, value in os.environ.items() if key not in unset and not key.startswith("PYTEST")}
    environment["NUMBERYARD_PORT"] = str(ports.choose())
    with (tmp_path / "stack.log").open("wb") as log:
        command = [sys.executable, "-m", "config.stack", "run"]
        running = Stack(folder, subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log))
    yield running
    running.process.send_signal(signal.SIGTERM)
    running.process.wait(60)


@dataclass
class Buyers:
    """Customers who search and buy without pause, and repeat a purchase with its key until it is answered."""

    url: str
    account: tuple[str, str]
    done: threading.Event = field(default_factory=threading.Event)
    bought: dict[str, str] = field(default_factory=dict)
    surprises: list[str] = field(default_factory=list)

    def run(self) -> None:
        with httpx.Client(auth=self.account, timeout=10) as client:
            while not self.done.is_set():
                try:
                    self._buy_one(client)
                except httpx.HTTPError:
                    time.sleep(0.3)

    def _buy_one(self, client: httpx.Client) -> None:
        base = f"{self.url}/2010-04-01/Accounts/{self.account[0]}"
        search = client.get(f"{base}/AvailablePhoneNumbers/US/Local.json", params={"PageSize": 5})
        offers = search.json().get("available_phone_numbers") if search.status_code == 200 else []
        if not offers:
            time.sleep(0.5)
            return
        number, key = random.choice(offers)["phone_number"], random.randbytes(8).hex()
        while not self.done.is_set():
            try:
                answer = client.post(
                    f"{base}/IncomingPhoneNumbers.json", data={"PhoneNumber": number}, headers={"Idempotency-Key": key}
                )
            except httpx.HTTPError:
                time.sleep(0.3)
                continue
            if answer.status_code in (409, 429, 500, 502, 503):  # in hand, or the database is away: ask again
                time.sleep(0.3)
                continue
            if answer.status_code == 201:
                self.bought[number] = answer.json()["sid"]
            elif answer.json().get("code") != 21422:
                self.surprises.append(f"{number}: {answer.status_code} {answer.text[:200]}")
            return


def wait_until(what: str, check: Callable[[], object], seconds: float) -> None:
    """Poll until `check` is true; a database or door that is away counts as not yet."""
    end, last = time.monotonic() + seconds, ""
    while time.monotonic() < end:
        try:
            if check():
                return
        except (httpx.HTTPError, psycopg.Error, OSError, KeyError) as error:
            last = repr(error)
        time.sleep(1)
    pytest.fail(f"{what} did not come about in {seconds:.0f} s {last}")


@pytest.mark.chaos
def test_killed_at_any_moment_nothing_is_lost_doubled_orphaned_or_stuck(stack: Stack) -> None:
    wait_until(
        "a stack that is ready", lambda: httpx.get(stack.environment()["NUMBERYARD_URL"] + "/readyz").is_success, 120
    )
    keys = stack.keys()
    wait_until("numbers under test", lambda: _in_testing(stack) > 20, 180)
    buyers = [Buyers(keys["NUMBERYARD_URL"], (keys["ACCOUNT_SID"], keys["AUTH_TOKEN"])) for _ in range(3)]
    threads = [threading.Thread(target=buyer.run) for buyer in buyers]
    for thread in threads:
        thread.start()
    wait_until("the first purchase", lambda: any(buyer.bought for buyer in buyers), 240)
    storm_ends = time.monotonic() + STORM_S
    while time.monotonic() < storm_ends:
        stack.kill(random.choice(VICTIMS))
        time.sleep(random.uniform(0.5, 4))
    wait_until("recovery", lambda: httpx.get(keys["NUMBERYARD_URL"] + "/readyz").is_success, 90)
    bought_in_peace = sum(len(buyer.bought) for buyer in buyers)
    wait_until("sales after the storm", lambda: sum(len(buyer.bought) for buyer in buyers) > bought_in_peace, 240)
    for buyer in buyers:
        buyer.done.set()
    for thread in threads:
        thread.join()
    _close_the_books(stack, buyers)


def _close_the_books(stack: Stack, buyers: list[Buyers]) -> None:
    with stack.database() as database:
        database.execute("UPDATE inventory_stocktarget SET is_active = false")
        wait_until("a settled house", lambda: not books.broken(database, books.UNSETTLED), 300)
        assert not books.broken(database, books.RULES)
        environment = stack.environment()
        carriers = [
            str(slug) for (slug,) in database.execute("SELECT slug FROM inventory_provider WHERE adapter = 'sandbox'")
        ]
        ours = books.held_by_us(database)
        theirs = books.billed_to_us(environment["SANDBOX_URL"], environment["SANDBOX_API_KEY"], carriers)
        assert ours == theirs, f"ghosts {sorted(ours - theirs)[:5]}, orphans {sorted(theirs - ours)[:5]}"
        sold = {
            f"+{e164}": sid
            for e164, sid in database.execute(
                "SELECT e164, sid FROM inventory_did AS did JOIN inventory_phonenumber AS number "
                "ON number.id = did.number_id WHERE did.ended_at IS NULL"
            )
        }
    promised = {number: sid for buyer in buyers for number, sid in buyer.bought.items()}
    assert not [surprise for buyer in buyers for surprise in buyer.surprises]
    assert promised.items() <= sold.items(), "a number that was sold to the customer is not in service"


def _in_testing(stack: Stack) -> int:
    with stack.database() as database:
        rows = database.execute("SELECT FROM inventory_phonenumber WHERE state = 'TESTING'").fetchall()
    return len(rows)
