"""A place and the numbers in it may lie in different countries: shared plans and towns at a border (+1, +7, +44)."""

import pytest

from accounts.models import Account
from inventory.search.criteria import Criteria, Near, Whereabouts
from inventory.search.stock import search
from numbering.models import Place
from numbering.types import NumberType
from tests.factories import NumberFactory

DETROIT = {"latitude": 42.33, "longitude": -83.05}


@pytest.mark.parametrize(
    "asked",
    [
        Criteria("US", NumberType.LOCAL, whereabouts=Whereabouts(locality="Detroit")),
        Criteria("US", NumberType.LOCAL, places=frozenset({1})),
        Criteria("US", NumberType.LOCAL, near=Near(42.3, -83.0)),
    ],
    ids=["locality", "place", "near"],
)
def test_a_search_stays_in_its_country_wherever_the_numbers_lie(asked: Criteria, account: Account) -> None:
    detroit = Place.objects.create(
        id=1, name="Detroit", normalised_name="detroit", country="US", granularity="locality", source="libphonenumber",
        **DETROIT,
    )  # fmt: skip
    here = NumberFactory.create(e164=13135550101, country="US", place=detroit)
    NumberFactory.create(e164=15195550101, country="CA", place=detroit)
    assert [row.e164 for row in search(asked, account=account, size=10).rows] == [here.e164]


def test_the_same_place_as_a_number_abroad_is_nowhere_here(account: Account) -> None:
    berlin = Place.objects.create(
        id=2, name="Berlin", normalised_name="berlin", country="DE", granularity="locality", source="libphonenumber"
    )
    NumberFactory.create(e164=493012345678, country="DE", place=berlin)
    assert not search(Criteria("US", NumberType.LOCAL, places=frozenset({2})), account=account, size=10).rows


@pytest.mark.parametrize(("asked", "found"), [("ca", 1), ("California", 1), ("QUEBEC", 0), ("QC", 0), ("Utah", 0)])
def test_a_region_goes_by_its_code_or_name_in_its_own_country(asked: str, found: int, account: Account) -> None:
    for id_, country, region, name in ((1, "US", "CA", "California"), (2, "CA", "QC", "Quebec"), (3, "US", "", "Utah")):
        Place.objects.create(
            id=id_, name=name, normalised_name=name.lower(), country=country, region=region, region_name=name,
            granularity="region", source="libphonenumber",
        )  # fmt: skip
    NumberFactory.create(region="CA")
    NumberFactory.create(region="")
    NumberFactory.create(country="CA", region="QC")
    page = search(Criteria("US", NumberType.LOCAL, region=asked), account=account, size=10)
    assert len(page.rows) == found
