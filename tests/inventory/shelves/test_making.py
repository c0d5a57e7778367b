"""SKUs by the hundred: from what is held and asked, once each, and what staff decided stays."""

from datetime import timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inventory.lifecycle import State
from inventory.models import Provider, ProviderOrder, ProviderOrderLine, Sku, SkuState
from inventory.shelves import making, nights
from inventory.shelves.making import Found, Shelf, Terms, Worth
from tests.factories import AccountFactory, NumberFactory, ProviderFactory
from tests.inventory.shelves.conftest import DAY, US_LOCAL, asked, make_sku, with_terms

pytestmark = pytest.mark.django_db
WORTH = Worth(held=3, asked=5)


def held(first: int, count: int, **fields: Any) -> None:
    for n in range(count):
        NumberFactory.create(e164=first + n, **fields)


def codes() -> set[str]:
    return {sku.code for sku in Sku.objects.all()}


def lately(units: int, **fields: Any) -> None:
    asked(units, on=timezone.now().date() - timedelta(days=2), **fields)


def test_an_area_code_has_a_shelf_where_enough_is_held_or_asked_and_the_country_takes_the_rest() -> None:
    held(14155550100, 3)
    held(12125550100, 2)
    held(447700900100, 1, number_type="mobile", country="GB")
    wish: dict[str, Any] = {"account": AccountFactory.create(), "units_filled": 0, "kind": "search"}
    lately(5, area_code="303", **wish)
    lately(1, area_code="212")
    assert making.found(WORTH) == [
        Found(Shelf("GB", "mobile"), 1, 0, False),
        Found(Shelf("US", "local"), 2, 1, False),
        Found(Shelf("US", "local", "303"), 0, 5, False),
        Found(Shelf("US", "local", "415"), 3, 0, False),
    ]


def test_what_went_back_is_not_held_and_what_was_asked_long_ago_is_not_asked() -> None:
    held(14155550100, 3, state=State.RETURNED)
    asked(500, on=timezone.now().date() - timedelta(days=370))
    assert making.found(WORTH) == []


def test_one_large_order_counts_as_the_engine_counts_it() -> None:
    lately(9_000)
    assert [each.asked for each in making.found(Worth(held=1, asked=100))] == [0, 100]


def test_made_again_nothing_is_new_and_what_staff_set_stays() -> None:
    held(14155550100, 3)
    off = make_sku("415", is_active=False, cost_limit=7)
    shelves = [each.shelf for each in making.found(WORTH) if not each.exists]
    assert [[sku.code for sku in making.make(shelves, Terms())] for _ in range(2)] == [["US-local"], []]
    off.refresh_from_db()
    assert (codes(), off.is_active, off.cost_limit) == ({"US-local", "US-local-415"}, False, Decimal(7))
    assert all(each.exists for each in making.found(WORTH))


def test_a_shelf_for_some_capabilities_is_not_the_shelf_for_all() -> None:
    make_sku("415", capabilities=3)
    assert [sku.code for sku in making.make([Shelf("US", "local", "415")], Terms())] == ["US-local-415"]


def test_the_limit_is_in_the_currency_that_is_agreed_or_was_last_paid() -> None:
    seller: Provider = ProviderFactory.create()
    paid = {"country": "GB", "number_type": "mobile"}
    for key, currency, e164 in (("ny-1", "USD", 447700900100), ("ny-2", "GBP", 447700900101)):
        order = ProviderOrder.objects.create(**paid, key=key, provider=seller)
        ProviderOrderLine.objects.create(order=order, e164=e164, capabilities=1, monthly_cost=1, currency=currency)
    with_terms(seller, country="DE", currency="EUR")
    making.make([Shelf("GB", "mobile"), Shelf("DE", "local"), Shelf("FR", "local")], Terms())
    assert dict(Sku.objects.values_list("country", "currency")) == {"GB": "GBP", "DE": "EUR", "FR": "USD"}
    making.make([Shelf("IE", "local")], Terms(currency="CHF"))
    assert Sku.objects.get(country="IE").currency == "CHF"


