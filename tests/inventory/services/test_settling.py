"""Orders against a real carrier with every fault it knows: each number is bought once, or not at all."""

import threading
from datetime import timedelta

import httpx
import pytest
from django.db import connection
from django.utils import timezone

from inventory.models import (
    LineState,
    OrderState,
    PhoneNumber,
    Provider,
    ProviderOrder,
    ProviderRelease,
    StockTarget,
)
from inventory.providers.base import LineStatus, OrderLine, OrderStatus, ProviderRefused
from inventory.providers.sandbox import SandboxProvider, wire
from inventory.services import settling, sourcing, stock_levels
from numbering.e164 import E164
from numbering.types import NumberType
from tests.factories import NumberFactory
from tests.inventory.conftest import Seller, settle_all_orders, settle_all_releases, stock, until

INTENDED, PLACED = OrderState.INTENDED, OrderState.PLACED


def place_order(seller: Seller, quantity: int = 5) -> ProviderOrder:
    """An order that is written down and not placed yet."""
    assert sourcing.ask(country="US", number_type=NumberType.LOCAL, quantity=quantity, provider=seller.provider)
    return ProviderOrder.objects.latest("pk")


def test_an_order_is_placed_filled_and_received(seller: Seller) -> None:
    order = place_order(seller)
    settle_all_orders()
    order.refresh_from_db()
    assert (order.state, order.provider_reference[:4]) == (OrderState.COMPLETE, "ord_")
    assert set(order.lines.values_list("state", flat=True)) == {LineState.RECEIVED}
    assert len(stock()) == 5
    assert stock() == seller.billed()


def test_every_received_number_knows_where_it_is_from(seller: Seller) -> None:
    place_order(seller, quantity=1)
    settle_all_orders()
    number = PhoneNumber.objects.get()
    assert (number.country, number.number_type, number.provider) == ("US", NumberType.LOCAL, seller.provider)
    assert (str(number.monthly_cost), number.currency, number.declared_capabilities) == ("0.8000", "USD", 7)
    assert number.area_code == str(number)[2:5]
    birth = number.ledger.get()
    assert (birth.verb, birth.source, birth.target, birth.actor) == ("source", "", "SOURCED", "provider:tern")


def test_a_stale_offer_is_a_refused_line_with_its_reason(seller: Seller) -> None:
    order = place_order(seller)
    stale = order.lines.earliest("pk")
    seller.strike("stale_offer", key=f"+{stale.e164}")
    settle_all_orders()
    stale.refresh_from_db()
    assert (stale.state, stale.reason) == (LineState.REFUSED, "no_longer_available")
    assert len(stock()) == 4
    assert stock() == seller.billed()


def test_a_number_just_refused_is_not_asked_for_again(seller: Seller) -> None:
    order = place_order(seller)
    stale = order.lines.earliest("pk").e164
    seller.strike("stale_offer", key=f"+{stale}")
    settle_all_orders()
    assert stale not in place_order(seller).lines.values_list("e164", flat=True)


def test_a_partial_order_leaves_no_line_open(seller: Seller) -> None:
    order = place_order(seller)
    seller.strike("partial_order", key=order.key, times=5)
    settle_all_orders()
    states = list(order.lines.values_list("state", flat=True))
    assert LineState.REFUSED in states
    assert states.count(LineState.RECEIVED) == len(stock())
    assert stock() == seller.billed()


@pytest.mark.parametrize("settled", [False, True])
def test_lines_that_a_settled_order_leaves_open_are_refused(
    seller: Seller, monkeypatch: pytest.MonkeyPatch, settled: bool
) -> None:
    target = StockTarget.objects.create(country="US", number_type=NumberType.LOCAL, quantity=3)
    sourcing.source_missing()
    order = ProviderOrder.objects.get()
    filled, pending, _left_out = (E164.from_int(line.e164) for line in order.lines.order_by("pk"))
    lines = OrderLine(filled, LineStatus.FILLED), OrderLine(pending, LineStatus.PENDING)
    answer = OrderStatus(reference="ord_1", key=order.key, settled=settled, lines=lines)
    monkeypatch.setattr(SandboxProvider, "order", lambda *_args, **_keywords: answer)
    settling.settle(order.pk)
    order.refresh_from_db()
    assert order.state == (OrderState.COMPLETE if settled else OrderState.PLACED)
    open_ones = LineState.REFUSED if settled else LineState.WANTED
    assert sorted(order.lines.values_list("state", flat=True)) == sorted([LineState.RECEIVED, open_ones, open_ones])
    assert stock_levels.missing(target) == (2 if settled else 0)


def test_lines_are_received_as_they_fill(seller: Seller) -> None:
    order = place_order(seller)
    late = order.lines.latest("pk")
    seller.strike("late_line", key=f"+{late.e164}")
    settling.settle(order.pk)

    def rest_is_here() -> bool:
        ProviderOrder.objects.update(next_attempt_at=timezone.now())
        settling.settle(order.pk)
        return len(stock()) == 4

    until(rest_is_here)
    order.refresh_from_db()
    late.refresh_from_db()
    assert (order.state, late.state) == (OrderState.PLACED, LineState.WANTED)
    settle_all_orders()
    assert stock() == seller.billed() >= {late.e164}


def test_an_order_that_was_never_answered_is_found_by_its_key(seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "TIMEOUT", httpx.Timeout(1.0))
    order = place_order(seller)
    seller.strike("order_unanswered", key=order.key)
    settling.settle(order.pk)
    order.refresh_from_db()
    assert order.state == OrderState.INTENDED
    assert order.last_error
    settle_all_orders()
    assert len(seller.orders(order.key)) == 1
    assert stock() == seller.billed()
    assert len(stock()) == 5


