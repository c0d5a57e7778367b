"""Asking for numbers, and keeping stock targets filled, at a real carrier."""

import threading

import pytest
from django.db import connection

from inventory.models import LineState, PhoneNumber, Provider, ProviderOrder, ProviderOrderLine, StockTarget
from inventory.services import sourcing, stock_levels
from numbering.types import NumberType
from tests.factories import HoldFactory, NumberFactory
from tests.inventory.conftest import Seller, settle_all_orders, stock


def target(quantity: int, **fields: object) -> StockTarget:
    """So many US local numbers."""
    return StockTarget.objects.create(country="US", number_type=NumberType.LOCAL, quantity=quantity, **fields)


def wanted_lines() -> int:
    """How many numbers are on order."""
    return ProviderOrderLine.objects.filter(state=LineState.WANTED).count()


def test_large_quantities_become_several_orders(seller: Seller) -> None:
    asked = sourcing.ask(country="US", number_type=NumberType.LOCAL, quantity=120, provider=seller.provider)
    assert asked == wanted_lines() == 120
    assert [order.lines.count() for order in ProviderOrder.objects.order_by("pk")] == [50, 50, 20]


def test_an_area_code_narrows_what_is_ordered(seller: Seller) -> None:
    sourcing.ask(country="US", number_type=NumberType.LOCAL, area_code="415", quantity=5, provider=seller.provider)
    assert {str(e164)[:4] for e164 in ProviderOrderLine.objects.values_list("e164", flat=True)} == {"1415"}


def test_what_is_on_order_is_not_ordered_twice(seller: Seller) -> None:
    for _ in range(2):
        sourcing.ask(country="US", number_type=NumberType.LOCAL, quantity=5, provider=seller.provider)
    assert len(set(ProviderOrderLine.objects.values_list("e164", flat=True))) == 10


def test_numbers_that_we_hold_are_not_ordered(seller: Seller) -> None:
    sourcing.ask(country="US", number_type=NumberType.LOCAL, quantity=5, provider=seller.provider)
    settle_all_orders()
    held = stock()
    sourcing.ask(country="US", number_type=NumberType.LOCAL, quantity=5, provider=seller.provider)
    settle_all_orders()
    assert len(stock() - held) == 5


def test_a_kind_that_nobody_sells_is_not_ordered(seller: Seller) -> None:
    assert sourcing.ask(country="TV", number_type=NumberType.LOCAL, quantity=5) == 0
    assert not ProviderOrder.objects.exists()


def test_a_provider_that_is_down_is_passed_over_for_the_next(seller: Seller) -> None:
    seller.provider.options = {"carrier": "nobody"}
    seller.provider.save()
    Provider.objects.create(slug="second", name="Second", adapter="sandbox", options={"carrier": "tern"})
    assert sourcing.ask(country="US", number_type=NumberType.LOCAL, quantity=3) == 3
    assert ProviderOrder.objects.get().provider.slug == "second"


def test_inactive_providers_are_asked_for_nothing(seller: Seller) -> None:
    Provider.objects.update(is_active=False)
    assert sourcing.ask(country="US", number_type=NumberType.LOCAL, quantity=3) == 0


def test_a_target_is_filled_and_then_left_alone(seller: Seller) -> None:
    goal = target(12)
    for _ in range(3):
        sourcing.source_missing()
        settle_all_orders()
    assert len(stock()) == 12
    assert stock_levels.missing(goal) == 0


def test_what_is_on_order_counts_as_coming(seller: Seller) -> None:
    goal = target(12)
    sourcing.source_missing()
    sourcing.source_missing()
    assert wanted_lines() == 12
    assert stock_levels.missing(goal) == 0


def test_refused_lines_are_replaced(seller: Seller) -> None:
    target(4)
    sourcing.source_missing()
    seller.strike("stale_offer", times=2)
    settle_all_orders()
    sourcing.source_missing()
    settle_all_orders()
    assert len(stock()) == 4
    assert stock() == seller.billed()


def test_failed_numbers_are_replaced_until_too_many_fail(seller: Seller) -> None:
    target(3)
    for _ in range(10):
        sourcing.source_missing()
        settle_all_orders()
        PhoneNumber.objects.filter(state="SOURCED").update(state="TESTING")
        PhoneNumber.objects.filter(state="TESTING").update(state="FAILED")
    assert len(stock()) == 15  # 3 wanted: stops above 3 + 10 lost, the next batch of three having come by then


def test_inactive_targets_ask_for_nothing(seller: Seller) -> None:
    target(5, is_active=False)
    sourcing.source_missing()
    assert not ProviderOrder.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_target_sourced_by_four_workers_is_not_overfilled(seller: Seller) -> None:
    target(30)

    def work() -> None:
        sourcing.source_missing()
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert wanted_lines() == 30


@pytest.mark.django_db
def test_only_numbers_that_somebody_could_buy_count_for_a_target() -> None:
    goal = target(20, area_code="415")
    NumberFactory.create()
    NumberFactory.create(sourced=True)
    NumberFactory.create(testing=True)
    NumberFactory.create(quarantined=True)
    HoldFactory.create()
    assert stock_levels.missing(goal) == 15
    NumberFactory.create(failed=True)
    NumberFactory.create(blocked=True)
    NumberFactory.create(e164=12125550100)
    assert stock_levels.missing(goal) == 15
