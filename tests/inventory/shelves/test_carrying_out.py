"""From a decision to orders and returns, at a real carrier: exactly once, whoever decides, asks or dies when."""

import signal
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inventory.catalogue import stops
from inventory.lifecycle import State
from inventory.models import (
    LineState,
    PhoneNumber,
    Provider,
    ProviderOrder,
    ProviderOrderLine,
    ProviderRelease,
    RestockProposal,
    Sku,
    SkuState,
    StockTarget,
)
from inventory.refusals import AlreadyDecided, NotSoMany
from inventory.services import assignments
from inventory.shelves import carrying_out, deciding, nights
from numbering.models import Place
from tests.carrier import RunningCarrier
from tests.factories import AccountFactory, NumberFactory, ProviderFactory
from tests.inventory.conftest import Seller, mortal_workers, settle_all_orders, stock
from tests.inventory.shelves.conftest import DAY, US_LOCAL, a_habit, make_sku, proposed, with_terms
from tests.inventory.shelves.test_nights import at_once, everything

pytestmark = pytest.mark.django_db
WHO: dict[str, Any] = {"actor": "user:ada@example.com", "reason": "it runs low"}


@pytest.fixture
def order(seller: Seller) -> RestockProposal:
    """A night has proposed to order of `tern`, and of itself approved it."""
    with_terms(seller.provider, lot=5)
    make_sku(cost_limit=1_000)
    a_habit()
    nights.run(DAY)
    assert proposed().status == "approved"
    return proposed()


@pytest.fixture
def surplus(sku: Sku, wren: Provider) -> RestockProposal:
    """Forty numbers lie on the shelf and nobody wants one: staff must say what becomes of them."""
    for n in range(40):
        NumberFactory.create(e164=14155550100 + n, provider=wren, monthly_cost=1 + n % 3, currency="USD")
    nights.run(DAY)
    return proposed()


def due() -> None:
    """No proposal waits for its clock."""
    RestockProposal.objects.filter(next_attempt_at__isnull=False).update(next_attempt_at=timezone.now())


def ordered() -> set[int]:
    return set(ProviderOrderLine.objects.values_list("e164", flat=True))


def on_sale() -> int:
    return PhoneNumber.objects.filter(state=State.AVAILABLE).count()


def test_an_approved_order_is_written_once_and_comes_in(seller: Seller, order: RestockProposal) -> None:
    assert carrying_out.carry_out_due(10) == 1
    assert carrying_out.carry_out_due(10) == 0
    order.refresh_from_db()
    assert (order.status, order.carried_out, order.next_attempt_at) == ("ordered", order.quantity, None)
    assert {each.proposal_id for each in ProviderOrder.objects.all()} == {order.pk}
    settle_all_orders()
    assert stock() == seller.billed() == ordered()
    assert {str(e164)[1:4] for e164 in stock()} == {"415"}
    assert len(stock()) == order.quantity


def test_what_was_ordered_is_on_order_in_the_next_night(order: RestockProposal) -> None:
    carrying_out.carry_out_due(10)
    nights.run(DAY + timedelta(days=1))
    assert SkuState.objects.get().terms["on_order"] == order.quantity
    assert RestockProposal.objects.count() == 1


def test_a_night_overtakes_a_proposal_that_is_being_carried_out(order: RestockProposal, monkeypatch: Any) -> None:
    write = carrying_out._write
    monkeypatch.setattr(carrying_out, "_write", lambda *a: (nights.run(DAY + timedelta(days=1)), write(*a)))
    carrying_out.carry_out(order.pk)
    order.refresh_from_db()
    assert (order.status, ProviderOrder.objects.count()) == ("superseded", 0)


def test_a_provider_that_is_down_is_asked_again_later(order: RestockProposal, seller: Seller) -> None:
    Provider.objects.update(options={"carrier": "nobody"})
    carrying_out.carry_out(order.pk)
    order.refresh_from_db()
    assert (order.status, order.attempts) == ("approved", 1)
    assert order.last_error
    assert order.next_attempt_at
    assert order.next_attempt_at > timezone.now()
    Provider.objects.update(options={})
    due()
    carrying_out.carry_out(order.pk)
    assert proposed().status == "ordered"