@pytest.mark.parametrize("fault", ["unavailable_burst", "throttled_burst"])
def test_a_busy_provider_is_asked_again_no_earlier_than_it_wished(seller: Seller, fault: str) -> None:
    order = place_order(seller)
    seller.strike(fault, times=1)
    settling.settle(order.pk)
    order.refresh_from_db()
    assert order.state == OrderState.INTENDED
    assert order.next_attempt_at
    assert order.next_attempt_at > timezone.now() + timedelta(seconds=0.5)
    assert "Try again" in order.last_error
    settle_all_orders()
    assert stock() == seller.billed()


def test_an_order_that_the_provider_refuses_for_good_fails_with_its_lines(seller: Seller) -> None:
    order = place_order(seller)
    seller.adapter.order([E164.from_int(place_order(seller).lines.earliest("pk").e164)], key=order.key)
    settling.settle(order.pk)
    order.refresh_from_db()
    assert (order.state, order.next_attempt_at) == (OrderState.FAILED, None)
    assert "client_reference_reused" in order.last_error
    assert set(order.lines.values_list("state", flat=True)) == {LineState.REFUSED}


@pytest.mark.parametrize("placed", [False, True])
def test_a_carrier_that_has_moved_leaves_the_order_open_until_it_is_found_again(seller: Seller, placed: bool) -> None:
    order = place_order(seller)
    if placed:
        settling.settle(order.pk)
    Provider.objects.update(options={"carrier": "nobody"})
    for _ in range(3):
        ProviderOrder.objects.update(next_attempt_at=timezone.now())
        settling.settle(order.pk)
    order.refresh_from_db()
    assert (order.state, "unknown_carrier" in order.last_error) == (PLACED if placed else INTENDED, True)
    Provider.objects.update(options={})
    settle_all_orders()
    assert len(stock()) == 5
    assert stock() == seller.billed()


def test_an_order_once_placed_is_neither_placed_anew_nor_failed(seller: Seller) -> None:
    order = place_order(seller)
    settling.settle(order.pk)
    seller.reset()  # it says that it has no such order
    ProviderOrder.objects.update(next_attempt_at=timezone.now())
    settling.settle(order.pk)
    order.refresh_from_db()
    assert (order.state, "does not find" in order.last_error) == (PLACED, True)
    assert seller.orders(order.key) == []
    settling._fail(order, ProviderRefused("409, to an attempt that another one overtook"))
    order.refresh_from_db()
    assert order.state == PLACED


def test_a_provider_that_cannot_be_reached_leaves_the_order_open(seller: Seller, settings: object) -> None:
    order = place_order(seller)
    seller.provider.refresh_from_db()
    settings.SANDBOX_URL = "http://127.0.0.1:9"  # type: ignore[attr-defined]  # the discard port: nobody listens
    settling.settle(order.pk)
    order.refresh_from_db()
    assert (order.state, order.attempts) == (OrderState.INTENDED, 1)
    assert "ConnectError" in order.last_error


def test_duplicate_callbacks_change_nothing(seller: Seller) -> None:
    order = place_order(seller)
    settling.hear(order.key)  # it cannot be about an order that is not placed yet
    settle_all_orders()
    before = PhoneNumber.objects.count()
    for _ in range(3):
        settling.hear(order.key)
        settling.settle(order.pk)
    settling.hear("ny-somebody-elses")
    assert PhoneNumber.objects.count() == before == 5


def test_a_callback_brings_the_lines_before_their_clock(seller: Seller) -> None:
    order = place_order(seller)
    settling.settle(order.pk)
    ProviderOrder.objects.update(next_attempt_at=timezone.now() + timedelta(hours=1))
    until(lambda: len(seller.billed()) == 5)
    settling.hear(order.key)
    order.refresh_from_db()
    assert order.state == OrderState.COMPLETE


def test_an_order_in_work_is_left_alone(seller: Seller) -> None:
    order = place_order(seller)
    ProviderOrder.objects.update(next_attempt_at=timezone.now() + timedelta(seconds=30))
    settling.settle(order.pk)
    assert seller.orders(order.key) == []


def test_a_number_that_we_hold_from_elsewhere_goes_back_as_a_double(seller: Seller) -> None:
    order = place_order(seller)
    twice = order.lines.earliest("pk")
    other = Provider.objects.create(slug="other", name="Other")
    ours = NumberFactory.create(e164=twice.e164, provider=other)
    settle_all_orders()
    twice.refresh_from_db()
    assert (twice.state, twice.reason) == (LineState.REFUSED, "already in our stock")
    assert PhoneNumber.objects.live().get(e164=twice.e164) == ours
    double = ProviderRelease.objects.get().number
    assert (double.e164, double.state, double.provider) == (twice.e164, "RETURNED", seller.provider)
    settle_all_releases()
    assert stock() - {ours.e164} == seller.billed()


def test_a_number_that_this_provider_sold_us_before_is_not_given_back(seller: Seller) -> None:
    order = place_order(seller)
    NumberFactory.create(e164=order.lines.earliest("pk").e164, provider=seller.provider)
    settle_all_orders()
    assert not ProviderRelease.objects.exists()
    assert stock() == seller.billed()


@pytest.mark.django_db(transaction=True)
def test_four_workers_at_one_order_buy_it_once(seller: Seller) -> None:
    order = place_order(seller)

    def work() -> None:
        for _ in range(5):
            settling.settle(order.pk)
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    settle_all_orders()
    assert len(seller.orders(order.key)) == 1
    assert stock() == seller.billed()
    assert len(stock()) == 5
