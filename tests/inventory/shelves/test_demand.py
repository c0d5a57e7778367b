"""What counts as demand, and what does not, however often it is said."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from inventory.models import DemandEvent, DemandKind, Hold, PhoneNumber
from inventory.refusals import NoneInArea, NotAvailable
from inventory.search.criteria import Criteria
from inventory.services import assignments, reservations
from inventory.shelves import demand
from inventory.shelves.demand import Asked
from inventory.shelves.kinds import Kind
from numbering.areas import nanp_country
from numbering.patterns import Pattern
from numbering.types import Capability, NumberType
from tests.factories import AccountFactory, NumberFactory

pytestmark = pytest.mark.django_db
US_LOCAL = Asked("US", NumberType.LOCAL, Kind("415", None, 0))


def told() -> list[tuple[str, str, int, int]]:
    """Kind of event, area code, units asked for and filled."""
    rows = DemandEvent.objects.order_by("pk")
    return list(rows.values_list("kind", "area_code", "units_requested", "units_filled"))


def buy(number: PhoneNumber, account: Any) -> Any:
    """Without any settings."""
    return assignments.buy(account=account, e164=number.e164, settings={})


def test_a_purchase_counts_once_and_says_what_was_bought() -> None:
    number, account = NumberFactory.create(), AccountFactory.create()
    for _ in range(2):
        buy(number, account)
    event = DemandEvent.objects.get()
    assert (event.country, event.number_type, event.area_code) == ("US", "local", number.area_code)
    assert (event.kind, event.units_requested, event.units_filled, event.account) == ("purchase", 1, 1, None)


def test_a_number_that_is_taken_back_is_no_demand() -> None:
    number, account = NumberFactory.create(), AccountFactory.create()
    assignments.release(did=buy(number, account), actor="user:a")
    buy(number, account)
    assert len(told()) == 1


def test_a_purchase_that_fails_leaves_no_trace() -> None:
    number = NumberFactory.create()
    with pytest.raises(RuntimeError), transaction.atomic():
        buy(number, AccountFactory.create())
        raise RuntimeError
    assert told() == []


def test_what_is_bought_out_of_a_basket_is_one_order() -> None:
    numbers, account = NumberFactory.create_batch(3), AccountFactory.create()
    reservations.reserve(account=account, numbers=[number.e164 for number in numbers])
    assert told() == []  # holding costs nothing, so it counts for nothing
    for number in numbers[:2]:
        buy(number, account)
    assert told() == [("basket", numbers[0].area_code, 2, 2)]


def test_two_baskets_are_two_orders() -> None:
    account = AccountFactory.create()
    for number in NumberFactory.create_batch(2):
        reservations.reserve(account=account, numbers=[number.e164])
        buy(number, account)
    assert [units for _, _, units, _ in told()] == [1, 1]


def test_the_basket_of_an_earlier_day_is_closed() -> None:
    numbers, account = NumberFactory.create_batch(2), AccountFactory.create()
    reservations.reserve(account=account, numbers=[number.e164 for number in numbers])
    buy(numbers[0], account)
    first = DemandEvent.objects.get()
    day = f"{timezone.now():%Y-%m-%d}"
    earlier = f"{timezone.now() - timedelta(days=1):%Y-%m-%d}"
    DemandEvent.objects.filter(pk=first.pk).update(key=first.key.replace(day, earlier))
    Hold.objects.filter(number=numbers[0]).update(ended_at=timezone.now() - timedelta(days=1))
    buy(numbers[1], account)
    assert [units for _, _, units, _ in told()] == [1, 1]


def test_a_purchase_by_area_code_that_finds_none_counts_though_it_is_refused() -> None:
    account = AccountFactory.create()
    for _ in range(2):
        with pytest.raises(NoneInArea):
            assignments.buy_in_area(account=account, area_code="415", settings={"sms_url": "https://a.example/"})
    event = DemandEvent.objects.get()
    assert (event.country, event.area_code, event.capabilities) == ("US", "415", Capability.SMS)
    assert (event.kind, event.units_requested, event.units_filled, event.account) == ("attempt", 1, 0, account)


@pytest.mark.parametrize("area_code", ["999", "555", "41", "4155", "4a5", "800"])
def test_an_area_code_of_nobody_is_no_demand(area_code: str) -> None:
    with pytest.raises(NoneInArea):
        assignments.buy_in_area(account=AccountFactory.create(), area_code=area_code, settings={})
    assert told() == []


def test_area_codes_are_of_their_country() -> None:
    assert [nanp_country(area) for area in ("415", "416", "876", "800", "999", "", "4155")] == [
        *("US", "CA", "JM"),
        *("", "", "", ""),
    ]


def test_a_refused_reservation_counts_what_could_not_be_had_by_kind() -> None:
    free, taken = NumberFactory.create(), NumberFactory.create_batch(2, failed=True)
    elsewhere = NumberFactory.create(e164=12125550100, failed=True)
    wanted = [number.e164 for number in (free, *taken, elsewhere)]
    account = AccountFactory.create()
    for _ in range(3):
        with pytest.raises(NotAvailable):
            reservations.reserve(account=account, numbers=[*wanted, 14155559999])
    assert sorted(told()) == [("reservation", "212", 1, 0), ("reservation", taken[0].area_code, 2, 0)]


def test_a_wish_counts_once_a_day_with_the_most_that_was_wished() -> None:
    account, other = AccountFactory.create(), AccountFactory.create()
    for units in (3, 7, 5):
        demand.wished(account, US_LOCAL, units, DemandKind.SEARCH)
    demand.wished(other, US_LOCAL, 1, DemandKind.SEARCH)
    assert told() == [("search", "415", 7, 0), ("search", "415", 1, 0)]


def test_wishes_for_other_capabilities_are_other_wishes() -> None:
    account = AccountFactory.create()
    for needed in (Capability.VOICE, Capability.SMS, Capability.VOICE):
        demand.wished(account, US_LOCAL._replace(kind=Kind("415", None, needed)), 1, DemandKind.SEARCH)
    asked = DemandEvent.objects.order_by("capabilities").values_list("capabilities", "units_requested")
    assert list(asked) == sorted([(int(Capability.VOICE), 1), (int(Capability.SMS), 1)])


def test_an_account_has_only_so_many_wishes_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demand, "MOST_WISHES", 3)
    account = AccountFactory.create()
    for area in range(200, 210):
        demand.wished(account, Asked("US", NumberType.LOCAL, Kind(str(area), None, 0)), 1, DemandKind.SEARCH)
    assert len(told()) == 3
    demand.wished(AccountFactory.create(), US_LOCAL, 1, DemandKind.SEARCH)
    assert len(told()) == 4


def test_a_search_for_what_no_shelf_can_promise_is_no_demand() -> None:
    account = AccountFactory.create()
    for criteria in (
        Criteria("US", NumberType.LOCAL, pattern=Pattern.parse("4155")),
        Criteria("US", NumberType.LOCAL, region="CA"),
        Criteria("US", NumberType.LOCAL, must_pass=1),
        Criteria("US", NumberType.LOCAL, area_code="416"),  # Toronto's
        Criteria("US", NumberType.LOCAL, places=frozenset()),
    ):
        demand.not_enough(account, criteria, 5)
    assert told() == []
    demand.not_enough(account, Criteria("US", NumberType.LOCAL, area_code="415"), 5)
    assert told() == [("search", "415", 5, 0)]
