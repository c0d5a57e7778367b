"""Feeds that have stopped telling are noticed the next day."""

from datetime import UTC, date, datetime, timedelta

import pytest

from inventory.models import FeedReport
from inventory.traffic.silence import silent_feeds
from tests.factories import ProviderFactory

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def tell(feed: str, *ago: int, **more: object) -> None:
    for days in ago:
        FeedReport.objects.create(feed=feed, day=NOON.date() - timedelta(days=days), healthy=True, **more)


@pytest.mark.parametrize(
    ("told", "is_silent"),
    [((1, 2, 3), False), ((2, 3), True), ((7,), True), ((30,), False), ((), False)],
    ids=["told", "not-yesterday", "last-week", "given-up", "never"],
)
def test_who_told_of_last_week_and_not_of_yesterday_is_silent(db: None, told: tuple[int, ...], is_silent: bool) -> None:
    tell("switch", *told)
    found = silent_feeds(NOON)
    assert [each.feed for each in found] == (["switch"] if is_silent else [])


def test_before_the_night_has_begun_nobody_is_late(db: None) -> None:
    tell("switch", 2, 3)
    assert silent_feeds(NOON.replace(hour=0)) == []


def test_each_provider_has_a_feed_of_its_own(db: None) -> None:
    provider = ProviderFactory.create()
    tell("switch", 1, 2)
    tell("switch", 3, provider=provider)
    [found] = silent_feeds(NOON)
    assert (found.provider, found.last) == (provider, date(2026, 11, 19))
