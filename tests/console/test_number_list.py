"""The list of numbers over millions: its pages by keys, its filters in any combination, and what they read."""

import itertools
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from console.number_list import FILTERS, NumberList, wanted
from inventory.lifecycle import State
from inventory.models import PhoneNumber, Provider
from inventory.yard import listing
from inventory.yard.listing import Place, Wanted
from tests.factories import NumberFactory, ProviderFactory, anywhere_in_life

LIST = "/console/inventory/phonenumber/"


@pytest.fixture
def providers(db: None) -> list[Provider]:
    return ProviderFactory.create_batch(2)


@pytest.fixture
def stock(providers: list[Provider]) -> list[PhoneNumber]:
    """Two or three numbers of each kind: state, country, provider, what they carry; of all ages."""
    kinds = itertools.product(
        (State.SOURCED, State.FAILED, State.AVAILABLE), ("US", "GB"), (*providers, None), (1, 3), range(2)
    )
    now, made = timezone.now(), []
    for nth, (state, country, provider, mask, _) in enumerate(kinds):
        row: dict[str, Any] = {"country": country, "provider": provider, "capabilities": mask, "state": state}
        row |= {"state_since": now - timedelta(hours=1 + 29 * (nth * 7 % 101)), "blocked": nth % 5 == 0}
        made.append(NumberFactory.build(e164=14155550000 + nth, **row))
    with anywhere_in_life():
        return PhoneNumber.objects.bulk_create(made)


def shown(staff: Client, query: str) -> list[int]:
    found: NumberList = staff.get(f"{LIST}{query}").context["cl"]
    return [number.pk for number in found.result_list]


COMBINATIONS = [
    dict(zip(("state__exact", "country", "carries", "blocked", "age", "provider"), values, strict=True))
    for values in itertools.product(
        ("", "FAILED"), ("", "GB"), ("", "sms"), ("", "yes", "no"), ("", "week", "longer"), ("", "first", "own")
    )
]


def test_any_combination_of_filters_finds_what_each_of_them_leaves(
    stock: list[PhoneNumber], providers: list[Provider]
) -> None:
    for combination in COMBINATIONS:
        given = {name: value for name, value in combination.items() if value and name != "provider"}
        if combination["provider"] == "first":
            given["provider__id__exact"] = str(providers[0].pk)
        elif combination["provider"] == "own":
            given["provider__isnull"] = "True"
        what = wanted(given)
        fitting = (number for number in stock if fits(number, what))
        expected = sorted(fitting, key=lambda number: (number.state_since, number.pk), reverse=True)
        assert listing.page(what, limit=500) == [number.pk for number in expected], combination
        assert listing.page(what, limit=500, rising=True) == [number.pk for number in reversed(expected)], combination
        assert listing.count(what) == len(expected), combination


def fits(number: PhoneNumber, what: Wanted) -> bool:
    return (
        (not what.state or number.state == what.state)
        and (not what.country or number.country == what.country)
        and (number.capabilities & what.carries) == what.carries
        and (what.blocked is None or number.blocked is what.blocked)
        and (what.since is None or number.state_since >= what.since)
        and (what.until is None or number.state_since < what.until)
        and (what.provider is None or (number.provider_id or listing.OWN) == what.provider)
    )


@pytest.mark.parametrize("rising", [False, True], ids=["last-moved-first", "longest-first"])
def test_pages_follow_each_other_without_a_gap_and_without_a_double(stock: list[PhoneNumber], rising: bool) -> None:
    whole, after = [], None
    while ids := listing.page(Wanted(country="US"), limit=7, after=after, rising=rising):
        whole += ids
        last = PhoneNumber.objects.get(pk=ids[-1])
        after = Place(last.state_since, last.pk)
    assert whole == listing.page(Wanted(country="US"), limit=500, rising=rising)


