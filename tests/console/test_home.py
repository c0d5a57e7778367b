"""The console's home: what is on fire, the stock by country, what came in and went out."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, Permission
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from console.charts import Chart, Series
from console.home.fires import Gravity, fires
from console.home.map import world_map
from console.home.page import flow_chart
from inventory.levels.bare import bare_skus, bare_targets
from inventory.levels.countries import CountryStock, countries_stock
from inventory.lifecycle import State
from inventory.models import (
    AlphaRelief,
    LifecycleEntry,
    Provider,
    ProviderOrder,
    SaleStop,
    Sku,
    SkuState,
    StockTarget,
    SupplyTerms,
    WaitlistEntry,
)
from inventory.services.late_orders import late, unanswered
from inventory.yard.flow import DAYS, Day, Way, daily_flow
from numbering.recent import forget_everything
from testing_lab.models import Incident
from tests.factories import AccountFactory, NumberFactory, ProviderFactory, UserFactory

US = {"country": "US", "number_type": "local"}


@pytest.fixture(autouse=True)
def _as_just_started() -> Iterator[None]:
    """What a process remembers is another test's."""
    forget_everything()
    yield
    forget_everything()


def outage(provider: Provider, **when: datetime) -> Incident:
    return Incident.objects.create(
        provider=provider,
        country="US",
        evidence=[{}],
        statistic=12,
        threshold=11,
        **({"began_at": timezone.now()} | when),
    )


def told(user: User) -> list[str]:
    return [fire.what for fire in fires(user)]


def test_nothing_burns_in_an_empty_yard(staff_user: User) -> None:
    assert fires(staff_user) == []


def test_the_gravest_comes_first_and_of_equals_the_longest(staff_user: User) -> None:
    hour = timedelta(hours=1)
    now = timezone.now()
    provider = ProviderFactory.create()
    AlphaRelief.objects.create(**US, alpha=0.2, expires_at=now + 9 * hour, actor="user:ops", reason="sold out")
    SaleStop.objects.create(provider=provider, country="US", placed_by="user:ops", reason="unpaid", since=now - hour)
    outage(provider, began_at=now - 2 * hour)
    ProviderOrder.objects.create(key="ny-1", provider=provider, **US, last_error="503")
    found = fires(staff_user)
    assert [fire.gravity for fire in found] == [Gravity.NOW, Gravity.NOW, Gravity.TODAY, Gravity.SOON]
    assert [fire.numbers for fire in found] == [1, 1, 1, 1]
    assert [fire.said for fire in found if fire.said == fire.what] == []
    assert found[0].what.startswith("outages")
    assert found[0].since == now - 2 * hour


def test_each_fire_leads_to_the_list_of_what_it_counts(staff: Client, staff_user: User) -> None:
    provider, long_ago = ProviderFactory.create(), timezone.now() - timedelta(days=400)
    behind = {
        "outages: numbers fail": outage(provider),
        "SKUs are sold out": Sku.objects.create(**US),
        "stock targets have nothing on sale": StockTarget.objects.create(**US, quantity=3),
        "orders are later than was agreed": ProviderOrder.objects.create(
            key="ny-1", provider=provider, **US, created_at=long_ago
        ),
    }
    found = {fire.what: fire for fire in fires(staff_user)}
    for what, row in behind.items():
        name = row._meta.label_lower.replace(".", "/")
        assert f"/{name}/{row.pk}/change/" in staff.get(found[what].url).content.decode(), what


def test_staff_see_the_fires_that_are_theirs(db: None) -> None:
    outage(ProviderFactory.create())
    StockTarget.objects.create(**US, quantity=3)
    clerk = UserFactory.create(is_staff=True)
    assert fires(AnonymousUser()) == fires(clerk) == []
    clerk.user_permissions.add(Permission.objects.get(codename="view_stocktarget"))
    assert told(User.objects.get(pk=clerk.pk)) == ["stock targets have nothing on sale"]


def test_who_may_not_see_numbers_sees_no_stock_and_no_flow(db: None, client: Client) -> None:
    client.force_login(UserFactory.create(is_staff=True))
    shown = client.get("/console/").content.decode()
    for words in ("On sale, against", "In and out", "What happened last"):
        assert words not in shown


