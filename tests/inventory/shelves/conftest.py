"""Shelves to fill: US local numbers of area code 415 from a provider whose terms are known."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from inventory.models import DemandEvent, DemandKind, Provider, RestockProposal, Sku, SupplyTerms
from tests.factories import ProviderFactory
from tests.inventory.catalogue.conftest import shop

__all__ = ["shop"]  # a fixture of the next room: a shop whose prices a test can set

DAY = date(2026, 6, 30)
US_LOCAL = {"country": "US", "number_type": "local"}


@pytest.fixture
def sku(db: None) -> Sku:
    """The shelf of area code 415."""
    return make_sku()


@pytest.fixture
def wren(db: None) -> Provider:
    """A provider that is down, whose terms are known."""
    return with_terms(ProviderFactory.create(slug="wren", name="Wren", options={"carrier": "nobody"}))


def make_sku(area_code: str = "415", **fields: Any) -> Sku:
    """Made long before the nights of these tests."""
    made = Sku.objects.create(**{**US_LOCAL, "area_code": area_code, **fields})
    Sku.objects.filter(pk=made.pk).update(created_at=datetime(2026, 1, 1, tzinfo=UTC))
    made.refresh_from_db()
    return made


def with_terms(provider: Provider, **fields: Any) -> Provider:
    """A dollar a month, five days, lots of ten."""
    terms = {"monthly_cost": 1, "lead_days": 5, "lead_days_sd": 2, "lot": 10, **US_LOCAL, **fields}
    SupplyTerms.objects.create(provider=provider, **terms)
    return provider


def asked(units: int, *, on: date = DAY, area_code: str = "415", times: int = 1, **fields: Any) -> None:
    """So many purchases of so many units, at noon."""
    noon = datetime(on.year, on.month, on.day, 12, tzinfo=UTC)
    serial = DemandEvent.objects.count()
    kind = {"country": "US", "number_type": "local", "area_code": area_code, "capabilities": 15}
    rows = [
        DemandEvent(
            key=f"test:{serial + each}",
            at=noon + timedelta(seconds=each),
            units_requested=units,
            **{"kind": DemandKind.PURCHASE, "units_filled": units, **kind, **fields},
        )
        for each in range(times)
    ]
    DemandEvent.objects.bulk_create(rows)


def a_habit(units: int = 3, days: int = 60, area_code: str = "415") -> None:
    """An order each other day, up to the day of the night."""
    for back in range(0, days, 2):
        asked(units, on=DAY - timedelta(days=back), area_code=area_code)


def proposed() -> RestockProposal:
    """The only proposal there is."""
    return RestockProposal.objects.select_related("sku", "provider").get()
