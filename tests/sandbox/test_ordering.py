"""The ordering API, word by word as its clients were promised."""

from __future__ import annotations

import hmac
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest

from sandbox.orders import RELEASE_SECONDS
from tests.carrier import RunningCarrier
from tests.patience import PATIENCE, eventually
from tests.sandbox.conftest import Client


class Mailbox(HTTPServer):
    """Receives callbacks."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Letterbox)
        self.letters: list[tuple[bytes, str]] = []
        self.came = threading.Semaphore(0)
        self.refusals = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/callbacks"


class Letterbox(BaseHTTPRequestHandler):
    server: Mailbox

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.letters.append((body, self.headers["X-Sandbox-Signature"]))
        self.send_response(204)
        self.end_headers()
        self.server.came.release()

    def log_message(self, *words: object) -> None:
        """Be quiet."""


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    server = Mailbox()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def test_offers_carry_place_capabilities_and_costs(http: Client) -> None:
    query: dict[str, Any] = {"country": "US", "type": "local", "area_code": "415", "limit": 1}
    offer = http.get("/carriers/tern/v1/offers", params=query).json()["offers"][0]
    assert offer.pop("number").startswith("+1415555")
    assert offer == {
        "country": "US", "type": "local", "area_code": "415", "locality": "San Francisco", "region": "CA",
        "capabilities": ["voice", "sms", "mms"], "setup_cost": "0.50", "monthly_cost": "0.80", "currency": "USD",
    }  # fmt: skip


def test_offers_are_paged_to_the_end(http: Client) -> None:
    query: dict[str, Any] = {"country": "US", "type": "toll_free", "limit": 150}
    seen: list[str] = []
    while True:
        document = http.get("/carriers/tern/v1/offers", params=query).json()
        seen += [offer["number"] for offer in document["offers"]]
        if document["next_cursor"] is None:
            break
        query["cursor"] = document["next_cursor"]
    assert len(seen) == len(set(seen)) == 400


def test_the_labs_reference_number_is_not_for_sale(http: Client, carrier: RunningCarrier) -> None:
    offered = http.offers(country="US", type="local", area_code="202", limit=500)
    assert len(offered) == 99
    assert carrier.reference_numbers[0] not in offered


def test_an_order_is_accepted_and_fills_line_by_line(http: Client) -> None:
    numbers = http.offers(country="US", limit=5)
    answer = http.order("five", numbers)
    assert answer.status_code == 202
    document = answer.json()
    assert document["state"] == "pending"
    assert document["lines"] == [{"number": n, "state": "pending", "reason": None} for n in numbers]
    settled = http.settled("five")
    assert settled["state"] == "complete"
    assert settled == http.get(f"/carriers/tern/v1/orders/{document['id']}").json()
    assert set(numbers) <= http.held()
    assert not set(numbers) & set(http.offers(country="US", limit=500))


def test_the_same_reference_is_the_same_order(http: Client) -> None:
    numbers = http.offers(limit=2)
    first, again = http.order("again", numbers), http.order("again", numbers)
    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json()["id"] == again.json()["id"]
    orders = http.get("/carriers/tern/v1/orders", params={"client_reference": "again"}).json()["orders"]
    assert len(orders) == 1


def test_a_reference_cannot_stand_for_other_numbers(http: Client) -> None:
    first, second = http.offers(limit=2)
    http.order("mine", [first]).raise_for_status()
    answer = http.order("mine", [second])
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "client_reference_reused"


def test_two_carriers_may_see_the_same_reference(http: Client) -> None:
    http.buy("shared", http.offers(limit=1))
    assert http.buy("shared", http.offers("petrel", limit=1), "petrel")["state"] == "complete"


def test_a_number_is_sold_once(http: Client) -> None:
    numbers = http.offers(limit=1)
    assert http.buy("winner", numbers)["state"] == "complete"
    loser = http.buy("loser", numbers)
    assert loser["state"] == "failed"
    assert loser["lines"] == [{"number": numbers[0], "state": "refused", "reason": "no_longer_available"}]


def test_numbers_of_other_carriers_are_unknown(http: Client) -> None:
    mine, foreign = http.offers(limit=1), http.offers("petrel", limit=1)
    order = http.buy("mixed", mine + foreign)
    assert order["state"] == "partial"
    assert [line["reason"] for line in order["lines"]] == [None, "unknown_number"]  # type: ignore[attr-defined]  # JSON


def test_a_released_number_is_billed_until_it_is_gone(http: Client) -> None:
    numbers = http.offers(limit=10)
    http.buy("short", numbers)
    for number in numbers:  # until we look, for once, before the carrier is done
        path, began = f"/carriers/tern/v1/numbers/{number}", time.monotonic()
        answer = http.post(f"{path}/release", json={"client_reference": "bye"})
        assert (answer.status_code, answer.json()) == (202, {"number": number, "state": "releasing"})
        state, billed = http.get(path).json()["state"], http.held()
        if time.monotonic() - began < RELEASE_SECONDS:
            break
    assert state == "held"
    assert number in billed
    eventually(lambda: http.get(path).json()["state"] == "released")
    assert number not in http.held()
    assert http.post(f"{path}/release", json={"client_reference": "bye"}).json()["state"] == "released"
    assert number not in http.offers(limit=500), "a released number rests"


def test_a_number_that_was_never_held_is_unknown(http: Client) -> None:
    number = http.offers(limit=1)[0]
    assert http.get(f"/carriers/tern/v1/numbers/{number}").status_code == 404
    body = {"client_reference": "x"}
    assert http.post(f"/carriers/tern/v1/numbers/{number}/release", json=body).status_code == 404


def test_holdings_are_listed_in_pages_with_their_price(http: Client) -> None:
    numbers = http.offers(limit=5)
    http.buy("many", numbers)
    first = http.get("/carriers/tern/v1/numbers", params={"limit": 3}).json()
    assert first["numbers"][0]["monthly_cost"] == "0.80"
    rest = http.get("/carriers/tern/v1/numbers", params={"limit": 3, "cursor": first["next_cursor"]}).json()
    assert [row["number"] for row in first["numbers"] + rest["numbers"]] == sorted(numbers)
    assert rest["next_cursor"] is None


def test_a_settled_order_is_called_back_with_a_signature(
    http: Client, carrier: RunningCarrier, mailbox: Mailbox
) -> None:
    http.order("call me", http.offers(limit=2), callback_url=mailbox.url).raise_for_status()
    assert mailbox.came.acquire(timeout=PATIENCE)
    body, signature = mailbox.letters[0]
    assert json.loads(body) == http.settled("call me")
    assert signature == hmac.new(carrier.api_key.encode(), body, "sha256").hexdigest()


def test_a_duplicate_callback_comes_twice(http: Client, mailbox: Mailbox) -> None:
    http.force("duplicate_callback", carrier="tern")
    http.order("twice", http.offers(limit=1), callback_url=mailbox.url).raise_for_status()
    assert mailbox.came.acquire(timeout=PATIENCE)
    assert mailbox.came.acquire(timeout=PATIENCE)
    assert mailbox.letters[0] == mailbox.letters[1]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"numbers": ["+14155550123"]}, "invalid_client_reference"),
        ({"client_reference": "x" * 65, "numbers": ["+14155550123"]}, "invalid_client_reference"),
        ({"client_reference": 7, "numbers": ["+14155550123"]}, "invalid_client_reference"),
        ({"client_reference": "x", "numbers": []}, "invalid_numbers"),
        ({"client_reference": "x", "numbers": "+14155550123"}, "invalid_numbers"),
        ({"client_reference": "x", "numbers": ["4155550123"]}, "invalid_numbers"),
        ({"client_reference": "x", "numbers": ["+14155550123"] * 2}, "invalid_numbers"),
        ({"client_reference": "x", "numbers": ["+14155550123"], "callback_url": "ftp://a"}, "invalid_callback_url"),
        ({"client_reference": "x", "numbers": ["+14155550123"], "callback_url": 1}, "invalid_callback_url"),
        ([], "invalid_json"),
    ],
)
def test_bad_orders_are_refused_with_a_reason(http: Client, body: object, code: str) -> None:
    answer = http.post("/carriers/tern/v1/orders", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "cursor=-1", "cursor=%00", "type=landline", "limit=501"])
def test_bad_questions_are_refused(http: Client, query: str) -> None:
    assert http.get(f"/carriers/tern/v1/offers?{query}").status_code == 400


@pytest.mark.parametrize("path", ["/carriers/nobody/v1/offers", "/carriers/tern/v1/orders/ord_0", "/nowhere"])
def test_what_does_not_exist_is_404(http: Client, path: str) -> None:
    answer = http.get(path)
    assert answer.status_code == 404
    assert set(answer.json()["error"]) == {"code", "message"}


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic eDp5"}])
def test_nobody_enters_without_the_key(carrier: RunningCarrier, header: dict[str, str]) -> None:
    for path in ("/carriers/tern/v1/offers", "/sandbox/v1/calls"):
        assert httpx.get(carrier.http_url + path, headers=header).status_code == 401
