"""Our own honeypot's days: on which the lab listened from beginning to end, so that silence was silence.

Daemons note each minute in which calls and messages could reach them. A restart is no gap; more than an hour is.
"""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from django.db import connection
from django.db.models import Exists, OuterRef

from inventory.models import FeedReport, Provider
from inventory.traffic import feed_days
from inventory.traffic.feeding import LAB
from testing_lab.models import ListeningHour

LONGEST_GAP = 60  # minutes
LOOKED_BACK = 7  # days: a summary that was late is made up for
KEPT = timedelta(days=30)
_NOTE = """
INSERT INTO testing_lab_listeninghour AS known (hour, minutes) VALUES (%s, %s)
ON CONFLICT (hour) DO UPDATE SET minutes = known.minutes | excluded.minutes
"""


def note(now: datetime) -> None:
    """Some daemon of ours hears calls and messages, this minute."""
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, [hour, 1 << now.minute])


def listened(day: date) -> bool:
    """Whether no stretch of the day was longer than an hour without a minute in which the lab listened."""
    begins = datetime.combine(day, time.min, UTC)
    hours = ListeningHour.objects.filter(hour__gte=begins, hour__lt=begins + timedelta(days=1))
    heard = [
        int((row.hour - begins) / timedelta(minutes=1)) + minute
        for row in hours.order_by("hour")
        for minute in range(60)
        if row.minutes >> minute & 1
    ]
    marks = [-1, *heard, 24 * 60]
    return all(after - before - 1 <= LONGEST_GAP for before, after in pairwise(marks))


def sum_up(now: datetime) -> None:
    """Tell of the last days, for each provider whose idle numbers the lab hears; forget hours that are long summed up.

    Nothing is told of days before the lab first listened, nor of days that began before it heard the provider.
    """
    first = ListeningHour.objects.order_by("hour").values_list("hour", flat=True).first()
    days = [now.date() - timedelta(days=ago) for ago in range(1, LOOKED_BACK + 1)]
    for day in (day for day in days if first and first.date() <= day):
        _tell(day, now)
    ListeningHour.objects.filter(hour__lt=now - KEPT).delete()


def _tell(day: date, now: datetime) -> None:
    healthy, begins = listened(day), datetime.combine(day, time.min, UTC)
    told = FeedReport.objects.filter(feed=LAB, day=day, healthy=healthy, provider=OuterRef("pk"))
    for provider in Provider.objects.filter(~Exists(told), heard_by_lab_since__lte=begins):
        feed_days.tell(feed=LAB, provider=provider, day=day, healthy=healthy, now=now)