def test_the_links_lead_to_the_next_page_and_back(
    staff: Client, stock: list[PhoneNumber], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.admin.numbers.NumberAdmin.list_per_page", 10)
    first = staff.get(f"{LIST}?country=US").context["cl"]
    second = staff.get(f"{LIST}{first.after}").context["cl"]
    third = staff.get(f"{LIST}{second.after}").context["cl"]
    assert first.before == ""
    assert "country=US" in first.after
    assert shown(staff, third.before) == [number.pk for number in second.result_list]
    assert shown(staff, second.before) == [number.pk for number in first.result_list]
    assert shown(staff, second.first_page) == [number.pk for number in first.result_list]
    assert first.counted == "36 match"


def test_the_last_page_has_no_next_one_and_a_new_filter_begins_at_the_beginning(
    staff: Client, stock: list[PhoneNumber], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.admin.numbers.NumberAdmin.list_per_page", 40)
    first = staff.get(LIST).context["cl"]
    last = staff.get(f"{LIST}{first.after}").context["cl"]
    assert (last.after, len(last.result_list)) == ("", 32)
    assert "after=" not in last.get_query_string({"country": "GB"})


def test_what_was_searched_for_is_filtered_and_paged_too(
    staff: Client, stock: list[PhoneNumber], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.admin.numbers.NumberAdmin.list_per_page", 10)
    first = staff.get(f"{LIST}?q=%2B1415&state__exact=FAILED").context["cl"]
    second = staff.get(f"{LIST}{first.after}").context["cl"]
    both = [*first.result_list, *second.result_list]
    assert {number.state for number in both} == {State.FAILED}
    assert both == sorted(both, key=lambda number: (number.state_since, number.pk), reverse=True)
    assert len({number.pk for number in both}) == 20


def test_what_is_stuck_is_listed(staff: Client, stock: list[PhoneNumber], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inventory.yard.reading.GRACE", -timedelta(days=1))  # this server has just started
    failed = [number.pk for number in stock if number.state == State.FAILED]
    late = PhoneNumber.objects.filter(pk__in=failed, state_since__lt=timezone.now() - timedelta(days=1))
    assert sorted(shown(staff, "?late=yes&state__exact=FAILED")) == sorted(late.values_list("pk", flat=True))


@pytest.mark.parametrize(
    "query",
    ["age=yesterday", "carries=light", "blocked=perhaps", "provider__id__exact=x", "after=nothing", "before=1,2"],
)
def test_an_address_that_asks_for_nothing_known_leads_back_to_the_list(staff: Client, query: str) -> None:
    answer = staff.get(f"{LIST}?{query}")
    assert (answer.status_code, answer["Location"]) == (302, f"{LIST}?e=1")


def test_no_other_lookup_is_taken(staff: Client) -> None:
    assert staff.get(f"{LIST}?e164__endswith=5").status_code == 400
    assert "e164__endswith" not in FILTERS


PLANS = {
    "everything": Wanted(),
    "state": Wanted(state="FAILED"),
    "country": Wanted(country="GB"),
    "type": Wanted(number_type="local"),
    "provider": Wanted(provider=1),
    "carries": Wanted(carries=2),
    "blocked": Wanted(blocked=True),
    "age": Wanted(until=timezone.now()),
    "all-at-once": Wanted("FAILED", "GB", "local", 1, 2, False, timezone.now(), timezone.now()),
}


@pytest.fixture
def many(stock: list[PhoneNumber]) -> Iterator[None]:
    """Some thousands, and what the planner knows of them."""
    now = timezone.now()
    rows = (
        NumberFactory.build(e164=442070000000 + nth, country="GB", state_since=now - timedelta(minutes=nth))
        for nth in range(3_000)
    )
    with anywhere_in_life():
        PhoneNumber.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE inventory_phonenumber")
    yield


@pytest.mark.parametrize("what", PLANS.values(), ids=PLANS)
@pytest.mark.parametrize("after", [None, Place(timezone.now(), 1)], ids=["first", "next"])
def test_a_page_and_its_count_read_the_drawers_and_never_the_stock(
    many: None, what: Wanted, after: Place | None
) -> None:
    with CaptureQueriesContext(connection) as queries:
        listing.page(what, limit=51, after=after)
        listing.count(what)
    for query in queries.captured_queries:
        plan = explained(query["sql"])
        assert "Seq Scan" not in plan
        assert plan.count("using number_listed") == (4 if "AS first" in query["sql"] else 3)
        assert "using" not in plan.replace("using number_listed", "")


def explained(sql: str) -> str:
    """As the planner would choose among many: three thousand it would read at once."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off")
        cursor.execute(f"EXPLAIN {sql}")
        return "\n".join(line for (line,) in cursor.fetchall())


def test_a_search_and_a_page_of_what_is_stuck_read_indexes(many: None, staff: Client) -> None:
    for query in ("?q=%2B4420", "?late=yes"):
        with CaptureQueriesContext(connection) as queries:
            staff.get(f"{LIST}{query}")
        asked_for = [each["sql"] for each in queries.captured_queries if '"inventory_phonenumber"' in each["sql"]]
        assert asked_for
        assert [sql for sql in asked_for if "Seq Scan on inventory_phonenumber" in explained(sql)] == []


@pytest.mark.parametrize("page", admin.site._registry.values(), ids=lambda page: page.model._meta.label)
def test_no_list_of_the_console_counts_its_table(staff: Client, page: Any) -> None:
    with CaptureQueriesContext(connection) as queries:
        staff.get(reverse(f"admin:{page.opts.app_label}_{page.opts.model_name}_changelist"))
    table = page.opts.db_table
    assert [each["sql"] for each in queries if f'COUNT(*) AS "__count" FROM "{table}"' in each["sql"]] == []
    assert [each["sql"] for each in queries if "OFFSET" in each["sql"]] == []