@pytest.mark.parametrize(
    ("sku", "on_sale", "is_bare"),
    [
        ({}, {}, False),
        ({}, {"e164": 13125550001}, False),
        ({"area_code": "415"}, {"e164": 13125550001}, True),
        ({"area_code": "415"}, {"e164": 14155550001}, False),
        ({}, {"blocked": True}, True),
        ({}, {"state": State.SOURCED, "passport_expires_at": None, "cleared_at": None}, True),
        ({"is_listed": False, "area_code": "212"}, {}, False),
        ({"is_active": False, "area_code": "212"}, {}, False),
    ],
    ids=["same", "anywhere", "other-area", "its-area", "blocked", "on-its-way", "unlisted", "off"],
)
def test_a_shelf_is_bare_while_a_customer_finds_nothing(
    db: None, sku: dict[str, Any], on_sale: dict[str, Any], is_bare: bool
) -> None:
    made = Sku.objects.create(**US, **sku)
    NumberFactory.create(**on_sale)
    assert list(bare_skus()) == ([made] if is_bare else [])


def test_numbers_of_a_stopped_provider_fill_no_shelf(db: None) -> None:
    provider = ProviderFactory.create()
    NumberFactory.create(provider=provider)
    target = StockTarget.objects.create(**US, quantity=1)
    assert not bare_targets().exists()
    SaleStop.objects.create(provider=provider, country="US", placed_by="user:ops", reason="unpaid")
    assert list(bare_targets()) == [target]


@pytest.mark.parametrize(
    ("agreed", "age", "is_late"),
    [(3, 4, True), (3, 2, False), (30, 29, False), (None, 9, False), (None, 11, True)],
    ids=["late", "in-time", "long-agreed", "usual", "later-than-usual"],
)
def test_an_order_is_late_by_what_was_agreed(
    db: None, settings: Any, agreed: float | None, age: int, is_late: bool
) -> None:
    settings.RESTOCK_LEAD_TIME = timedelta(days=10)
    provider, now = ProviderFactory.create(), timezone.now()
    if agreed:
        SupplyTerms.objects.create(provider=provider, **US, lead_days=agreed)
    order = ProviderOrder.objects.create(key="ny-1", provider=provider, **US, created_at=now - timedelta(days=age))
    assert list(ProviderOrder.objects.filter(late(now))) == ([order] if is_late else [])
    ProviderOrder.objects.update(state="COMPLETE", next_attempt_at=None)
    assert not ProviderOrder.objects.filter(late(now)).exists()


def test_an_order_without_an_answer_is_in_trouble_after_a_while(db: None) -> None:
    now = timezone.now()
    order = ProviderOrder.objects.create(key="ny-1", provider=ProviderFactory.create(), **US, unanswered_at=now)
    assert not ProviderOrder.objects.filter(unanswered(now)).exists()
    assert list(ProviderOrder.objects.filter(unanswered(now + timedelta(hours=1)))) == [order]


def of(country: str) -> CountryStock:
    return next(each for each in countries_stock.fresh() if each.country == country)


def test_a_country_sums_up_its_shelves_and_what_the_last_night_said_of_them(db: None) -> None:
    NumberFactory.create_batch(6)
    NumberFactory.create(sourced=True)
    NumberFactory.create(blocked=True)
    sums = {"n": 1, "q": 1, "q2": 1, "e": 1, "level": 0.98, "floor": 0, "as_of": date(2026, 1, 1), "up_to": 99}
    for area, least, daily in (("", 2, 0.5), ("415", 3, 1.0)):
        SkuState.objects.create(sku=Sku.objects.create(**US, area_code=area), s=least, terms={"daily": daily}, **sums)
    wish = {"quantity": 4, "mode": "notify", "expires_at": timezone.now() + timedelta(days=1)}
    WaitlistEntry.objects.create(account=AccountFactory.create(), **US, **wish)
    us = of("US")
    assert (us.on_sale, us.reorder_point, us.coming, us.waiting) == (6, 5, 1, 4)
    assert us.days_of_cover == 4
    assert us.name == "United States"


