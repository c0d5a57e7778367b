"""What goes wrong with providers, on purpose: each fault of the ordering API, drawn or forced."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import httpx
import pytest

from sandbox.faults import STOCK, BadFaults, ServiceFaults, load
from tests.carrier import RunningCarrier
from tests.patience import PATIENCE, eventually
from tests.sandbox.conftest import Client, client_of


def test_a_stale_offer_is_listed_and_refused(http: Client) -> None:
    number, other = http.offers(limit=2)
    http.force("stale_offer", key=number)
    order = http.buy("stale", [number, other])
    assert order["lines"] == [
        {"number": number, "state": "refused", "reason": "no_longer_available"},
        {"number": other, "state": "filled", "reason": None},
    ]
    assert number in http.offers(limit=5), "the catalogue still lies"


def test_a_partial_order_fills_some_lines(start: Callable[..., RunningCarrier]) -> None:
    carrier = start(faults={"partial_order": {"rate": 1.0}})
    with client_of(carrier) as http:
        order = http.buy("some", http.offers(limit=10))
        assert order["state"] == "partial"
        reasons = [line["reason"] for line in order["lines"]]  # type: ignore[attr-defined]  # JSON
        assert reasons[0] == "out_of_stock"
        assert reasons[-1] is None
        assert len(http.held()) == reasons.count(None)


def test_an_unanswered_order_stands(http: Client) -> None:
    """Half of them hang and half break, by the reference: try enough references to meet both."""
    hung = set()
    for turn, number in enumerate(http.offers(limit=8)):
        reference = f"silence {turn}"
        http.force("order_unanswered", carrier="tern")
        with order_by_hand(http, reference, number) as sock:
            eventually(partial(http.orders, reference))
            hung.add(is_silent(sock))
        assert http.order(reference, [number]).status_code == 200, "the retry finds the order"
        assert http.settled(reference)["state"] == "complete"
    assert hung == {True, False}


@pytest.mark.parametrize(("kind", "status"), [("unavailable_burst", 503), ("throttled_burst", 429)])
def test_a_burst_of_refusals_passes(http: Client, kind: str, status: int) -> None:
    http.force(kind, carrier="tern", times=2)
    answers = [http.get("/carriers/tern/v1/numbers") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [status, status, 200]
    assert answers[0].headers["Retry-After"] == "1"
    assert http.get("/carriers/petrel/v1/numbers").status_code == 200, "other carriers answer"


def test_bursts_come_in_rows(start: Callable[..., RunningCarrier]) -> None:
    carrier = start(faults={"unavailable_burst": {"rate": 0.3, "burst": 4}})
    with client_of(carrier) as http:
        statuses = [http.get("/carriers/tern/v1/numbers").status_code for _ in range(60)]
    rows = [statuses[i : i + 4] for i in range(0, 60, 4)]
    assert all(len(set(row)) == 1 for row in rows)
    assert {row[0] for row in rows} == {200, 503}


def test_a_silent_release_answers_yes_and_keeps_billing(http: Client) -> None:
    sticky, witness = numbers = http.offers(limit=2)
    http.buy("sticky", numbers)
    http.force("silent_release", key=sticky)
    answers = [release(http, number) for number in (sticky, witness)]
    assert [(answer.status_code, answer.json()["state"]) for answer in answers] == [(202, "releasing")] * 2
    eventually(lambda: witness not in http.held())
    assert sticky in http.held()
    assert http.get(f"/carriers/tern/v1/numbers/{sticky}").json()["state"] == "held"
    release(http, sticky)
    eventually(lambda: sticky not in http.held())  # asking again helps


def test_a_slow_answer_is_right_in_the_end(start: Callable[..., RunningCarrier]) -> None:
    carrier = start(faults={"slow_answer": {"rate": 1.0, "seconds": 0.4}})
    with client_of(carrier) as http:
        begun = time.monotonic()
        assert http.offers(limit=1)
        assert time.monotonic() - begun >= 0.4


def test_a_late_line_keeps_the_order_pending(start: Callable[..., RunningCarrier]) -> None:
    carrier = start(faults={"late_line": {"rate": 1.0, "seconds": 0.6}})
    with client_of(carrier) as http:
        begun = time.monotonic()
        assert http.buy("late", http.offers(limit=1))["state"] == "complete"
        assert time.monotonic() - begun >= 0.6


def test_the_same_seed_makes_the_same_mistakes(start: Callable[..., RunningCarrier]) -> None:
    stories = []
    for seed in (5, 5, 6):
        carrier = start(seed=seed, faults={"stale_offer": {"rate": 0.5}, "partial_order": {"rate": 0.5}})
        with client_of(carrier) as http:
            numbers = http.offers(limit=24)
            stories.append([http.buy(f"part {i}", numbers[i : i + 8])["lines"] for i in (0, 8, 16)])
    assert stories[0] == stories[1]
    assert stories[0] != stories[2]


def test_rates_hold_over_many_draws() -> None:
    faults = ServiceFaults(load().service, seed=3)
    struck = sum(faults.strikes("duplicate_callback", "tern", f"order {i}") is not None for i in range(20_000))
    assert 0.09 < struck / 20_000 < 0.11


def test_an_own_file_names_the_faults_that_happen(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text("service: {stale_offer: {rate: 0.5}}")
    service = load(path).service
    assert service["stale_offer"]["rate"] == 0.5
    assert service["stale_offer"]["reason"] == "no_longer_available"
    assert {row["rate"] for kind, row in service.items() if kind != "stale_offer"} == {0.0}
    assert load(path).numbers == load(STOCK).numbers


def test_an_unknown_service_fault_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text("service: {gremlins: {rate: 0.5}}")
    with pytest.raises(BadFaults, match="gremlins"):
        load(path)


def release(http: Client, number: str) -> httpx.Response:
    return http.post(f"/carriers/tern/v1/numbers/{number}/release", json={"client_reference": "go"})


def order_by_hand(http: Client, reference: str, number: str) -> socket.socket:
    """Send an order and wait for nothing."""
    body = json.dumps({"client_reference": reference, "numbers": [number]})
    head = f"Host: x\r\nAuthorization: {http.headers['Authorization']}\r\nContent-Length: {len(body)}\r\n\r\n"
    sock = socket.create_connection((http.base_url.host, http.base_url.port), PATIENCE)
    sock.sendall(f"POST /carriers/tern/v1/orders HTTP/1.1\r\n{head}{body}".encode())
    return sock


def is_silent(sock: socket.socket) -> bool:
    """Whether the other side keeps the connection, and says nothing."""
    sock.settimeout(0.3)
    try:
        said = sock.recv(1)
    except TimeoutError:
        return True
    except ConnectionResetError:
        return False
    assert said == b"", "an answer"
    return False
