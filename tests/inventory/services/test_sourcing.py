"""Asking for numbers, and keeping stock targets filled, at a real carrier."""

import threading
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.models import LineState, PhoneNumber, Provider, ProviderOrder, ProviderOrderLine, StockTarget
from inventory.providers.base import Offer, ProviderUnavailable, Wanted
from inventory.services import sourcing, stock_levels
from numbering.e164 import E164
from numbering.types import Capability, NumberType
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


class Faltering:
    """A provider that shows two pages and then says 429; the sandbox's bursts come when they like."""

    asked: ClassVar[list[str]] = []

    def __init__(self, provider: object) -> None: ...

    def offers(self, wanted: Wanted) -> Iterator[Offer]:
        """Two hundred numbers."""
        self.asked.append(wanted.country)
        for digits in range(14155550000, 14155550000 + 2 * sourcing.OFFERS_AT_A_TIME):
            free = Decimal(0)
            yield Offer(E164(digits), "US", wanted.number_type, Capability.VOICE, "", "", free, "USD")
        raise ProviderUnavailable("429", retry_after=60)


@pytest.fixture
def faltering(db: None, settings: Any) -> Provider:
    """The only provider that there is."""
    settings.PROVIDER_ADAPTERS = {"sandbox": f"{__name__}.Faltering"}
    Faltering.asked.clear()
    return Provider.objects.create(slug="falter", name="Falter", adapter="sandbox")


def test_what_was_offered_before_a_provider_failed_is_ordered(faltering: Provider) -> None:
    assert sourcing.ask(country="US", number_type=NumberType.LOCAL, quantity=500) == wanted_lines() == 200


def test_a_provider_that_failed_is_not_asked_again_in_the_same_sweep(faltering: Provider) -> None:
    for country in ("US", "CA", "GB"):
        StockTarget.objects.create(country=country, number_type=NumberType.LOCAL, quantity=900)
    assert sourcing.source_missing() == 3
    assert len(Faltering.asked) == 1
    sourcing.source_missing()
    assert len(Faltering.asked) == 2


def test_targets_take_turns_at_being_first(faltering: Provider) -> None:
    for country in ("US", "CA", "GB"):
        StockTarget.objects.create(country=country, number_type=NumberType.LOCAL, quantity=900)
    for _ in range(40):
        sourcing.source_missing()
    assert set(Faltering.asked) == {"US", "CA", "GB"}  # by chance not, once in five million runs


def test_a_target_is_sourced_alone_when_it_is_named_and_not_while_it_is_inactive(seller: Seller) -> None:
    named, other = target(3), target(5, area_code="415")
    sourcing.source_target(named.pk)
    assert set(ProviderOrder.objects.values_list("target", flat=True)) == {named.pk}
    StockTarget.objects.update(is_active=False)
    sourcing.source_target(other.pk)
    assert wanted_lines() == 3


def test_a_target_orders_nothing_from_its_provider_while_that_is_inactive(faltering: Provider) -> None:
    Provider.objects.update(is_active=False)
    target(3, provider=faltering)
    sourcing.source_missing()
    assert Faltering.asked == []


def test_the_stock_is_counted_once_a_page(faltering: Provider) -> None:
    goal = target(500)
    with CaptureQueriesContext(connection) as queries:
        sourcing.ask(country="US", number_type=NumberType.LOCAL, quantity=500, target=goal)
    counts = [q for q in queries if "COUNT(*)" in q["sql"] and 'FROM "inventory_phonenumber"' in q["sql"]]
    assert (wanted_lines(), len(counts)) == (200, 2)


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