@pytest.mark.parametrize(
    ("on_sale", "reorder_point", "target", "standing"),
    [
        (0, None, 0, "free"),
        (9, None, 0, "free"),
        (0, 2, 0, "out"),
        (2, 2, 0, "low"),
        (3, 2, 0, "well"),
        (3, 2, 4, "low"),
        (4, None, 4, "well"),
    ],
)
def test_a_country_is_low_at_its_reorder_point_and_below_its_target(
    on_sale: int, reorder_point: int | None, target: int, standing: str
) -> None:
    stock = CountryStock("US", on_sale, reorder_point, target, coming=0, daily=0.0, waiting=0)
    assert stock.standing == standing
    assert stock.days_of_cover is None


def test_the_map_has_every_stocked_country_and_the_rest_of_the_world() -> None:
    stocks = [CountryStock(country, 1, None, 0, coming=0, daily=0.0, waiting=0) for country in ("DE", "SG", "US")]
    drawn = world_map(stocks)
    assert [land.stock.country for land in drawn.lands] == ["DE", "SG", "US"]
    assert all(land.middle for land in drawn.lands)
    of_germany = drawn.lands[0].path
    assert of_germany
    assert of_germany not in drawn.rest
    assert drawn.rest


def test_the_flow_counts_each_day_of_two_weeks_and_each_way(db: None) -> None:
    now, number = datetime(2026, 11, 22, 12, tzinfo=UTC), NumberFactory.create()
    moves = [
        (0, "", "SOURCED"),
        (0, "RESERVED", "IN_SERVICE"),
        (0, "AVAILABLE", "RESERVED"),
        (1, "IN_SERVICE", "RELEASED"),
        (13, "FAILED", "RETURNED"),
        (13, "", "RETURNED"),
        (14, "", "SOURCED"),
    ]
    LifecycleEntry.objects.bulk_create(
        LifecycleEntry(
            number=number, verb="x", source=source, target=target, actor="user:x", at=now - timedelta(days=ago)
        )
        for ago, source, target in moves
    )
    days = daily_flow(now)
    assert len(days) == DAYS
    assert (days[0].day, days[-1].day) == (date(2026, 11, 9), date(2026, 11, 22))
    assert days[-1].numbers == Counter({Way.BOUGHT_IN: 1, Way.SOLD: 1})
    assert days[-2].numbers == Counter({Way.GIVEN_BACK: 1})
    assert days[0].numbers == Counter({Way.RETURNED: 1})


def test_closed_days_of_the_flow_are_read_once(db: None, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    with django_assert_num_queries(2):
        daily_flow(now)
        daily_flow(now)


def test_what_goes_out_points_down_and_the_table_says_it_without_a_sign() -> None:
    chart = flow_chart([Day(date(2026, 11, 22), Counter({Way.SOLD: 3, Way.BOUGHT_IN: 5}))])
    drawn = {each["label"]: each["values"] for each in chart.document["series"]}
    assert (drawn["Sold"], drawn["Bought in"]) == ([-3], [5])
    assert dict(chart.rows[0].values)["Sold"] == 3
    assert not chart.is_empty
    assert Chart("flow", "", "", ["x"], [Series("Sold", "sold", [0])]).is_empty


def test_the_home_page_takes_as_many_queries_for_many_fires_as_for_few(
    staff: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    provider = ProviderFactory.create()
    for nth, country in enumerate(("US", "DE", "FR")):
        SaleStop.objects.create(provider=provider, country=country, placed_by="user:ops", reason="unpaid")
        ProviderOrder.objects.create(key=f"ny-{nth}", provider=provider, **US, last_error="503")
        NumberFactory.create()
    staff.get("/console/")
    with django_assert_num_queries(30):  # session, user; one or two for each kind of fire; lab; the ledger
        staff.get("/console/")


def test_bare_shelves_are_found_by_one_probe_of_the_sale_indexes_each(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # a handful of rows it would read at once
    for rows in (bare_skus(), bare_targets()):
        plan = rows.explain()
        assert "hashed SubPlan" not in plan
        assert "Seq Scan on inventory_phonenumber" not in plan, plan
