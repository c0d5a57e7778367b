"""Which UTC days were heard from beginning to end: feeds tell it of one provider's numbers, or of all (design A1).

A day is healthy if some feed says so and none says otherwise. A feed may correct itself, also long after: the next
night counts anew.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import transaction

from inventory.models import FeedDay, FeedReport, Provider
from inventory.traffic.events import OLDEST, BadEvent

_SAID = {"healthy": True, "gap": False}


class Report(NamedTuple):
    """What a record says; no provider is all that have no days of their own."""

    provider: Provider | None
    day: date
    healthy: bool


def is_report(document: Any) -> bool:
    """Whether a record of a feed tells of a day, and of no event."""
    return isinstance(document, Mapping) and "feed" in document


def read(document: Mapping[str, Any], now: datetime) -> Report:
    """A report from its fields: `feed` (healthy or gap), `day`, and `provider` (its slug; absent: all).

    Only a day that is over can have been healthy. Raises BadEvent.
    """
    healthy = _SAID.get(str(document["feed"]))
    if healthy is None:
        raise BadEvent("feed: healthy or gap, as the whole day was")
    day, today = _day(document.get("day")), now.date()
    if not today - OLDEST <= day <= today or (healthy and day == today):
        raise BadEvent(f"day: a UTC day that is over, at most {OLDEST.days} days ago; a gap may be of today")
    return Report(_provider(document.get("provider")), day, healthy)


@transaction.atomic
def tell(*, feed: str, provider: Provider | None, day: date, healthy: bool, now: datetime) -> None:
    """Keep what the feed says of the day, in place of what it said before, and sum up what all say."""
    FeedDay.objects.get_or_create(provider=provider, day=day, defaults={"healthy": healthy})
    # Two feeds that tell at once come one after the other, so that the second sees what the first has said.
    summed = FeedDay.objects.select_for_update(of=("self",)).get(provider=provider, day=day)
    said = {"healthy": healthy, "told_at": now}
    FeedReport.objects.update_or_create(provider=provider, day=day, feed=feed[:40], defaults=said)
    summed.healthy = not FeedReport.objects.filter(provider=provider, day=day, healthy=False).exists()
    summed.save(update_fields=["healthy"])


def _day(given: Any) -> date:
    try:
        return date.fromisoformat(given)
    except (TypeError, ValueError):
        raise BadEvent("day: as in 2026-11-21") from None


def _provider(given: Any) -> Provider | None:
    if given is None or given == "":
        return None
    found = Provider.objects.filter(slug=given).first() if isinstance(given, str) else None
    if found is None:
        raise BadEvent("provider: the slug of one of our providers, or nothing for all")
    return found
