"""Whether a UTC day's traffic was heard from beginning to end: what silence on a line means."""

from django.db import models

from inventory.models.provider import Provider


class FeedDay(models.Model):
    """Of one provider's numbers, or of all that have no row of their own. A day that nobody told of was not observed;
    a number's own row of the day (`DailyContact.observed`) says more than this."""

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
