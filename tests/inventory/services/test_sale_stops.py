"""A stop of sale takes all numbers of a provider in a country out of the shop window, and nothing from who has them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inventory.blockers import blockers
from inventory.lifecycle import State
from inventory.models import PhoneNumber, SaleStop
from inventory.refusals import NoneInArea, NotAvailable
from inventory.services import assignments, reservations, sale_stops
from tests.factories import AccountFactory, DidFactory, HoldFactory, NumberFactory, ProviderFactory

pytestmark = pytest.mark.django_db


def stop(number: PhoneNumber) -> SaleStop:
    assert number.provider
    return sale_stops.place(provider=number.provider, country=number.country, actor="lab", reason="an outage")


def on_sale(**fields: object) -> PhoneNumber:
    return NumberFactory.create(provider=ProviderFactory.create(), **fields)


def test_a_number_whose_sale_is_stopped_is_neither_sold_nor_held_until_it_is_lifted() -> None:
    number, buyer = on_sale(), AccountFactory.create()
    placed = stop(number)
    with pytest.raises(NotAvailable):
        assignments.buy(account=buyer, e164=number.e164, settings={})
    with pytest.raises(NotAvailable):
        reservations.reserve(account=buyer, numbers=[number.e164])
    with pytest.raises(NoneInArea):
        assignments.buy_in_area(account=buyer, area_code=number.area_code, settings={})
    sale_stops.lift(stop=placed, actor="lab", note="healthy again")
    assert assignments.buy(account=buyer, e164=number.e164, settings={}).number == number


def test_only_this_provider_in_this_country_is_stopped() -> None:
    number = on_sale()
    others = [
        on_sale(),
        NumberFactory.create(provider=number.provider, e164=35315550123, country="IE"),
        NumberFactory.create(),  # of no provider
    ]
    stop(number)
    assert set(PhoneNumber.objects.sellable(timezone.now())) == set(others)


def test_what_is_held_may_still_be_bought() -> None:
    hold = HoldFactory.create(number__provider=ProviderFactory.create())
    stop(hold.number)
    did = assignments.buy(account=hold.reservation.account, e164=hold.number.e164, settings={})
    assert did.number.state == State.IN_SERVICE


def test_who_has_released_a_number_may_take_it_back() -> None:
    did = DidFactory.create(number__provider=ProviderFactory.create())
    assignments.release(did=did, actor="test")
    stop(did.number)
    assert assignments.buy(account=did.account, e164=did.number.e164, settings={}).sid == did.sid


def test_the_blocker_says_why_and_since_when_at_the_cost_of_one_query() -> None:
    number = on_sale()
    placed = stop(number)
    placed.refresh_from_db()
    with CaptureQueriesContext(connection) as queries:
        [blocker] = blockers(number, timezone.now())
    assert (blocker.what, blocker.since) == ("its sale is stopped: an outage", placed.since)
    assert len(queries) == 1


def test_placing_twice_is_one_stop_and_lifting_twice_keeps_the_first_name_and_reason() -> None:
    number = on_sale()
    placed = stop(number)
    assert stop(number) == placed
    sale_stops.lift(stop=placed, actor="user:a", note="seen")
    sale_stops.lift(stop=placed, actor="user:b", note="again")
    placed.refresh_from_db()
    assert (placed.lifted_by, placed.lifted_note) == ("user:a", "seen")
    assert stop(number) != placed, "and a later outage is another one"
