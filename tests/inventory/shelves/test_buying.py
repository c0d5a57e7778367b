"""What an approved order takes of a provider's offers: by price, currency, lots and time."""

from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from inventory.models import Provider, ProviderOrderLine, RestockProposal, Sku, SupplyTerms
from inventory.providers.base import ProviderUnavailable
from inventory.refusals import BudgetMissing
from inventory.shelves import buying, carrying_out, deciding, nights
from tests.factories import ProviderFactory
from tests.inventory.catalogue.conftest import PAGE, Shop
from tests.inventory.shelves.conftest import DAY, a_habit, make_sku, proposed, with_terms

pytestmark = pytest.mark.django_db
WHO: dict[str, Any] = {"actor": "user:ada@example.com", "reason": "it runs low"}
FIRST = 14155550100


@pytest.fixture
def seller(shop: Shop, db: None) -> Provider:
    """Sixty numbers of area code 415 at 0.80 a month, three pages of them."""
    return ProviderFactory.create(slug="shop")


def approved(seller: Provider, sku: Sku, units: int, budget: str, **terms: Any) -> RestockProposal:
    """An order that the night thought to cost a dollar a number."""
    now = timezone.now()
    return RestockProposal.objects.create(
        key="US-local-415:2026-06-30",
        sku=sku,
        day=DAY,
        provider=seller,
        quantity=units,
        allowed=units,
        budget=Decimal(budget),
        currency="USD",
        terms={"MOQ": 1, "unit_cost": 1.0, "order_cost": 0.0, **terms},
        sentence="It runs low.",
        status="approved",
        decided_by="sweep:restock",
        decided_at=now,
        reason="it is cheap",
        next_attempt_at=now,
    )


def ordered() -> list[int]:
    return list(ProviderOrderLine.objects.order_by("e164").values_list("e164", flat=True))


def spent() -> Decimal:
    return sum((line.monthly_cost for line in ProviderOrderLine.objects.all()), Decimal(0))


def test_no_more_is_ordered_than_the_budget_pays_for(shop: Shop, seller: Provider, sku: Sku) -> None:
    shop.costs = dict.fromkeys(shop.numbers, "9.00")
    carrying_out.carry_out(approved(seller, sku, 10, "50").pk)
    assert (proposed().status, proposed().carried_out, spent()) == ("ordered", 5, Decimal(45))
    assert proposed().outcome == "6 would cost 54 USD, and 50 were approved"


def test_what_is_paid_once_is_part_of_what_it_costs(shop: Shop, seller: Provider, sku: Sku) -> None:
    with_terms(seller, setup_cost=3, order_cost=7, lot=1)
    carrying_out.carry_out(approved(seller, sku, 10, "20").pk)  # 7 + n x 3.80
    assert (proposed().carried_out, proposed().outcome) == (3, "4 would cost 22.2 USD, and 20 were approved")


def test_the_rest_of_the_budget_buys_whole_lots(shop: Shop, seller: Provider, sku: Sku) -> None:
    carrying_out.carry_out(approved(seller, sku, 20, "7", MOQ=5).pk)
    assert proposed().carried_out == 5
    assert "9 would cost 7.2 USD" in proposed().outcome
    assert "in lots of 5" in proposed().outcome


def test_nothing_is_ordered_where_not_even_a_lot_is_within_the_budget(shop: Shop, seller: Provider, sku: Sku) -> None:
    shop.costs = dict.fromkeys(shop.numbers, "40")
    carrying_out.carry_out(approved(seller, sku, 10, "50", MOQ=2).pk)
    assert (proposed().status, ordered()) == ("approved", [])
    assert "2 would cost 80 USD, and 50 were approved" in proposed().last_error


def test_offers_in_another_currency_are_no_offers(shop: Shop, seller: Provider, sku: Sku) -> None:
    shop.currencies = dict.fromkeys(shop.numbers[3:], "JPY")
    carrying_out.carry_out(approved(seller, sku, 10, "50").pk)
    assert ordered() == shop.numbers[:3]
    assert proposed().outcome == "3 such numbers are on offer; 57 more are priced in JPY"


