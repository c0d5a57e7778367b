"""Whether a UTC day's traffic was heard from beginning to end: what silence on a line means."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from inventory.models.provider import Provider


class FeedDay(models.Model):
    """Of one provider's numbers, or of all that have no row of their own.

    A day that is not healthy was not observed, whatever came on it. Of one that nobody told of a number's own row tells
    (`DailyContact.observed`), and without one it was not observed either.

    `inventory.traffic.feed_days` keeps it: it sums up what the feeds have told (`FeedReport`).
    """

    provider = models.ForeignKey(
        Provider,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="feed_days",
        help_text="None: all.",
    )
    day = models.DateField()
    healthy = models.BooleanField(help_text="The whole day.")

    class Meta:
        verbose_name, verbose_name_plural = "day of the traffic feed", "days of the traffic feed"
        constraints = [
            models.UniqueConstraint(fields=["provider", "day"], nulls_distinct=False, name="feed_day_once"),
        ]

    def __str__(self) -> str:
        return f"{self.provider or 'every provider'} on {self.day}"


class FeedReport(models.Model):
    """What one feed told of a day, of one provider's numbers or of all. Told again, it takes the place of the first."""

    provider = models.ForeignKey(
        Provider, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", help_text="None: all."
    )
    day = models.DateField()
    feed = models.CharField(max_length=40)
    healthy = models.BooleanField(help_text="The whole day, as the feed says.")
    told_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name, verbose_name_plural = "report of a traffic feed", "reports of traffic feeds"
        constraints = [
            # also: what have all feeds told of this day?
            models.UniqueConstraint(fields=["provider", "day", "feed"], nulls_distinct=False, name="feed_report_once"),
            models.CheckConstraint(condition=~Q(feed=""), name="feed_report_of_a_feed"),
        ]

    def __str__(self) -> str:
        return f"{self.feed} on {self.day}: {'healthy' if self.healthy else 'a gap'}"
