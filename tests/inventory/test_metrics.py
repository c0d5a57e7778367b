"""The gauges of the stock and of its providers."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inventory import metrics
from inventory.invoices.importing import import_invoice
from inventory.metrics import AuditCollector, InvoiceCollector, StockCollector
from numbering.recent import forget_everything
from tests.factories import HoldFactory, NumberFactory, ProviderFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """What a process remembers of another test's stock."""
    forget_everything()
    yield
    forget_everything()


def gauges() -> dict[tuple[str, str], float]:
    """By name and state."""
    samples = [sample for family in StockCollector().collect() for sample in family.samples]
    return {(sample.name, sample.labels["state"]): sample.value for sample in samples}


def test_numbers_are_counted_by_state_and_the_overdue_apart() -> None:
    NumberFactory.create_batch(2)
    HoldFactory.create(number__due_at=timezone.now())
    read = gauges()
    assert (read["numberyard_numbers", "AVAILABLE"], read["numberyard_numbers", "RESERVED"]) == (2, 1)
    overdue = {state: count for (name, state), count in read.items() if name.endswith("overdue") and count}
    assert overdue == {"RESERVED": 1}


@pytest.mark.parametrize("small", [0, 1_000])
def test_a_scrape_soon_after_another_counts_nothing(small: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "SMALL", small)
    NumberFactory.create()
    gauges()
    with CaptureQueriesContext(connection) as queries:
        assert gauges()["numberyard_numbers", "AVAILABLE"] == 1
    assert not queries.captured_queries


def test_the_last_audit_of_each_provider_is_told_and_nothing_of_one_that_never_was() -> None:
    ProviderFactory.create(slug="never")
    ProviderFactory.create(slug="tern", orphans=3, ghosts=1, overdue=2, audited_at=datetime(2026, 3, 1, 12, tzinfo=UTC))
    samples = [sample for family in AuditCollector().collect() for sample in family.samples]
    assert {(sample.name, sample.labels["provider"]): sample.value for sample in samples} == {
        ("numberyard_orphans", "tern"): 3,
        ("numberyard_ghosts", "tern"): 1,
        ("numberyard_overdue_returns", "tern"): 2,
        ("numberyard_audited_timestamp_seconds", "tern"): 1_772_366_400,
    }


def test_what_is_wrong_with_the_newest_invoice_of_a_provider_is_told_in_money_by_kind(tmp_path: Path) -> None:
    provider, file = ProviderFactory.create(slug="tern"), tmp_path / "invoice.csv"
    for month, amount in ((11, "1.25"), (10, "9.00")):
        file.write_text(f"number,amount,currency\n+14155550199,{amount},USD\n")
        import_invoice(file, provider=provider, period=date(2026, month, 1), actor="user:staff")
    samples = [sample for family in InvoiceCollector().collect() for sample in family.samples]
    assert {(sample.name, *sample.labels.values()): sample.value for sample in samples} == {
        ("numberyard_misbilled", "tern", "orphan", "USD"): 1,
        ("numberyard_misbilled_amount", "tern", "orphan", "USD"): 1.25,
    }
