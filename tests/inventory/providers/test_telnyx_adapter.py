"""Telnyx, through its own client, against what its published API says (tests/inventory/providers/telnyx_shop.py)."""

import json
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.utils import timezone

from inventory.models import LineState, OrderState, Provider, ProviderOrder
from inventory.providers.base import (
    LineStatus,
    ProviderAdapter,
    ProviderRefused,
    ProviderUnavailable,
    ProviderUncertain,
)
from inventory.providers.registry import adapter_of
from inventory.providers.telnyx import webhook, wire
from inventory.services import doubts
from numbering.types import Capability
from tests.inventory.conftest import settle_all_orders, stock
from tests.inventory.providers import telnyx_shop
from tests.inventory.providers.contract import IN_415, ProviderContract, attempt, order_of_two
from tests.inventory.providers.counter import Answer, opened
from tests.inventory.providers.http_contract import NUMBERS, HttpContract
from tests.inventory.providers.telnyx_shop import PUBLIC_KEY, TelnyxShop


@pytest.fixture
def shop(db: None, settings: Any) -> Iterator[TelnyxShop]:
    provider = Provider.objects.create(slug="telnyx", name="Telnyx", adapter="telnyx")
    with opened(TelnyxShop(provider, settings)) as found:
        found.open_account()
        yield found


@pytest.fixture
def adapter(shop: TelnyxShop) -> ProviderAdapter:
    return adapter_of(shop.provider)


class TestTelnyx(ProviderContract):
    """The promises of every provider."""


class TestTelnyxOverHttp(HttpContract):
    """What may go wrong on the way."""

    @pytest.fixture
    def _impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(wire, "TIMEOUT", httpx.Timeout(2.0))
        wire._client.cache_clear()


def test_the_client_is_not_even_imported_before_it_is_needed() -> None:
    code = "import django; django.setup(); import sys, inventory.providers.telnyx; print('telnyx' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_an_offer_is_what_the_vendor_says_of_a_number(shop: TelnyxShop, adapter: ProviderAdapter) -> None:
    offer = next(adapter.offers(IN_415))
    assert str(offer.number) == "+14155550000"
    assert offer.capabilities == Capability.VOICE | Capability.SMS | Capability.MMS
    assert (offer.locality, offer.region, offer.monthly_cost) == ("SNFC CNTRL", "CA", Decimal(1))
    asked = {name: value for name, value in shop.seen[0].query.items() if name.startswith("filter")}
    assert asked == {
        "filter[country_code]": "US",
        "filter[phone_number_type]": "local",
        "filter[national_destination_code]": "415",
        "filter[limit]": "200",
        "filter[exclude_held_numbers]": "true",
    }


def offered(shop: TelnyxShop, adapter: ProviderAdapter, **changes: Any) -> int:
    """How many offers are left of three when one is changed."""
    rows = [shop._offer(number) for number in shop.on_sale[:3]]
    rows[1] |= changes
    shop.strike("GET", instead=Answer(200, {"data": rows, "metadata": {"total_results": 3}}))
    return len(list(adapter.offers(IN_415)))


@pytest.mark.parametrize(
    "changes",
    [
        {"phone_number": None},
        {"phone_number": "4155550001"},
        {"phone_number": "+442079460018"},
        {"phone_number": 14155550001},
        {"features": None},
        {"features": "voice"},
        {"cost_information": None},
        {"cost_information": {"monthly_cost": 1.0, "currency": "USD"}},
        {"cost_information": {"monthly_cost": "-1", "currency": "USD"}},
        {"cost_information": {"monthly_cost": "NaN", "currency": "USD"}},
        {"cost_information": {"monthly_cost": "1.00", "currency": "dollars"}},
        {"cost_information": {"monthly_cost": "1.00", "currency": None}},
        {"best_effort": True},
        {"region_information": "CA"},
    ],
    ids=str,
)
def test_an_unsound_offer_is_left_out(shop: TelnyxShop, adapter: ProviderAdapter, changes: dict[str, Any]) -> None:
    assert offered(shop, adapter, **changes) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"shoe_size": 43},
        {"features": [{"name": "telepathy"}, {"name": "voice"}, {}]},
        {"region_information": None},
        {"region_information": [{"region_type": "planet", "region_name": "Earth"}]},
        {"best_effort": None},
        {"vanity_format": "415-NUMBERS"},
    ],
    ids=str,
)
def test_what_is_new_to_us_harms_nothing(shop: TelnyxShop, adapter: ProviderAdapter, changes: dict[str, Any]) -> None:
    assert offered(shop, adapter, **changes) == 3


