"""A carrier of one's own for each test module, and clients for its doors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.carrier import RunningCarrier, start_carrier
from tests.patience import PATIENCE, eventually
from tests.sandbox.phone import Phone


class Client(httpx.Client):
    """The HTTP doors of a carrier, with the words that the tests use."""

    def offers(self, carrier: str = "tern", **query: str | int) -> list[str]:
        document = self.get(f"/carriers/{carrier}/v1/offers", params=query).raise_for_status().json()
        return [offer["number"] for offer in document["offers"]]

    def order(
        self, reference: str, numbers: list[str], carrier: str = "tern", callback_url: str | None = None
    ) -> httpx.Response:
        body = {"client_reference": reference, "numbers": numbers, "callback_url": callback_url}
        return self.post(f"/carriers/{carrier}/v1/orders", json=body)

    def settled(self, reference: str, carrier: str = "tern") -> dict[str, object]:
        """The order with this reference, once no line is pending."""
        eventually(lambda: any(order["state"] != "pending" for order in self.orders(reference, carrier)))
        return self.orders(reference, carrier)[0]

    def orders(self, reference: str, carrier: str = "tern") -> list[dict[str, Any]]:
        """The orders with this reference: one or none."""
        answer = self.get(f"/carriers/{carrier}/v1/orders", params={"client_reference": reference})
        return list(answer.raise_for_status().json()["orders"])

    def buy(self, reference: str, numbers: list[str], carrier: str = "tern") -> dict[str, object]:
        self.order(reference, numbers, carrier).raise_for_status()
        return self.settled(reference, carrier)

    def held(self, carrier: str = "tern") -> set[str]:
        document = self.get(f"/carriers/{carrier}/v1/numbers").raise_for_status().json()
        return {row["number"] for row in document["numbers"]}

    def give_fault(self, number: str, kind: str | None, severity: str | None = None) -> None:
        body = {"kind": kind, "severity": severity}
        self.put(f"/sandbox/v1/numbers/{number}/fault", json=body).raise_for_status()

    def force(self, kind: str, **where: object) -> None:
        self.post("/sandbox/v1/faults", json={"kind": kind, **where}).raise_for_status()


def client_of(carrier: RunningCarrier) -> Client:
    return Client(base_url=carrier.http_url, headers=carrier.authorization, timeout=PATIENCE)


@pytest.fixture(scope="module")
def inbound() -> Iterator[Phone]:
    """The customer's inbound trunk: where the carrier sends calls."""
    with Phone() as phone:
        yield phone


@pytest.fixture(scope="module")
def carrier(tmp_path_factory: pytest.TempPathFactory, inbound: Phone) -> Iterator[RunningCarrier]:
    """A healthy carrier: no faults but those that a test forces."""
    with start_carrier(tmp_path_factory.mktemp("carrier"), inbound_sip=inbound.address) as running:
        yield running


@pytest.fixture
def http(carrier: RunningCarrier) -> Iterator[Client]:
    with client_of(carrier) as client:
        yield client


@pytest.fixture
def phone() -> Iterator[Phone]:
    """The caller's telephone."""
    with Phone() as telephone:
        yield telephone


@pytest.fixture
def number(http: Client) -> str:
    """A healthy US number that we hold."""
    numbers = http.offers(country="US", type="local", limit=1)
    http.buy("a line", numbers)
    return numbers[0]


@pytest.fixture
def quiet(inbound: Phone) -> Iterator[None]:
    """What still comes in belongs to no other test."""
    yield
    inbound.drain()


@pytest.fixture(autouse=True)
def forget(request: pytest.FixtureRequest) -> Iterator[None]:
    """Leave the module's carrier as it was, so that tests may run in any order."""
    yield
    if "carrier" in request.fixturenames:
        running: RunningCarrier = request.getfixturevalue("carrier")
        with client_of(running) as client:
            client.post("/sandbox/v1/reset").raise_for_status()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., RunningCarrier]]:
    """Start carriers with settings of one's own."""
    started: list[RunningCarrier] = []

    def begin(**settings: object) -> RunningCarrier:
        folder = tmp_path / str(len(started))
        folder.mkdir()
        started.append(start_carrier(folder, **settings))  # type: ignore[arg-type]  # passed through
        return started[-1]

    yield begin
    for running in started:
        if running.process.poll() is None:
            running.stop()
