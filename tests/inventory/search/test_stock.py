"""What a search finds, in which order, page by page."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Account
from inventory.models import PhoneNumber
from inventory.search import sql
from inventory.search.criteria import Criteria, Near, Whereabouts
from inventory.search.stock import BadPosition, Position, point_of, search
from numbering.patterns import InvalidPattern, Pattern
from numbering.types import Capability, NumberType
from tests.factories import AccountFactory, NumberFactory
from tests.inventory.search import oracle
from tests.inventory.search.pages import all_pages, back, there

pytestmark = pytest.mark.django_db

US = Criteria("US", NumberType.LOCAL)
SAN_FRANCISCO = Near(37.77, -122.42)


def expected(stock: list[PhoneNumber], asked: Criteria) -> list[int]:
    return sorted(number.e164 for number in stock if oracle.meets(number, asked))


EACH_FILTER = {
    "nothing": US,
    "voice": replace(US, capabilities=Capability.VOICE),
    "fax and MMS": replace(US, capabilities=Capability.FAX | Capability.MMS),
    "no beta": replace(US, with_beta=False),
    "area code": replace(US, area_code="212"),
    "area code that nobody has": replace(US, area_code="999"),
    "two digits": replace(US, pattern=Pattern.parse("55")),
    "digits with gaps": replace(US, pattern=Pattern.parse("5*5")),
    "many wildcards": replace(US, pattern=Pattern.parse("1*2*3*4")),
    "more wildcards": replace(US, pattern=Pattern.parse("41**2*9")),
    "runs": replace(US, pattern=Pattern.parse("415%7%9")),
    "start": replace(US, pattern=Pattern.parse("+1212")),
    "no such start": replace(US, pattern=Pattern.parse("+10")),
    "another country's start": replace(US, pattern=Pattern.parse("+49")),
    "ending": replace(US, pattern=Pattern.parse("77$")),
    "start and end": replace(US, pattern=Pattern.parse("+1415%3$")),
    "too long": replace(US, pattern=Pattern.parse("+123456789012345")),
    "region": replace(US, region="CA"),
    "region in full": replace(US, region="california"),
    "locality": replace(US, whereabouts=Whereabouts(locality="San Francisco")),
    "locality in two states": replace(US, whereabouts=Whereabouts(locality="springfield")),
    "locality of another country": replace(US, whereabouts=Whereabouts(locality="Berlin")),
    "postal code": replace(US, whereabouts=Whereabouts(postal_code="10007")),
    "LATA": replace(US, whereabouts=Whereabouts(lata="722")),
    "rate centre": replace(US, whereabouts=Whereabouts(lata="722", rate_centre="OKLD")),
    "places": replace(US, places=frozenset({1, 4})),
    "no place": replace(US, places=frozenset()),
    "near": replace(US, near=SAN_FRANCISCO),
    "near, wide": replace(US, near=replace(SAN_FRANCISCO, miles=60)),
    "mobile": replace(US, number_type=NumberType.MOBILE),
    "another country": Criteria("DE", NumberType.LOCAL),
    "foreign area code": Criteria("DE", NumberType.LOCAL, area_code="30"),
    "foreign locality, its own spelling": Criteria("DE", NumberType.LOCAL, whereabouts=Whereabouts(locality="Munchen")),
    "foreign pattern, several lengths": Criteria("DE", NumberType.LOCAL, pattern=Pattern.parse("1*2*3")),
    "foreign ending": Criteria("DE", NumberType.LOCAL, pattern=Pattern.parse("12$")),
    "foreign region": Criteria("DE", NumberType.LOCAL, region="Bavaria"),
    "foreign near": Criteria("DE", NumberType.LOCAL, near=Near(52.5, 13.4)),
    "tested of late": replace(US, tested_within=timedelta(days=1)),
    "tested for it": replace(US, must_pass=0b1011),
    "tested for what nobody passes": replace(US, must_pass=1 << 61),
    "tested of late, for it, and able": replace(
        US, tested_within=timedelta(days=5), must_pass=1 << 62, capabilities=Capability.MMS
    ),
    "tested of late, not beta": replace(US, tested_within=timedelta(days=11), with_beta=False),
    "tested of late, digits": replace(US, tested_within=timedelta(days=5), pattern=Pattern.parse("1*2*3*4")),
    "tested of late, common digits": replace(US, tested_within=timedelta(days=5), pattern=Pattern.parse("5*5")),
    "tested of late, area code": replace(US, tested_within=timedelta(days=5), area_code="212"),
    "tested of late, region": replace(US, must_pass=1, region="CA"),
    "tested of late, place": replace(US, must_pass=1, places=frozenset({1, 4})),
    "tested of late, near": replace(US, must_pass=1, near=SAN_FRANCISCO),
    "country without area codes": Criteria("FI", NumberType.LOCAL, pattern=Pattern.parse("3589*1")),
}


@pytest.mark.parametrize("asked", EACH_FILTER.values(), ids=EACH_FILTER)
@pytest.mark.parametrize("size", [7, 1000])
def test_each_filter_finds_what_a_naive_reading_finds(
    asked: Criteria, size: int, stock: list[PhoneNumber], account: Account
) -> None:
    found = all_pages(asked, account, size)
    assert sorted(found) == expected(stock, asked)


@pytest.mark.parametrize("asked", EACH_FILTER.values(), ids=EACH_FILTER)
def test_the_way_back_leads_over_the_same_pages(asked: Criteria, stock: list[PhoneNumber], account: Account) -> None:
    pages = there(asked, account, 3)
    assert pages[0].preceding is None
    assert back(asked, account, 3, pages[-1]) == pages


def _pattern(text: str) -> Pattern | None:
    try:
        return Pattern.parse(text)
    except InvalidPattern:
        return None


whereabouts = st.builds(
    Whereabouts,
    locality=st.sampled_from([None, None, None, "San Francisco", "Springfield", "Munich"]),
    postal_code=st.sampled_from([None, None, None, None, "94103"]),
    lata=st.sampled_from([None, None, None, "722", "132"]),
)
criteria = st.builds(
    Criteria,
    country=st.sampled_from(["US", "US", "DE", "FI"]),
    number_type=st.sampled_from([NumberType.LOCAL, NumberType.LOCAL, NumberType.MOBILE]),
    capabilities=st.integers(0, 15),
    pattern=st.one_of(st.none(), st.from_regex(r"\A\+?[0-9]([0-9*%]{1,7}[0-9])?\$?\Z").map(_pattern)),
    area_code=st.sampled_from([None, None, None, "415", "212", "30", "9"]),
    region=st.sampled_from([None, None, None, "CA", "Berlin"]),
    whereabouts=whereabouts,
    places=st.one_of(st.none(), st.none(), st.frozensets(st.integers(1, 9))),
    near=st.one_of(st.none(), st.none(), st.builds(Near, st.just(37.7), st.just(-122.4), st.integers(1, 500))),
    with_beta=st.booleans(),
    tested_within=st.sampled_from([None, None, timedelta(days=1), timedelta(days=11)]),
    must_pass=st.sampled_from([0, 0, 0, 0b1, 0b1011, 1 << 62, 1 << 61]),
)


@pytest.fixture(params=[sql.OVERFLOW, 3])
def _overflow(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """3: every pattern, and every passport, is so common that it is walked for. Statements hold it in their text."""
    monkeypatch.setattr(sql, "FEW_TESTED", request.param)
    monkeypatch.setattr(sql, "OVERFLOW", request.param)
    sql.statement.cache_clear()
    yield
    sql.statement.cache_clear()


@pytest.mark.usefixtures("_overflow")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=criteria, size=st.sampled_from([23, 60, 1000]))
def test_any_combination_of_filters_agrees_with_the_naive_reading(
    stock: list[PhoneNumber], account: Account, asked: Criteria, size: int
) -> None:
    pages = there(asked, account, size)
    assert back(asked, account, size, pages[-1]) == pages
    assert sorted(row.e164 for page in pages for row in page.rows) == expected(stock, asked)


def test_pages_turn_the_spread_from_the_account_s_point(stock: list[PhoneNumber], account: Account) -> None:
    point = point_of(account)
    spread = {number.e164: number.spread for number in stock}
    turned = [((spread[e164] < point), spread[e164], e164) for e164 in all_pages(US, account, 50)]
    assert turned == sorted(turned)


def test_different_buyers_are_shown_different_numbers_first(stock: list[PhoneNumber]) -> None:
    first_pages = {
        tuple(row.e164 for row in search(US, account=account, size=10).rows)
        for account in AccountFactory.create_batch(6)
    }
    assert len(first_pages) > 3


def test_near_comes_nearest_first(stock: list[PhoneNumber], account: Account) -> None:
    near = replace(SAN_FRANCISCO, miles=60)
    by_digits = {number.e164: number for number in stock}
    distances = [oracle.miles(by_digits[e164], near) for e164 in all_pages(replace(US, near=near), account, 13)]
    assert distances == sorted(distances)
    assert len(set(distances)) == 3  # San Francisco, Oakland, San Jose


@pytest.mark.parametrize(
    "asked",
    [US, replace(US, near=SAN_FRANCISCO), replace(US, pattern=Pattern.parse("+1415")), replace(US, area_code="415")],
    ids=["any", "near", "pattern", "area code"],
)
def test_pages_stay_put_while_others_buy(asked: Criteria, stock: list[PhoneNumber], account: Account) -> None:
    before = all_pages(asked, account, 20)
    page = search(asked, account=account, size=20)
    sold = [page.rows[0].e164, page.rows[-1].e164, before[25], before[-1]]
    PhoneNumber.objects.filter(e164__in=sold).update(blocked=True)
    rest: list[int] = []
    while page.following:
        page = search(asked, account=account, size=20, after=page.following)
        rest += [row.e164 for row in page.rows]
    first = [e164 for e164 in before if e164 not in rest]
    assert rest == [e164 for e164 in before[before.index(rest[0]) :] if e164 not in sold]
    assert set(first) >= {sold[0], sold[1]}


def test_a_position_of_another_search_is_refused(stock: list[PhoneNumber], account: Account) -> None:
    page = search(replace(US, near=SAN_FRANCISCO), account=account, size=1)
    with pytest.raises(BadPosition):
        search(US, account=account, size=1, after=page.following)


def test_an_inferred_town_has_its_own_numbers_and_those_of_the_place_that_serves_it(
    stock: list[PhoneNumber], account: Account
) -> None:
    alameda = replace(US, whereabouts=Whereabouts(locality="Alameda"))
    own = NumberFactory.create(e164=15105550001, place_id=10)
    oakland = expected(stock, replace(US, whereabouts=Whereabouts(locality="Oakland")))
    assert sorted(all_pages(alameda, account, 50)) == sorted([*oakland, own.e164])


def test_rows_say_where_the_number_lies(stock: list[PhoneNumber], account: Account) -> None:
    row = search(replace(US, places=frozenset({1})), account=account, size=1).rows[0]
    assert row[4:11] == ("CA", "San Francisco", "94103", "722", "SNFC", 37.77, -122.42)


def test_a_position_may_travel_as_json(stock: list[PhoneNumber], account: Account) -> None:
    import json

    page = search(US, account=account, size=3)
    assert page.following
    point, *key = json.loads(json.dumps([page.following.point, *page.following.key]))
    following: dict[str, Any] = {"after": Position(point, tuple(key))}
    assert search(US, account=account, size=3, **following) == search(US, account=account, size=3, after=page.following)


def test_one_search_is_one_statement(
    stock: list[PhoneNumber], account: Account, django_assert_num_queries: Any
) -> None:
    search(US, account=account, size=3)
    with django_assert_num_queries(1):
        search(US, account=account, size=3)
    search(replace(US, pattern=Pattern.parse("5*5*5*5")), account=account, size=3)
    with django_assert_num_queries(2):  # the spans of the kind, then the search
        search(replace(US, pattern=Pattern.parse("5*5*5*5")), account=account, size=3)
    assert connection.connection