def test_nothing_is_ordered_of_a_provider_that_was_paused(order: RestockProposal) -> None:
    Provider.objects.update(is_active=False)
    carrying_out.carry_out(order.pk)
    assert (proposed().status, ProviderOrder.objects.count()) == ("approved", 0)
    assert "nothing is ordered" in proposed().last_error


def test_nothing_is_ordered_of_a_provider_that_was_stopped_for_its_dishonesty(order: RestockProposal) -> None:
    stops.place(provider=Provider.objects.get(), country="US", actor="sweep:honesty", reason="half of it is not true")
    carrying_out.carry_out(order.pk)
    assert (proposed().status, ProviderOrder.objects.count()) == ("approved", 0)
    assert "nothing is ordered" in proposed().last_error


def test_a_stop_that_comes_while_its_offers_are_read_is_heeded(order: RestockProposal, monkeypatch: Any) -> None:
    write, tern = carrying_out._write, Provider.objects.get()
    stop: dict[str, Any] = {
        "provider": tern,
        "country": "US",
        "actor": "user:ada@example.com",
        "reason": "their list lies",
    }
    monkeypatch.setattr(carrying_out, "_write", lambda *a: (stops.place(**stop), write(*a)))
    carrying_out.carry_out(order.pk)
    assert (proposed().status, ProviderOrder.objects.count()) == ("approved", 0)


@pytest.mark.parametrize("status", ["approved", "proposed"])
def test_what_is_proposed_for_a_sku_that_was_switched_off_is_withdrawn(order: RestockProposal, status: str) -> None:
    if status == "proposed":
        RestockProposal.objects.update(status=status, allowed=None, next_attempt_at=None)
    Sku.objects.update(is_active=False)
    assert carrying_out.carry_out_due(10) == 0
    assert (proposed().status, ProviderOrder.objects.count()) == ("withdrawn", 0)
    assert "switched off" in proposed().outcome
    with pytest.raises(AlreadyDecided):
        deciding.approve(order, **WHO)


def test_a_sku_that_is_switched_off_while_offers_are_read_gets_none(order: RestockProposal, monkeypatch: Any) -> None:
    write = carrying_out._write
    monkeypatch.setattr(carrying_out, "_write", lambda *a: (Sku.objects.update(is_active=False), write(*a)))
    carrying_out.carry_out(order.pk)
    assert (proposed().status, ProviderOrder.objects.count()) == ("approved", 0)
    carrying_out.carry_out_due(10)
    assert proposed().status == "withdrawn"


def test_only_whole_lots_are_ordered(order: RestockProposal) -> None:
    RestockProposal.objects.update(terms={**order.terms, "MOQ": order.quantity + 1})
    carrying_out.carry_out(order.pk)
    assert (proposed().status, ProviderOrder.objects.count()) == ("approved", 0)
    assert "no lot of" in proposed().last_error


def test_a_shelf_of_a_town_takes_numbers_of_that_town(seller: Seller) -> None:
    town = Place.objects.create(
        id=77, country="US", name="Nowhere", normalised_name="nowhere", granularity="locality", source="libphonenumber"
    )
    with_terms(seller.provider, lot=1)
    make_sku("", place=town)
    nights.run(DAY)
    carrying_out.carry_out(proposed().pk)
    assert (proposed().status, ProviderOrder.objects.count()) == ("approved", 0)


def test_staff_approve_cap_or_reject_with_their_reason(order: RestockProposal) -> None:
    waiting = {"status": "proposed", "allowed": None, "next_attempt_at": None}
    RestockProposal.objects.update(**waiting)
    row = deciding.cap(order, units=5, **WHO)
    assert (row.status, row.allowed, row.decided_by, row.reason) == ("approved", 5, WHO["actor"], WHO["reason"])
    carrying_out.carry_out(order.pk)
    assert (proposed().carried_out, len(ordered())) == (5, 5)


@pytest.mark.parametrize("units", [0, -5, 4, 6, 10_000])
def test_a_cap_is_less_than_proposed_in_whole_lots(order: RestockProposal, units: int) -> None:
    RestockProposal.objects.update(status="proposed", allowed=None, next_attempt_at=None)
    with pytest.raises(NotSoMany):
        deciding.cap(order, units=units, **WHO)


