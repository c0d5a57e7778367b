"""Feeds that have not told of yesterday: numbers wait in quarantine until somebody says that their lines were heard."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from inventory.models import FeedReport, Provider
from inventory.quarantine.nights.stretches import morning

HABIT = timedelta(days=7)  # who told within these days tells every day


class Silence(NamedTuple):
    """`feed` told last of `last`; `provider` None: of all providers."""

    feed: str
    provider: Provider | None
    last: date


def silent_feeds(now: datetime) -> list[Silence]:
    """Those that told of a day of the week before, and not of the day that the last night counted, longest first."""
    due = morning(now) - timedelta(days=1)
    reports = FeedReport.objects.filter(day__gte=due - HABIT, day__lte=now.date()).order_by("day")
    last = {(each.feed, each.provider): each.day for each in reports.select_related("provider")}
    found = [Silence(feed, provider, day) for (feed, provider), day in last.items() if day < due]
    return sorted(found, key=lambda each: (each.last, each.feed))
