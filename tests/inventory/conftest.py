"""A real sandbox carrier for the tests of sourcing, and small ways to speak about orders."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from django.db import connection, transaction
from django.utils import timezone

from inventory.models import PhoneNumber, Provider, ProviderOrder, ProviderRelease
from inventory.models.provider_order import OPEN_ORDER
from inventory.models.provider_release import OPEN_RELEASE
from inventory.providers.base import ProviderAdapter
from inventory.providers.registry import adapter_of
from inventory.providers.sandbox import wire
from inventory.services import provider_releases, settling
from tests.carrier import RunningCarrier, start_carrier
from tests.patience import PATIENCE

FAULTS = {
    "stale_offer": {},
    "partial_order": {},
    "order_unanswered": {"hang_seconds": 10},
    "silent_release": {},
    "unavailable_burst": {},
    "throttled_burst": {},
    "duplicate_callback": {},
    "late_line": {"seconds": 5},
}


@dataclass
class Seller:
    """The carrier `tern`, as our provider and from behind its own counter."""

    process: RunningCarrier
    provider: Provider

    @property
    def adapter(self) -> ProviderAdapter:
        """Our side of the wire."""
        return adapter_of(self.provider)

    def strike(self, kind: str, *, key: str | None = None, times: int = 1) -> None:
        """Let a fault of the service happen on the next `times` occasions (of one number or order reference)."""
        self._post("faults", {"kind": kind, "carrier": self.provider.slug, "key": key, "times": times})

    def reset(self) -> None:
        """Forget everything it ever sold."""
        self._post("reset", {})

    def orders(self, key: str) -> list[Any]:
        """What it has under our key."""
        return list(self._get("orders", client_reference=key)["orders"])

    def billed(self) -> set[int]:
        """The digits of the numbers it bills us for."""
        return {int(row["number"][1:]) for row in self._get("numbers", limit=1000)["numbers"]}

    def _get(self, path: str, **query: Any) -> Any:
        url = f"{self.process.http_url}/carriers/{self.provider.slug}/v1/{path}"
        return httpx.get(url, params=query, headers=self.process.authorization).raise_for_status().json()

    def _post(self, path: str, document: dict[str, Any]) -> None:
        url = f"{self.process.http_url}/sandbox/v1/{path}"
        httpx.post(url, json=document, headers=self.process.authorization).raise_for_status()


@pytest.fixture(scope="session")
def carrier_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCarrier]:
    """One process for all tests of a worker; faults only where a test asks for them."""
    with start_carrier(tmp_path_factory.mktemp("carrier"), faults=FAULTS) as process:
        yield process


@pytest.fixture
def seller(carrier_process: RunningCarrier, settings: Any, db: None) -> Seller:
    """A carrier that has sold nothing yet, and our row for it."""
    settings.SANDBOX_URL, settings.SANDBOX_API_KEY = carrier_process.http_url, carrier_process.api_key
    wire._client.cache_clear()
    found = Seller(carrier_process, Provider.objects.create(slug="tern", name="Tern", adapter="sandbox"))
    found.reset()
    return found


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that another process does; fails when it takes too long."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


@contextmanager
def while_we_wait(act: Callable[[], object]) -> Iterator[None]:
    """Another process begins to `act` as soon as the body has done its work, and before it commits.

    Needs a test with real transactions. Raises what `act` raised.
    """
    other, failures = _another_process(act)
    with transaction.atomic():
        yield
        other.start()
        until(lambda: somebody_waits() or not other.is_alive())
    _ended(other, failures)


@contextmanager
def beside(act: Callable[[], object]) -> Iterator[None]:
    """Another process does `act` while the body goes on. Raises what `act` raised."""
    other, failures = _another_process(act)
    other.start()
    try:
        yield
    finally:
        _ended(other, failures)


def _another_process(act: Callable[[], object]) -> tuple[threading.Thread, list[BaseException]]:
    """As good as one: a thread with a connection of its own. What `act` raises comes into the list."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            act()
        except BaseException as error:  # noqa: BLE001 - raised again by the one who waits for the thread
            failures.append(error)
        finally:
            connection.close()

    return threading.Thread(target=run), failures


def _ended(other: threading.Thread, failures: list[BaseException]) -> None:
    other.join(PATIENCE)
    for failure in failures:
        raise failure


@contextmanager
def mortal_workers(module: str, carrier: RunningCarrier) -> Iterator[subprocess.Popen[str]]:
    """What forks the workers of `module` that die: on our database and our carrier, without a broker, so that every
    nudge is lost."""
    environment = os.environ | {
        "DATABASE_URL": "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**connection.settings_dict),
        "SANDBOX_URL": carrier.http_url,
        "SANDBOX_API_KEY": carrier.api_key,
        "REDIS_URL": "redis://127.0.0.1:9/0",
    }
    command = [sys.executable, "-m", module]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as process:
        yield process
        process.terminate()


def somebody_waits() -> bool:
    """Whether a transaction of this database waits for a lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


def settle_all_orders() -> None:
    """Sweep until every order is settled, without waiting for their clocks."""

    def settled() -> bool:
        open_orders = ProviderOrder.objects.filter(state__in=OPEN_ORDER)
        open_orders.update(next_attempt_at=timezone.now())
        settling.settle_due(limit=100)
        return not open_orders.exists()

    until(settled)


def settle_all_releases() -> None:
    """Likewise for the numbers on their way back."""

    def settled() -> bool:
        open_releases = ProviderRelease.objects.filter(state__in=OPEN_RELEASE)
        open_releases.update(next_attempt_at=timezone.now())
        provider_releases.settle_due(limit=100)
        return not open_releases.exists()

    until(settled)


def stock() -> set[int]:
    """The digits of the numbers that we count as ours."""
    return set(PhoneNumber.objects.live().values_list("e164", flat=True))