def test_the_next_night_decides_on_what_was_made() -> None:
    held(14155550100, 3)
    making.make([each.shelf for each in making.found(WORTH)], Terms())
    nights.run(DAY)
    available = {state.sku.code: state.terms["available"] for state in SkuState.objects.select_related("sku")}
    assert available == {"US-local": 0, "US-local-415": 3}


def test_three_queries_find_however_many_there_are() -> None:
    held(14155550100, 3)
    lately(5)
    with CaptureQueriesContext(connection) as queries:
        making.found(WORTH)
    assert len(queries) == 3


def run(*arguments: str) -> str:
    said = StringIO()
    call_command("skus", *arguments, stderr=said)
    return said.getvalue()


def test_the_command_counts_then_makes(tmp_path: Path) -> None:
    held(14155550100, 12)
    dry = run("--dry-run")
    assert "US local: 2 of 2 missing; 12 numbers held, 0 asked for" in dry
    assert not Sku.objects.exists()
    assert run("--class", "A", "--cost-limit", "50", "--unlisted") == "2 SKUs made; 0 were there already\n"
    assert set(Sku.objects.values_list("service_class", "cost_limit", "is_listed")) == {("A", Decimal(50), False)}
    assert run() == "0 SKUs made; 2 were there already\n"


def test_of_one_country(tmp_path: Path) -> None:
    held(14155550100, 1)
    held(447700900100, 1, number_type="mobile", country="GB")
    run("--country", "gb")
    assert codes() == {"GB-mobile"}


@pytest.mark.parametrize("given", [["--cost-limit", "-1"], ["--cost-limit", "NaN"], ["--currency", "EURO"]])
def test_a_limit_that_is_none_is_refused(given: list[str]) -> None:
    with pytest.raises(CommandError, match="invalid"):
        run(*given)


def test_a_file_goes_out_is_changed_and_comes_in(tmp_path: Path) -> None:
    wren = ProviderFactory.create(slug="wren")
    held(14155550100, 12)
    path = tmp_path / "skus.csv"
    run("--out", str(path))
    assert not Sku.objects.exists()
    header, whole, area = path.read_text().splitlines()
    assert (whole, area) == (
        "US,local,,default,,,yes,100,USD,,0,0",
        "US,local,415,default,,,yes,100,USD,,12,0",
    )
    path.write_text("\ufeff" + "\n".join([header, "US,local,415,long_tail,0.97,7,no,12.5,EUR,wren,12,0"]), "utf-8")
    assert run("--from", str(path), "--dry-run") == "1 SKUs would be made; 0 were there already\n"
    assert run("--from", str(path)) == "1 SKUs made; 0 were there already\n"
    sku = Sku.objects.select_related("provider").get()
    assert (sku.service_class, sku.level, sku.floor, sku.is_listed) == ("long_tail", 0.97, 7, False)
    assert (sku.cost_limit, sku.currency, sku.provider) == (Decimal("12.5"), "EUR", wren)
    assert run("--from", str(path)) == "0 SKUs made; 1 were there already\n"


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        ("country,colour\nUS,red\n", "look at: colour"),
        ("country\nUS\n", "look at: number_type"),
        ("country,number_type\nUS,local\nUS,landline\n", "line 3: "),
        ("country,number_type,level\nUS,local,2\n", "line 2: "),
        ("country,number_type,floor\nUS,local,few\n", "line 2: "),
        ("country,number_type,provider\nUS,local,raven\n", "raven"),
        ("country,number_type,is_listed\nUS,local,maybe\n", "yes or no"),
        ("country,number_type\nUS,local\nUS,local\n", "line 3: this SKU stands in the file already"),
        ("country,number_type\nUS,local,415\n", "line 2: more values"),
    ],
)
def test_a_file_with_a_wrong_line_makes_nothing_and_says_which(tmp_path: Path, text: str, trouble: str) -> None:
    path = tmp_path / "skus.csv"
    path.write_text(text)
    with pytest.raises(CommandError, match=trouble):
        run("--from", str(path))
    assert not Sku.objects.exists()


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"none\.csv"):
        run("--from", str(tmp_path / "none.csv"))


def test_what_a_market_lists_is_in_one_currency_per_market() -> None:
    assert making.row(Shelf(**US_LOCAL), Terms(), {("US", "local"): "CAD"}).currency == "CAD"