def test_numbers_are_connected_as_the_row_says(shop: TelnyxShop, settings: Any) -> None:
    shop.provider.options = {"connection_id": "c1", "billing_group_id": "b1", "requirement_group_id": "r1", "other": 1}
    adapter_of(shop.provider).order(NUMBERS, key="ny-1")
    (request,) = shop.asked("POST")
    assert request.body == {
        "customer_reference": "ny-1",
        "connection_id": "c1",
        "billing_group_id": "b1",
        "phone_numbers": [{"phone_number": str(number), "requirement_group_id": "r1"} for number in NUMBERS],
    }


def test_a_number_that_waits_for_papers_keeps_its_order_open(shop: TelnyxShop) -> None:
    order = order_of_two(shop)
    waiting = order.lines.order_by("pk")[0]
    shop.waits_for_papers = {f"+{waiting.e164}"}
    for _ in range(3):
        attempt(order)
    assert order.state == OrderState.PLACED
    assert stock() == shop.billed() == {order.lines.order_by("pk")[1].e164}
    shop.waits_for_papers.clear()
    settle_all_orders()
    assert len(stock()) == 2
    assert stock() == shop.billed()


def test_a_line_says_which_papers_it_waits_for(shop: TelnyxShop, adapter: ProviderAdapter) -> None:
    shop.waits_for_papers = {str(NUMBERS[0])}
    adapter.order(NUMBERS, key="ny-1")
    adapter.order_status("ny-1")
    status = adapter.order_status("ny-1")
    assert status
    assert not status.settled
    lines = {line.number: line for line in status.lines}
    assert lines[NUMBERS[0]].reason == "pending requirement-info-pending"
    assert lines[NUMBERS[1]].status == LineStatus.FILLED


def test_two_orders_under_one_key_count_as_one(shop: TelnyxShop, adapter: ProviderAdapter) -> None:
    adapter.order(NUMBERS, key="ny-1")
    adapter.order_status("ny-1")
    adapter.order(NUMBERS, key="ny-2")
    for order in shop.orders.values():
        order["customer_reference"] = "ny-1"
    adapter.order_status("ny-1")
    status = adapter.order_status("ny-1")
    assert status
    assert status.settled
    assert [line.status for line in status.lines] == [LineStatus.FILLED] * 2


@pytest.mark.parametrize(
    "changes", [{"phone_numbers_count": 3}, {"status": "perhaps"}, {"phone_numbers": None}], ids=str
)
def test_an_order_that_cannot_be_understood_is_uncertain(
    shop: TelnyxShop, adapter: ProviderAdapter, changes: dict[str, Any]
) -> None:
    adapter.order(NUMBERS, key="ny-2")
    (order,) = shop.orders.values()
    instead = Answer(200, {"data": order | {"customer_reference": "ny-1"} | changes})
    shop.strike("POST", instead=instead)
    with pytest.raises(ProviderUncertain):
        adapter.order(NUMBERS, key="ny-1")
    order |= changes
    shop.strike("GET", "/number_orders/", instead=Answer(200, {"data": order}))
    with pytest.raises(ProviderUnavailable):
        adapter.order_status("ny-2")


def doubted(shop: TelnyxShop) -> ProviderOrder:
    """An order of two that was sent and never answered; the next attempt is refused."""
    order = order_of_two(shop)
    shop.strike("POST", "/number_orders", instead=Answer(500))
    attempt(order)
    shop.strike("POST", "/number_orders", instead=telnyx_shop.refusal(422, "10015", "Not available"))
    return order


