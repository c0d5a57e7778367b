"""Days of the feeds: told with the events, for one provider or for all, corrected at any time."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from inventory.models import FeedDay, FeedReport
from inventory.traffic import feed_days
from inventory.traffic.feeding import feed_in, ndjson
from tests.factories import ProviderFactory

pytestmark = pytest.mark.django_db


def ago(days: int) -> date:
    return timezone.now().date() - timedelta(days=days)


def told(*records: dict[str, Any], feed: str = "switch") -> Any:
    return feed_in(ndjson(json.dumps(each).encode() for each in records), feed=feed)


def day(days: int = 1, feed: str = "healthy", **more: Any) -> dict[str, Any]:
    return {"feed": feed, "day": str(ago(days)), **more}


def known() -> dict[tuple[str | None, int], bool]:
    today = timezone.now().date()
    rows = FeedDay.objects.select_related("provider")
    return {(row.provider.slug if row.provider else None, (today - row.day).days): row.healthy for row in rows}


def test_a_feed_tells_of_one_providers_days_and_of_all_others() -> None:
    ProviderFactory.create(slug="tern")
    report = told(day(), day(2, "gap"), day(1, "gap", provider="tern"), day(0, "gap"))
    assert (report.lines, report.days, report.refused) == (4, 4, 0)
    assert known() == {(None, 1): True, (None, 2): False, ("tern", 1): False, (None, 0): False}


def test_a_feed_corrects_itself_and_telling_again_changes_nothing() -> None:
    told(day(100, "gap"))
    told(day(100), day(100))
    assert known() == {(None, 100): True}
    assert FeedReport.objects.count() == 1


def test_a_day_is_healthy_only_if_no_feed_says_otherwise() -> None:
    told(day(feed="gap"), feed="messages")
    told(day(), feed="switch")
    assert known() == {(None, 1): False}
    told(day(), feed="messages")
    assert known() == {(None, 1): True}


@pytest.mark.parametrize(
    ("record", "field"),
    [
        (day(feed="fine"), "feed"),
        (day(0), "day"),
        (day(-1, "gap"), "day"),
        (day(401), "day"),
        ({"feed": "healthy"}, "day"),
        ({"feed": "healthy", "day": 20260101}, "day"),
        (day(provider="nobody"), "provider"),
        (day(provider=7), "provider"),
        ({"feed": ["healthy"], "day": "2026-01-01"}, "feed"),
    ],
    ids=["word", "today", "ahead", "old", "no day", "a number", "unknown provider", "odd provider", "a list"],
)
def test_what_can_not_be_read_is_refused_by_its_field(record: dict[str, Any], field: str) -> None:
    report = told(record, day(3))
    assert (report.refused, report.days) == (1, 1)
    assert report.refusals[0].reason.startswith(f"{field}:")


@pytest.mark.django_db(transaction=True)
def test_feeds_that_tell_at_once_are_all_heard() -> None:
    def tell(number: int) -> None:
        feed_days.tell(feed=f"feed {number}", provider=None, day=ago(1), healthy=number != 3, now=timezone.now())
        connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(tell, range(6)))
    assert FeedReport.objects.count() == 6
    assert known() == {(None, 1): False}
