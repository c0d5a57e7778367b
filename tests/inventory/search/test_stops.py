"""Numbers whose sale is stopped are on no page, whatever is asked and whichever index answers."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from inventory.models import PhoneNumber, Provider
from inventory.search.criteria import Criteria, Near, Whereabouts
from inventory.search.stock import search
from inventory.services import sale_stops
from numbering.patterns import Pattern
from numbering.recent import forget_everything
from numbering.types import NumberType
from tests.factories import ProviderFactory
from tests.inventory.search.oracle import meets
from tests.inventory.search.pages import all_pages

pytestmark = pytest.mark.django_db

US = Criteria("US", NumberType.LOCAL)
CASES = {
    "any": US,
    "capabilities": replace(US, capabilities=5),
    "short pattern": replace(US, pattern=Pattern.parse("5*5")),
    "area code": replace(US, area_code="415"),
    "area code and pattern": replace(US, area_code="415", pattern=Pattern.parse("1*2*3*4")),
    "region": replace(US, region="CA"),
    "locality": replace(US, whereabouts=Whereabouts(locality="Oakland")),
    "near": replace(US, near=Near(37.77, -122.42)),
    "start": replace(US, pattern=Pattern.parse("+1415")),
    "pattern": replace(US, pattern=Pattern.parse("12345")),
}


@pytest.fixture
def out(stock: list[PhoneNumber]) -> Callable[..., set[int]]:
    """Give this provider a third of the stock, or what is left, and stop its sale; returns what it has."""

    def stop(provider: Provider, share: int = 3) -> set[int]:
        pks = [number.pk for number in stock if number.pk % share == 0]
        PhoneNumber.objects.filter(pk__in=pks).update(provider=provider)
        sale_stops.place(provider=provider, country="US", actor="test", reason="out")
        forget_everything()
        return {number.e164 for number in stock if number.pk in set(pks) and number.country == "US"}

    return stop


@pytest.mark.parametrize("asked", CASES.values(), ids=CASES)
def test_every_way_to_the_numbers_passes_by_those_that_are_not_sold(
    asked: Criteria, out: Callable[..., set[int]], stock: list[PhoneNumber], account: Account
) -> None:
    stopped = out(ProviderFactory.create())
    wanted = [number.e164 for number in stock if meets(number, asked) and number.e164 not in stopped]
    assert sorted(all_pages(asked, account, 20)) == sorted(wanted)


def test_another_country_sells_on(out: Callable[..., set[int]], stock: list[PhoneNumber], account: Account) -> None:
    out(ProviderFactory.create())
    germany = replace(US, country="DE")
    wanted = [number.e164 for number in stock if meets(number, germany)]
    assert sorted(all_pages(germany, account, 50)) == sorted(wanted)


def test_where_all_is_stopped_nothing_is_found(out: Callable[..., set[int]], account: Account) -> None:
    out(ProviderFactory.create(), share=1)
    assert all_pages(US, account, 50) == []


def test_where_all_is_stopped_no_number_is_looked_at(out: Callable[..., set[int]], account: Account) -> None:
    out(ProviderFactory.create(), share=1)
    search(US, account=account, size=20)  # what a process remembers
    with CaptureQueriesContext(connection) as captured:
        assert search(US, account=account, size=20).rows == []
    assert list(captured) == []


@pytest.mark.parametrize("others", [None, "a provider"])
def test_what_others_have_is_still_looked_for(
    others: str | None, out: Callable[..., set[int]], stock: list[PhoneNumber], account: Account
) -> None:
    out(ProviderFactory.create(), share=2)
    PhoneNumber.objects.filter(provider=None).update(provider=ProviderFactory.create() if others else None)
    assert search(US, account=account, size=20).rows
