"""The gauges of the stock."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inventory import metrics
from inventory.metrics import StockCollector
from inventory.search.recent import forget_everything
from tests.factories import HoldFactory, NumberFactory

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
