"""Stock levels over HTTP: everything to the operator, to customers whether there is much or little."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Account
from inventory.levels.shelves import Breadth, Shelf, Wanted, narrowed, shelves
from inventory.lifecycle import State
from inventory.models import BlockReason, PhoneNumber, ProviderOrder, Quarantine, Sku, SkuState, StockTarget
from inventory.models.quarantine import QuarantineSource
from inventory.quarantine.stays import enter
from inventory.services import blocks, sale_stops
from numbering.models import Place, PlacePrefix
from numbering.places import forget_prefixes
from tests.api.conftest import Caller
from tests.factories import AccountFactory, HoldFactory, NumberFactory, ProviderFactory

pytestmark = pytest.mark.django_db
PATH = "/inventory/v1/StockLevels"


@pytest.fixture
def operator(signed: Callable[[Account], Caller]) -> Caller:
    return signed(AccountFactory.create(is_operator=True))


def levels(caller: Caller, **query: Any) -> list[dict[str, Any]]:
    answer = caller.get(PATH, query)
    assert answer.status_code == 200, answer.content
    rows: list[dict[str, Any]] = answer.json()["stock_levels"]
    return rows


def everywhere(caller: Caller, **query: Any) -> Iterator[dict[str, Any]]:
    """Page by page."""
    url: str | None = f"{PATH}?{'&'.join(f'{name}={value}' for name, value in query.items())}"
    while url:
        answer = caller.get(url[url.index("/inventory") :]).json()
        assert "meta" in answer, answer
        yield from answer["stock_levels"]
        url = answer["meta"]["next_page_url"]


def keys(rows: Any) -> list[tuple[str, str, str | None]]:
    return [(row["iso_country"], row["type"], row["area_code"]) for row in rows]


def a_shelf() -> None:
    """Of 415: one of everything."""
    area = {"area_code": "415"}
    NumberFactory.create_batch(3, **area)
    HoldFactory.create(number__area_code="415")
    for state in (State.SOURCED, State.TESTING, State.FAILED, State.RETURNED):
        NumberFactory.create(state=state, **area)
    blocks.place(number=NumberFactory.create(**area), reason=BlockReason.FRAUD, actor="user:a")
    stopped = ProviderFactory.create()
    NumberFactory.create(provider=stopped, **area)
    sale_stops.place(provider=stopped, country="US", actor="user:a", reason="outage")
    order = ProviderOrder.objects.create(key="1", provider=stopped, country="US", number_type="local", area_code="415")
    order.lines.create(e164=14155559999, capabilities=1, monthly_cost=1, currency="USD")
    for days in (1, 30):
        stay = enter(
            NumberFactory.create(quarantined=True, **area), source=QuarantineSource.RELEASED, since=timezone.now()
        )
        on = timezone.now().date() + timedelta(days=days)
        said = {"action": "hold", "action_rule": "likelihood", "state_day": on, "recent_contacts": 0, "alpha": 0.15}
        Quarantine.objects.filter(pk=stay.pk).update(
            **said, effective_days=0, likelihood=0, predicted_on=on, predicted_lo=on, predicted_hi=on
        )


def test_the_operator_is_told_what_stands_where_and_what_is_to_stand_there(operator: Caller) -> None:
    a_shelf()
    StockTarget.objects.create(country="US", number_type="local", area_code="415", quantity=7)
    [level] = levels(operator)
    assert level == {
        "iso_country": "US",
        "type": "local",
        "area_code": "415",
        "locality": None,
        "region": None,
        "available_at_least": 3,
        "counts": {
            "available": 3,
            "reserved": 1,
            "coming": 2,
            "on_order": 1,
            "quarantined": 2,
            "quarantined_until_soon": 1,
            "failed": 1,
            "in_service": 0,
            "released": 0,
            "blocked": 1,
            "stopped": 1,
        },
        "thresholds": {"reorder_point": None, "floor": None, "up_to": None, "target": 7},
        "is_low": True,
    }


def test_a_type_is_its_area_codes_together(operator: Caller) -> None:
    a_shelf()
    NumberFactory.create_batch(2, area_code="510")
    StockTarget.objects.create(country="US", number_type="local", quantity=8)
    [level] = levels(operator, Granularity="type")
    assert (level["area_code"], level["counts"]["available"], level["counts"]["on_order"]) == (None, 5, 1)
    assert (level["thresholds"]["target"], level["is_low"]) == (8, False)
    assert {row["thresholds"]["target"] for row in levels(operator)} == {None}  # anywhere is no area code


def test_a_bare_shelf_that_is_to_hold_something_is_told(operator: Caller) -> None:
    NumberFactory.create(area_code="415")
    for area_code in ("212", "510"):
        StockTarget.objects.create(country="US", number_type="local", area_code=area_code, quantity=5)
    assert keys(levels(operator)) == [("US", "local", area) for area in ("212", "415", "510")]
    assert [row["is_low"] for row in levels(operator)] == [True, False, True]
    assert keys(everywhere(operator, PageSize=1)) == keys(levels(operator))
    assert keys(levels(operator, AreaCode="510")) == [("US", "local", "510")]


@pytest.mark.parametrize(("on_sale", "is_low"), [(6, True), (7, False)])
def test_a_shelf_is_low_at_the_reorder_point_of_its_skus_together(on_sale: int, is_low: bool, operator: Caller) -> None:
    NumberFactory.create_batch(on_sale, area_code="415")
    for mask, s in ((1, 4), (3, 2)):
        sku = Sku.objects.create(country="US", number_type="local", area_code="415", capabilities=mask)
        said = {"n": 1, "q": 1, "q2": 1, "e": 1, "level": 0.98, "as_of": timezone.now().date()}
        SkuState.objects.create(sku=sku, s=s, floor=1, up_to=s + 3.5, **said)
    [level] = levels(operator)
    assert level["thresholds"] == {"reorder_point": 6, "floor": 2, "up_to": 13, "target": None}
    assert level["is_low"] == is_low


def test_a_customer_is_told_no_count_and_of_nothing_that_is_not_for_sale(ada: Caller) -> None:
    NumberFactory.create_batch(12, area_code="415")
    NumberFactory.create_batch(9, area_code="510")
    NumberFactory.create(area_code="212", testing=True)
    stopped = ProviderFactory.create()
    NumberFactory.create(area_code="907", provider=stopped)
    sale_stops.place(provider=stopped, country="US", actor="user:a", reason="outage")
    rows = levels(ada)
    assert [(row["area_code"], row["available_at_least"]) for row in rows] == [("415", 10), ("510", 1), ("907", 0)]
    assert {tuple(row) for row in rows} == {
        ("iso_country", "type", "area_code", "locality", "region", "available_at_least")
    }
    assert [row["available_at_least"] for row in levels(ada, Granularity="type")] == [10]


def town(name: str, **given: Any) -> Place:
    row: Place = Place.objects.create(
        **{"id": len(name) * 1000, "country": "US", "region": "CA", "granularity": "locality", **given},
        name=name,
        normalised_name=name.lower(),
        source="libphonenumber",
    )
    return row


def of_places(rows: list[dict[str, Any]]) -> list[tuple[str, str, str | None, str | None]]:
    return [(row["iso_country"], row["type"], row["locality"], row["region"]) for row in rows]


def test_localities_are_told_apart_by_town_whatever_the_area_code(operator: Caller) -> None:
    oakland, sunol = town("Oakland"), town("Sunol")
    for place, area_code, number_type in (
        (oakland, "510", "local"),
        (oakland, "341", "local"),
        (sunol, "925", "mobile"),
    ):
        NumberFactory.create_batch(2, place=place, area_code=area_code, number_type=number_type)
    NumberFactory.create(place=oakland, testing=True)
    NumberFactory.create(area_code="907")  # of no known place
    rows = levels(operator, Granularity="locality")
    assert of_places(rows) == [("US", "local", "Oakland", "CA"), ("US", "mobile", "Sunol", "CA")]
    assert [(row["counts"]["available"], row["counts"]["coming"], row["area_code"]) for row in rows] == [
        (4, 1, None),
        (2, 0, None),
    ]
    assert of_places(levels(operator, Granularity="locality", NumberType="mobile")) == of_places(rows)[1:]
    assert (
        of_places(levels(operator, Granularity="locality", IsoCountry="US", InLocality="oakland"))
        == of_places(rows)[:1]
    )
    assert levels(operator, Granularity="locality", IsoCountry="US", InLocality="Nowhere") == []
    assert of_places(list(everywhere(operator, Granularity="locality", PageSize=1))) == of_places(rows)


@pytest.fixture
def _prefixes_of_this_test() -> Iterator[None]:
    forget_prefixes()
    yield
    forget_prefixes()


@pytest.mark.usefixtures("_prefixes_of_this_test")
def test_a_locality_has_the_thresholds_of_its_skus_and_what_is_on_its_way(operator: Caller) -> None:
    here, bare = town("Oakland"), town("Sunol")
    PlacePrefix.objects.create(prefix=1510555, country="US", place=here)
    NumberFactory.create_batch(2, place=here, area_code="510")
    said = {"n": 1, "q": 1, "q2": 1, "e": 1, "level": 0.98, "as_of": timezone.now().date()}
    for place, s in ((here, 3), (bare, 1)):
        sku = Sku.objects.create(country="US", number_type="local", place=place)
        SkuState.objects.create(sku=sku, s=s, floor=1, up_to=s + 2, **said)
    order = ProviderOrder.objects.create(key="1", provider=ProviderFactory.create(), country="US", number_type="local")
    order.lines.create(e164=15105559999, capabilities=1, monthly_cost=1, currency="USD")
    rows = levels(operator, Granularity="locality")
    assert [
        (row["locality"], row["counts"]["on_order"], row["thresholds"]["reorder_point"], row["is_low"]) for row in rows
    ] == [("Sunol", 0, 1, True), ("Oakland", 1, 3, True)]
    assert {row["thresholds"]["reorder_point"] for row in levels(operator)} == {None}
    assert {row["thresholds"]["reorder_point"] for row in levels(operator, Granularity="type")} == {None}
    NumberFactory.create(place=here, area_code="510")
    assert [row["is_low"] for row in levels(operator, Granularity="locality")] == [True, False]


def test_a_customer_is_told_of_the_localities_where_something_is_for_sale(ada: Caller) -> None:
    places = [town("x" * size, id=size) for size in range(1, 6)]
    for place in places:
        NumberFactory.create_batch(2, place=place, testing=place.pk % 2 == 0)
    for place in places[:2]:
        NumberFactory.create(place=place, blocked=True)
    rows = levels(ada, Granularity="locality")
    assert [(row["locality"], row["available_at_least"]) for row in rows] == [("x", 1), ("xxx", 1), ("xxxxx", 1)]
    assert "counts" not in rows[0]
    assert [row["locality"] for row in everywhere(ada, Granularity="locality", PageSize=1)] == ["x", "xxx", "xxxxx"]


@pytest.fixture
def many() -> list[PhoneNumber]:
    places = {area: town(f"of {area}", id=int(area)) for area in ("415", "510", "604", "20")}
    kinds = [("US", "local", "415"), ("US", "local", "510"), ("US", "toll_free", "800"), ("GB", "mobile", "")]
    kinds += [("US", "mobile", "415"), ("CA", "local", "604"), ("GB", "local", "20")]
    return [
        NumberFactory.create(country=country, number_type=kind, area_code=area, place=places.get(area))
        for country, kind, area in kinds
        for _ in range(len(area) + 1)
    ]


@pytest.mark.parametrize("breadth", list(Breadth))
def test_the_loose_scan_finds_each_shelf_once_in_order_from_both_ends(
    breadth: Breadth, many: list[PhoneNumber]
) -> None:
    whole = [Shelf(each.country, each.number_type, each.area_code, each.place_id or 0) for each in many]
    there = Counter(narrowed(each, breadth) for each in whole if each.place_id or breadth != Breadth.LOCALITY)
    for wanted in (Wanted(), Wanted("US"), Wanted("US", "local"), Wanted(number_type="local"), Wanted("FR")):
        found = shelves(wanted, breadth, limit=100)
        assert found == sorted(shelf for shelf in there if wanted.holds(shelf))
        assert shelves(wanted, breadth, limit=100, backwards=True) == found[::-1]
        for place, shelf in enumerate(found):
            assert shelves(wanted, breadth, after=shelf, limit=2) == found[place + 1 : place + 3]


def test_pages_lead_forth_and_back(operator: Caller, many: list[PhoneNumber]) -> None:
    whole = keys(levels(operator))
    assert keys(everywhere(operator, PageSize=2)) == whole
    second = operator.get(levels_page(operator, PageSize=3)["next_page_url"].split("8000")[1]).json()
    assert keys(second["stock_levels"]) == whole[3:6]
    first = operator.get(second["meta"]["previous_page_url"].split("8000")[1]).json()
    assert keys(first["stock_levels"]) == whole[:3]


def levels_page(caller: Caller, **query: Any) -> dict[str, Any]:
    meta: dict[str, Any] = caller.get(PATH, query).json()["meta"]
    return meta


def test_a_page_costs_as_many_queries_for_one_shelf_as_for_all(operator: Caller, many: list[PhoneNumber]) -> None:
    levels(operator)  # warm what a process remembers
    with CaptureQueriesContext(connection) as one:
        levels(operator, PageSize=1)
    with CaptureQueriesContext(connection) as every:
        levels(operator)
    assert len(one) == len(every)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"PageSize": 201}, 20007),
        ({"Granularity": "number"}, 20001),
        ({"Granularity": "type", "AreaCode": "415"}, 20001),
        ({"Granularity": "locality", "AreaCode": "415"}, 20001),
        ({"Granularity": "locality", "InLocality": "Oakland"}, 20001),
        ({"IsoCountry": "US", "InLocality": "Oakland"}, 20001),
        ({"IsoCountry": "US", "InLocality": "", "Granularity": "locality"}, 20001),
        ({"IsoCountry": "USA"}, 20001),
        ({"NumberType": "landline"}, 20001),
        ({"PageToken": "made up"}, 21481),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused(query: dict[str, Any], code: int, ada: Caller) -> None:
    answer = ada.get(PATH, query)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_a_token_of_area_codes_does_not_open_types(operator: Caller, many: list[PhoneNumber]) -> None:
    following = levels_page(operator, PageSize=1)["next_page_url"].split("8000")[1]
    for other in ("type", "locality"):
        assert operator.get(f"{following}&Granularity={other}").json()["code"] == 21481