def half_an_hour_later(order: ProviderOrder) -> None:
    """The doubt is over."""
    ProviderOrder.objects.filter(pk=order.pk).update(unanswered_at=timezone.now() - doubts.DOUBT)
    order.refresh_from_db()


def test_a_refusal_is_believed_when_nothing_came_of_it_in_half_an_hour(shop: TelnyxShop) -> None:
    order = attempt(doubted(shop))
    assert (order.state, "may have been taken" in order.last_error) == (OrderState.INTENDED, True)
    half_an_hour_later(order)
    shop.strike("POST", "/number_orders", instead=telnyx_shop.refusal(422, "10015", "Not available"))
    attempt(order)
    assert (order.state, order.unanswered_at, order.next_attempt_at) == (OrderState.FAILED, None, None)
    assert set(order.lines.values_list("state", flat=True)) == {LineState.REFUSED}
    assert stock() == shop.billed() == set()


def test_a_number_that_is_billed_after_all_is_received(shop: TelnyxShop) -> None:
    """The order itself is never listed; the bill tells."""
    order = doubted(shop)
    bought, refused = order.lines.order_by("pk")
    shop._hold(f"+{bought.e164}")
    attempt(order)
    assert stock() == set()
    half_an_hour_later(order)
    shop.strike("POST", "/number_orders", instead=telnyx_shop.refusal(422, "10015", "Not available"))
    attempt(order)
    assert (order.state, order.unanswered_at) == (OrderState.COMPLETE, None)
    assert stock() == shop.billed() == {bought.e164}
    assert order.lines.get(e164=refused.e164).state == LineState.REFUSED


def test_a_first_refusal_is_believed_at_once(shop: TelnyxShop) -> None:
    order = order_of_two(shop)
    shop.strike("POST", "/number_orders", instead=telnyx_shop.refusal(422, "10015", "Not available"))
    attempt(order)
    assert (order.state, order.unanswered_at) == (OrderState.FAILED, None)


def test_an_answer_about_another_order_leaves_ours_uncertain(shop: TelnyxShop, adapter: ProviderAdapter) -> None:
    adapter.order(NUMBERS, key="ny-2")
    (order,) = shop.orders.values()
    shop.strike("POST", instead=Answer(200, {"data": order}))
    with pytest.raises(ProviderUncertain, match="answered with ny-2"):
        adapter.order(NUMBERS, key="ny-1")


@pytest.mark.parametrize(
    ("status", "billed"),
    [
        ("active", True),
        ("purchase-pending", True),
        ("port-out-pending", True),
        ("requirement-info-pending", True),
        ("deleted", False),
        ("ported-out", False),
        ("purchase-failed", False),
    ],
)
def test_we_are_billed_until_a_number_is_gone(
    shop: TelnyxShop, adapter: ProviderAdapter, status: str, billed: bool
) -> None:
    shop._hold(str(NUMBERS[0]))
    next(iter(shop.held.values()))["status"] = status
    assert adapter.holding(NUMBERS[0]) is billed
    assert list(adapter.holdings()) == [NUMBERS[0]] * billed


def test_an_unknown_status_of_a_number_proves_nothing(shop: TelnyxShop, adapter: ProviderAdapter) -> None:
    row = {"id": "n1", "phone_number": str(NUMBERS[0]), "status": "on-the-moon"}
    for ask in (lambda: adapter.holding(NUMBERS[0]), lambda: list(adapter.holdings())):
        shop.strike("GET", instead=Answer(200, {"data": [row], "meta": {"total_results": 1}}))
        with pytest.raises(ProviderUnavailable, match="on-the-moon"):
            ask()


def test_a_number_that_came_back_to_us_is_given_back_by_its_new_row(shop: TelnyxShop, adapter: ProviderAdapter) -> None:
    for _ in range(2):
        shop._hold(str(NUMBERS[0]))
    old, new = shop.held
    shop.held[old]["status"] = "deleted"
    adapter.release(NUMBERS[0], key="ny-1")
    assert [one.path for one in shop.asked("DELETE")] == [f"/phone_numbers/{new}"]
    assert not adapter.holding(NUMBERS[0])


