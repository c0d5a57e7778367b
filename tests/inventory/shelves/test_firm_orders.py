"""Firm orders: restocked on top of the shelf, delivered once each, and no demand on it."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Account
from inventory.models import Did, FirmDelivery, FirmOrder, Provider, Sku, SkuState
from inventory.refusals import FirmOrderClosed, NotSoMany, SkuSwitchedOff
from inventory.shelves import demand, firm_orders, nights, selling_ahead
from tests.factories import AccountFactory, DidFactory, NumberFactory
from tests.inventory.shelves.conftest import DAY, a_habit, make_sku, proposed
from tests.inventory.shelves.test_nights import at_once

pytestmark = pytest.mark.django_db
WHO: dict[str, Any] = {"actor": "user:ada@example.com", "reason": "they told us"}


@pytest.fixture
def account(db: None) -> Account:
    """A customer with a great appetite."""
    return AccountFactory.create()


def sold(sku: Sku, quantity: int, account: Account | None = None, **fields: Any) -> FirmOrder:
    if account is None:
        fields = {"reference": "PO 7", **fields}
    return selling_ahead.take(sku=sku, quantity=quantity, account=account, actor="user:ada@example.com", **fields)


def bought(account: Account, e164: int = 14155550100, **fields: Any) -> Did:
    number = NumberFactory.create(e164=e164, state="IN_SERVICE", holder=account, **fields)
    did: Did = DidFactory.create(account=account, number=number)
    demand.bought(did, number)
    return did


def fresh(order: FirmOrder) -> FirmOrder:
    return FirmOrder.objects.get(pk=order.pk)


def test_the_night_restocks_what_is_sold_ahead(sku: Sku, wren: Provider) -> None:
    order = sold(sku, 150)
    sold(make_sku("212"), 70)
    nights.run(DAY)
    state = SkuState.objects.get(sku=sku)
    assert (state.terms["firm"], state.terms["position"]) == (150, -150)
    assert sku.proposals.get().quantity >= 150
    selling_ahead.close(order, **WHO)
    SkuState.objects.all().delete()
    nights.run(DAY)
    assert SkuState.objects.get(sku=sku).terms["firm"] == 0


def test_what_the_account_and_its_subaccounts_buy_is_delivered_once(sku: Sku, wren: Provider, account: Account) -> None:
    old = bought(account, 14155550199)
    order = sold(sku, 10, account)
    Did.objects.filter(pk=old.pk).update(created_at=order.made_at - timedelta(hours=1))
    mine = [bought(account), bought(AccountFactory.create(parent=account), 14155550101)]
    bought(AccountFactory.create(), 14155550102)
    bought(account, 12125550103)
    for _ in range(2):
        nights.run(DAY)
    assert set(FirmDelivery.objects.values_list("did", flat=True)) == {did.pk for did in mine}
    assert (fresh(order).delivered, fresh(order).due) == (2, 8)
    assert SkuState.objects.get().terms["firm"] == 8


def test_what_is_delivered_within_the_day_is_told_before_its_night(sku: Sku, wren: Provider, account: Account) -> None:
    order = sold(sku, 10, account)
    nights.run(DAY)
    bought(account)
    nights.run(DAY)
    assert fresh(order).delivered == 1


def test_no_more_is_delivered_than_ordered_and_the_last_one_closes_it(sku: Sku, account: Account) -> None:
    first, second = sold(sku, 2, account), sold(sku, 5, account)
    for n in range(4):
        bought(account, 14155550100 + n)
    for order in (first, second, first):
        firm_orders.deliver(order.pk)
    assert (fresh(first).delivered, fresh(first).closed_by) == (2, "sweep:restock")
    assert (fresh(second).delivered, fresh(second).closed_at) == (2, None)
    with pytest.raises(FirmOrderClosed):
        selling_ahead.close(first, **WHO)


def test_what_is_delivered_is_no_demand_on_the_shelf(sku: Sku, wren: Provider, account: Account) -> None:
    sold(sku, 10, account)
    for n in range(3):
        bought(account, 14155550100 + n)
    nights.run(timezone.now().date())
    assert SkuState.objects.get().n == 0
    SkuState.objects.all().delete()
    bought(AccountFactory.create(), 14155550110)
    nights.run(timezone.now().date())
    assert 0.9 < SkuState.objects.get().n <= 1


def test_staff_say_what_was_delivered_to_a_customer_without_an_account(sku: Sku) -> None:
    order = sold(sku, 10)
    assert selling_ahead.record_delivery(order, units=4, **WHO).due == 6
    for units in (0, -1, 7):
        with pytest.raises(NotSoMany):
            selling_ahead.record_delivery(order, units=units, **WHO)
    assert selling_ahead.record_delivery(order, units=6, **WHO).closed_at
    with pytest.raises(FirmOrderClosed):
        selling_ahead.record_delivery(order, units=1, **WHO)


def test_the_quote_is_the_lead_time_of_whom_the_engine_would_choose(sku: Sku, wren: Provider) -> None:
    NumberFactory.create(e164=14155550100)
    a_habit()
    nights.run(DAY)
    plain, told = proposed().quantity, selling_ahead.quote(sku, 200)
    assert (told.provider, told.mean, round(told.ninety, 2), told.available) == ("wren", 5, 7.56, 1)
    assert plain + 190 <= told.ordered <= plain + 210
    assert str(told).startswith("wren: 5 days in the mean, in 9 cases of 10 within 8. 1 are on sale now;")
    assert sold(sku, 200).quote == str(told)


def test_where_nobody_sells_the_quote_says_so(sku: Sku) -> None:
    assert str(selling_ahead.quote(sku, 5)) == "0 are on sale now; nobody sells more."


def test_nothing_is_sold_ahead_of_a_shelf_that_was_switched_off(sku: Sku) -> None:
    Sku.objects.update(is_active=False)
    sku.refresh_from_db()
    with pytest.raises(SkuSwitchedOff):
        sold(sku, 5)


@pytest.mark.django_db(transaction=True)
def test_two_orders_that_are_counted_at_once_share_no_number(sku: Sku, account: Account) -> None:
    orders = [sold(sku, 5, account) for _ in range(4)]
    for n in range(6):
        bought(account, 14155550100 + n)
    for _ in range(3):
        at_once([partial(firm_orders.deliver, order.pk) for order in orders])
    assert sum(fresh(order).delivered for order in orders) == FirmDelivery.objects.count() == 6
