"""Whom a night may choose to order from: who sells there, as far as anybody knows."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inventory.catalogue import selling
from inventory.models import (
    CatalogueRun,
    LineState,
    ListedOffer,
    OrderState,
    Provider,
    ProviderOrder,
    ProviderOrderLine,
    RunEnd,
    Sku,
)
from inventory.shelves.stock import Market
from inventory.shelves.supply import supply
from tests.factories import AllocationFactory, ProviderFactory
from tests.inventory.shelves.conftest import US_LOCAL, make_sku

pytestmark = pytest.mark.django_db
MARKET = Market("US", "local")


@pytest.fixture
def petrel() -> Provider:
    """Nobody knows what it sells."""
    return ProviderFactory.create(slug="petrel", name="Petrel")


def read(provider: Provider, seen: int = 0, state: RunEnd = RunEnd.COMPLETE, **kind: str) -> None:
    """Its list was read."""
    ended = None if state == RunEnd.RUNNING else timezone.now()
    lease = None if ended else timezone.now()
    error = "it failed" if state in (RunEnd.BROKEN, RunEnd.HELD) else ""
    told: dict[str, Any] = {"state": state, "seen": seen, "ended_at": ended, "lease_until": lease, "error": error}
    CatalogueRun.objects.create(provider=provider, **{**US_LOCAL, **kind}, **told)


def lists(provider: Provider, area_code: str, **fields: Any) -> None:
    """One number."""
    listed = {"e164": int(f"1{area_code}5550100"), "area_code": area_code, **US_LOCAL, **fields}
    ListedOffer.objects.create(provider=provider, capabilities=3, monthly_cost=1, currency="USD", **listed)


def offered(sku: Sku) -> set[str]:
    """Who may be chosen for it."""
    return {str(offer.get("provider", "nobody")) for offer in supply(MARKET, [sku]).offers(sku)}


def test_who_lists_nothing_of_the_kind_is_not_chosen(sku: Sku, wren: Provider, petrel: Provider) -> None:
    read(petrel)
    lists(petrel, "415", country="CA")
    assert offered(sku) == {"wren"}
    wren.supply_terms.all().delete()
    read(wren)
    assert offered(sku) == {"nobody"}


def test_who_lists_the_kind_elsewhere_is_not_chosen_here(sku: Sku, wren: Provider, petrel: Provider) -> None:
    read(petrel, seen=1)
    lists(petrel, "212")
    assert offered(sku) == {"wren"}
    assert offered(make_sku("212")) == offered(make_sku("")) == {"wren", "petrel"}


def test_of_whom_nobody_knows_comes_last(sku: Sku, wren: Provider, petrel: Provider) -> None:
    assert offered(sku) == {"wren"}
    wren.supply_terms.all().delete()
    assert offered(sku) == {"wren", "petrel"}
    lists(wren, "415")
    assert offered(sku) == {"wren"}


@pytest.mark.parametrize(
    ("run", "is_out"),
    [
        ({"state": RunEnd.COMPLETE}, True),
        ({"state": RunEnd.COMPLETE, "area_code": "415"}, True),
        ({"state": RunEnd.COMPLETE, "area_code": "212"}, False),
        ({"state": RunEnd.COMPLETE, "country": "CA"}, False),
        ({"state": RunEnd.SAMPLED}, True),
        ({"state": RunEnd.SAMPLED, "seen": 9}, False),
        ({"state": RunEnd.BROKEN}, False),
        ({"state": RunEnd.HELD}, False),
        ({"state": RunEnd.RUNNING}, False),
    ],
    ids=lambda value: "-".join(map(str, value.values())) if isinstance(value, dict) else str(value),
)
def test_only_a_list_that_was_read_says_that_there_is_nothing(
    sku: Sku, petrel: Provider, run: dict[str, Any], is_out: bool
) -> None:
    read(petrel, **run)
    assert offered(sku) == ({"nobody"} if is_out else {"petrel"})


def test_what_a_sample_showed_once_is_not_sold_when_it_shows_nothing(sku: Sku, petrel: Provider) -> None:
    read(petrel, area_code="415", state=RunEnd.SAMPLED, seen=1)
    lists(petrel, "415")
    assert offered(sku) == {"petrel"}
    read(petrel, area_code="415", state=RunEnd.SAMPLED)
    assert offered(sku) == {"nobody"}


def test_who_has_terms_was_ordered_from_or_is_pinned_stays(sku: Sku, wren: Provider, petrel: Provider) -> None:
    read(petrel)
    read(wren)
    Sku.objects.update(provider=petrel)
    sku.refresh_from_db()
    assert offered(sku) == {"petrel"}
    Sku.objects.update(provider=None)
    sku.refresh_from_db()
    order = ProviderOrder.objects.create(**US_LOCAL, key="ny-1", provider=petrel, state=OrderState.PLACED)
    line = {"state": LineState.WANTED, "capabilities": 1, "monthly_cost": 1, "currency": "USD"}
    ProviderOrderLine.objects.create(order=order, e164=14155550120, **line)
    assert offered(sku) == {"wren", "petrel"}


def test_a_range_of_our_own_is_of_its_kinds_alone(sku: Sku) -> None:
    own = ProviderFactory.create(slug="own", adapter="own_blocks")
    AllocationFactory.create(provider=own, country="GB", first=442079460000, size=1_000)
    assert offered(sku) == {"nobody"}
    AllocationFactory.create(provider=own, first=14156681000, size=1_000)
    assert offered(sku) == {"own"}


def test_however_many_shelves_it_takes_the_same_queries(wren: Provider, petrel: Provider) -> None:
    skus = [make_sku(str(area)) for area in range(201, 261)]
    with CaptureQueriesContext(connection) as one:
        supply(MARKET, skus[:1])
    with CaptureQueriesContext(connection) as many:
        supply(MARKET, skus)
    assert len(many) == len(one) == 7


def test_what_is_listed_is_found_in_the_index(petrel: Provider) -> None:
    known = {"country": "GB", "capabilities": 3, "monthly_cost": 1, "currency": "USD", "number_type": "local"}
    rows = (ListedOffer(provider=petrel, e164=442070000000 + n, area_code=str(n % 90), **known) for n in range(3_000))
    ListedOffer.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE inventory_listedoffer")
        cursor.execute(f"EXPLAIN {selling._LISTED}", [[petrel.pk], ["", "20"], "GB", "local"])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "listed_offer_of_kind" in plan, plan
    assert "area_code >= " in plan, plan