def test_terms_in_another_currency_do_not_say_what_an_order_costs(shop: Shop, seller: Provider, sku: Sku) -> None:
    with_terms(seller, setup_cost=1, currency="EUR")
    order = approved(seller, sku, 10, "50")
    carrying_out.carry_out(order.pk)
    assert (proposed().status, ordered()) == ("approved", [])
    assert "not in USD" in proposed().last_error
    SupplyTerms.objects.update(setup_cost=0)  # nothing is paid once: the offers say all
    assert len(buying.basket(order, seller).offers) == 10


def test_the_cheapest_of_what_was_read_and_dear_ones_are_read_past(shop: Shop, seller: Provider, sku: Sku) -> None:
    shop.costs = dict.fromkeys(shop.numbers[:30], "25.00")
    carrying_out.carry_out(approved(seller, sku, 10, "300").pk)
    assert (ordered(), proposed().outcome) == (shop.numbers[30:40], "")
    assert shop.pages_read == 3


def test_no_more_is_read_than_is_needed(shop: Shop, seller: Provider, sku: Sku) -> None:
    shop.numbers = list(range(FIRST, FIRST + 400))
    carrying_out.carry_out(approved(seller, sku, 10, "300").pk)
    assert shop.pages_read * PAGE <= 100


def test_what_was_read_in_time_counts(shop: Shop, seller: Provider, sku: Sku) -> None:
    seconds = iter(range(0, 10_000, 4))  # four for each offer that is looked at
    found = buying.basket(approved(seller, sku, 60, "300"), seller, clock=lambda: next(seconds))
    assert [offer.number.digits for offer in found.offers] == shop.numbers[:16]
    assert "read for 60 seconds" in found.fewer_because


def test_what_was_read_before_the_list_broke_off_counts(shop: Shop, seller: Provider, sku: Sku) -> None:
    shop.numbers = list(range(FIRST, FIRST + 300))
    shop.fails_at = 7  # after the first hundred
    found = buying.basket(approved(seller, sku, 300, "300"), seller)
    assert len(found.offers) == 100
    assert "broke off" in found.fewer_because
    shop.fails_at = 0
    with pytest.raises(ProviderUnavailable):
        buying.basket(proposed(), seller)


def test_an_automatic_order_may_cost_the_limit_of_its_sku(seller: Provider) -> None:
    with_terms(seller)
    make_sku(cost_limit=1_000)
    a_habit()
    nights.run(DAY)
    assert (proposed().status, proposed().budget) == ("approved", Decimal(1_000))


def test_staff_approve_what_the_night_expects_or_what_they_say(seller: Provider) -> None:
    with_terms(seller, order_cost=7, setup_cost=1)
    make_sku(cost_limit=1)
    a_habit()
    nights.run(DAY)
    waiting = {"status": "proposed", "allowed": None, "next_attempt_at": None, "budget": None}
    assert deciding.approve(proposed(), **WHO).budget == proposed().cost
    RestockProposal.objects.update(**waiting)
    assert deciding.cap(proposed(), units=10, **WHO).budget == 27
    RestockProposal.objects.update(**waiting)
    assert deciding.approve(proposed(), budget=Decimal("99.5"), **WHO).budget == Decimal("99.5")


def test_a_cost_that_nobody_knows_is_approved_up_to_a_budget_only(seller: Provider) -> None:
    with_terms(seller, monthly_cost=None)
    make_sku()
    a_habit()
    nights.run(DAY)
    with pytest.raises(BudgetMissing):
        deciding.approve(proposed(), **WHO)
    assert proposed().status == "proposed"
    deciding.approve(proposed(), budget=Decimal(9), **WHO)
    carrying_out.carry_out(proposed().pk)
    assert (proposed().carried_out, spent()) == (10, Decimal(8))
