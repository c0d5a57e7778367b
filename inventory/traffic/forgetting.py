"""What is forgotten, and when: events, contacts and daily counts of days so old that none of them can be told again."""

from datetime import timedelta

from django.utils import timezone

from inventory.models import Contact, DailyContact, FeedDay, FeedReport, TrafficEvent
from inventory.traffic.events import OLDEST

LONGER = timedelta(days=2)  # than events are taken: a day that one could still belong to is kept whole


def forget_old() -> int:
    """Delete what is of older days; returns how many rows."""
    before = (timezone.now() - OLDEST - LONGER).date()
    kinds = (TrafficEvent, Contact, DailyContact, FeedReport, FeedDay)
    return sum(kind._default_manager.filter(day__lt=before).delete()[0] for kind in kinds)