def test_a_locked_number_is_not_given_back(shop: TelnyxShop, adapter: ProviderAdapter) -> None:
    shop._hold(str(NUMBERS[0]))
    shop.strike("DELETE", instead=telnyx_shop.refusal(422, "10027", "Deletion lock is enabled"))
    with pytest.raises(ProviderRefused, match="422 10027: Deletion lock is enabled"):
        adapter.release(NUMBERS[0], key="ny-1")


def test_a_lost_answer_to_a_release_is_uncertain(shop: TelnyxShop, adapter: ProviderAdapter) -> None:
    shop._hold(str(NUMBERS[0]))
    shop.strike("DELETE", after=True)
    with pytest.raises(ProviderUncertain):
        adapter.release(NUMBERS[0], key="ny-1")
    assert not adapter.holding(NUMBERS[0])


NEWS = json.dumps({"data": {"payload": {"customer_reference": "ny-1"}}}).encode()


@pytest.mark.parametrize("age", [0, 180, -180])
def test_a_fresh_webhook_is_heard(shop: TelnyxShop, adapter: ProviderAdapter, age: int) -> None:
    assert adapter.verify_callback(*shop.signed(NEWS, at=int(time.time()) - age)) == "ny-1"


@pytest.mark.parametrize("age", [webhook.TOLERANCE + 60, -webhook.TOLERANCE - 60, 10**9])
def test_a_stale_webhook_is_a_replay(shop: TelnyxShop, adapter: ProviderAdapter, age: int) -> None:
    assert adapter.verify_callback(*shop.signed(NEWS, at=int(time.time()) - age)) is None


def test_a_time_that_was_changed_breaks_the_signature(shop: TelnyxShop, adapter: ProviderAdapter) -> None:
    headers, body = shop.signed(NEWS, at=int(time.time()) - 3_600)
    assert adapter.verify_callback(headers | {"Telnyx-Timestamp": str(int(time.time()))}, body) is None


def test_the_key_of_somebody_else_signs_nothing(shop: TelnyxShop, adapter: ProviderAdapter, settings: Any) -> None:
    genuine = shop.signed(NEWS)
    for public_key in ("", "no base64", PUBLIC_KEY[:-8], "AAAA" + PUBLIC_KEY[4:]):
        settings.PROVIDER_CREDENTIALS["telnyx"]["public_key"] = public_key
        assert adapter.verify_callback(*genuine) is None
    settings.PROVIDER_CREDENTIALS["telnyx"]["public_key"] = PUBLIC_KEY
    assert adapter.verify_callback(*genuine) == "ny-1"
    forger = Ed25519PrivateKey.generate()
    stamp = genuine[0]["Telnyx-Timestamp"].encode()
    forged = b64encode(forger.sign(stamp + b"|" + NEWS)).decode()
    assert adapter.verify_callback(genuine[0] | {"Telnyx-Signature-Ed25519": forged}, NEWS) is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"7",
        b"{}",
        b'{"data": {"payload": {"customer_reference": 7}}}',
        b"[" * 100_000,
        b"\xff",
        b'{"data": 7}',
    ],
    ids=range(8),
)
def test_a_signed_webhook_that_cannot_be_read_names_nothing(
    shop: TelnyxShop, adapter: ProviderAdapter, body: bytes
) -> None:
    assert adapter.verify_callback(*shop.signed(body)) is None


@pytest.mark.parametrize("stamp", ["", "soon", "-5", "1e9", "²", "9" * 400])
def test_an_unreadable_time_is_none(shop: TelnyxShop, adapter: ProviderAdapter, stamp: str) -> None:
    headers, body = shop.signed(NEWS)
    assert adapter.verify_callback(headers | {"Telnyx-Timestamp": stamp}, body) is None