def test_what_is_rejected_is_not_ordered_even_if_it_was_approved(order: RestockProposal) -> None:
    deciding.reject(order, **WHO)
    due()
    assert carrying_out.carry_out_due(10) == 0
    assert not ProviderOrder.objects.exists()


def test_what_is_decided_stays_decided(order: RestockProposal) -> None:
    carrying_out.carry_out(order.pk)
    for decide in (deciding.approve, deciding.reject):
        with pytest.raises(AlreadyDecided):
            decide(order, **WHO)
    with pytest.raises(AlreadyDecided):
        deciding.cap(order, units=5, **WHO)


@pytest.mark.django_db(transaction=True)
def test_two_approvals_and_many_workers_at_once_order_once(order: RestockProposal) -> None:
    RestockProposal.objects.update(status="proposed", allowed=None, next_attempt_at=None)
    outcomes: list[str] = []

    def approve() -> None:
        try:
            deciding.approve(order, **WHO)
            outcomes.append("approved")
        except AlreadyDecided:
            outcomes.append("refused")

    at_once([approve] * 4)
    assert sorted(outcomes) == ["approved", "refused", "refused", "refused"]
    RestockProposal.objects.update(next_attempt_at=timezone.now())
    at_once([lambda: carrying_out._order(proposed())] * 4)  # as if no lease kept them apart
    assert ProviderOrderLine.objects.filter(state=LineState.WANTED).count() == order.quantity == proposed().carried_out


def test_the_surplus_goes_back_dearest_first_and_no_more_than_approved(surplus: RestockProposal) -> None:
    deciding.cap(surplus, units=15, **WHO)
    carrying_out.carry_out(surplus.pk)
    back = [int(release.number.monthly_cost or 0) for release in ProviderRelease.objects.select_related("number")]
    assert (len(back), on_sale()) == (15, 25)
    assert sorted(back) == [2, 2, *[3] * 13]
    assert (proposed().status, proposed().carried_out) == ("handed_back", 15)


def test_what_nobody_knows_the_cost_of_goes_last(surplus: RestockProposal) -> None:
    dear = list(PhoneNumber.objects.filter(monthly_cost=3).values_list("pk", flat=True)[:5])
    PhoneNumber.objects.filter(pk__in=dear).update(monthly_cost=None, currency="")
    deciding.cap(surplus, units=10, **WHO)
    carrying_out.carry_out(surplus.pk)
    gone = PhoneNumber.objects.filter(state=State.RETURNED)
    assert set(gone.values_list("monthly_cost", flat=True)) <= {2, 3}
    assert not gone.filter(pk__in=dear).exists()


def test_the_shelf_is_counted_and_sorted_once_however_many_batches(
    surplus: RestockProposal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrying_out, "BATCH", 2)
    deciding.cap(surplus, units=14, **WHO)
    with CaptureQueriesContext(connection) as queries:
        carrying_out.carry_out(surplus.pk)
    texts = [query["sql"] for query in queries]
    assert on_sale() == 26
    assert len([text for text in texts if "GROUP BY" in text and "inventory_phonenumber" in text]) == 1
    assert len([text for text in texts if "NULLS LAST" in text]) == 1


def test_handing_back_pauses_when_its_time_is_over_and_goes_on(
    surplus: RestockProposal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrying_out, "BATCH", 4)
    deciding.cap(surplus, units=10, **WHO)
    times = iter([0, 61, 0, 61, 0, 61])
    carrying_out._hand_back(proposed(), clock=lambda: next(times))
    assert (proposed().status, proposed().carried_out, on_sale()) == ("approved", 4, 36)
    assert proposed().next_attempt_at
    for _ in range(2):
        carrying_out._hand_back(proposed(), clock=lambda: next(times))
    assert (proposed().status, proposed().carried_out, on_sale()) == ("handed_back", 10, 30)


def test_what_sold_well_since_is_kept(surplus: RestockProposal) -> None:
    kept = 40 + surplus.quantity
    for number in PhoneNumber.objects.order_by("pk")[:10]:
        assignments.buy(account=AccountFactory.create(), e164=number.e164, settings={})
    deciding.approve(surplus, **WHO)
    carrying_out.carry_out(surplus.pk)
    assert (on_sale(), proposed().carried_out, proposed().status) == (kept, 30 - kept, "handed_back")
    assert f"the shelf keeps {kept}" in proposed().outcome


def test_what_a_stock_target_wants_by_now_is_kept(surplus: RestockProposal) -> None:
    StockTarget.objects.create(**US_LOCAL, quantity=36)
    deciding.approve(surplus, **WHO)
    carrying_out.carry_out(surplus.pk)
    assert (on_sale(), proposed().carried_out, proposed().status) == (36, 4, "handed_back")
    assert "the shelf keeps 36" in proposed().outcome


def test_what_has_no_provider_has_nowhere_to_go(sku: Sku, wren: Provider) -> None:
    own = ProviderFactory.create(adapter="")
    for n in range(40):
        NumberFactory.create(e164=14155550100 + n, provider=own if n % 2 else None)
    nights.run(DAY)
    deciding.approve(proposed(), **WHO)
    carrying_out.carry_out(proposed().pk)
    assert (on_sale(), proposed().carried_out, proposed().status) == (40, 0, "handed_back")


def test_another_shelf_loses_nothing(surplus: RestockProposal, wren: Provider) -> None:
    make_sku(capabilities=15)  # the forty numbers lie on this one now
    deciding.approve(surplus, **WHO)
    carrying_out.carry_out(surplus.pk)
    assert (on_sale(), proposed().carried_out) == (40, 0)


@pytest.fixture(scope="module")
def mortal(carrier_process: RunningCarrier, django_db_setup: None) -> Iterator[subprocess.Popen[str]]:
    """They start once."""
    with mortal_workers("tests.inventory.shelves.dying", carrier_process) as process:
        yield process


def deaths(act: str, worker: subprocess.Popen[str]) -> Iterator[int]:
    """A worker dies at its first statement, the next at its second ... until one survives; yields after each death."""
    assert worker.stdin
    assert worker.stdout
    for statement in range(1, 500):
        worker.stdin.write(f"{statement} {act}\n")
        ended = int(worker.stdout.readline())
        assert ended in (0, -signal.SIGKILL), "it failed on its own"
        if ended == 0:
            return
        yield statement
        due()


@pytest.mark.django_db(transaction=True)
def test_an_order_is_whole_or_undone_at_whichever_statement_its_worker_dies(
    seller: Seller, order: RestockProposal, mortal: subprocess.Popen[str]
) -> None:
    died = [(proposed().status, ordered()) for _ in deaths("carry_out", mortal)]
    assert len(died) > 5
    assert all(each == ("approved", set()) for each in died)
    assert (proposed().status, proposed().carried_out, len(ordered())) == ("ordered", order.quantity, order.quantity)
    settle_all_orders()
    assert stock() == seller.billed() == ordered()


@pytest.mark.django_db(transaction=True)
def test_numbers_go_back_and_are_counted_together_or_not_at_all(
    surplus: RestockProposal, mortal: subprocess.Popen[str]
) -> None:
    deciding.cap(surplus, units=7, **WHO)
    died = 0
    for _ in deaths("carry_out", mortal):
        assert proposed().carried_out == ProviderRelease.objects.count() == 40 - on_sale()
        died += 1
    assert died > 20
    assert (proposed().status, proposed().carried_out, on_sale()) == ("handed_back", 7, 33)


@pytest.mark.django_db(transaction=True)
def test_a_night_is_whole_or_undone_at_whichever_statement_its_worker_dies(
    sku: Sku, wren: Provider, mortal: subprocess.Popen[str]
) -> None:
    Sku.objects.create(country="GB", number_type="mobile")
    make_sku("212")
    a_habit()
    nights.run(DAY)
    undisturbed = everything()
    RestockProposal.objects.all().delete()
    SkuState.objects.all().delete()
    died = 0
    for _ in deaths("night", mortal):
        died += 1
        assert SkuState.objects.filter(sku__country="US").count() in (0, 2)
        assert SkuState.objects.filter(sku=sku).exists() == RestockProposal.objects.filter(sku=sku).exists()
    assert died > 10
    assert everything() == undisturbed
