"""A sample: numbers of one provider in one country, drawn at random to see whether they still work."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from inventory.models import Provider
from inventory.models.conditions import COUNTRY_IS_ISO


class Why(models.TextChoices):
    """What a sample is drawn for."""

    NIGHTLY = "nightly", "nightly"
    DOUBT = "doubt", "a number has failed"
    OUTAGE = "outage", "an outage is open"


class Sample(models.Model):
    """Written in the transaction that opens its runs: one of each kind per `slot`, however often the task comes by."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="samples")
    country = models.CharField(max_length=2)
    why = models.CharField(max_length=7, choices=Why)
    slot = models.DateTimeField(help_text="The beginning of the night, or of the minutes, that it is for.")
    size = models.PositiveSmallIntegerField(help_text="How many numbers were drawn.")
    drawn_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["slot", "why", "provider", "country"], name="sample_once_per_slot"),
            models.CheckConstraint(condition=Q(why__in=Why.values), name="sample_why_known"),
            models.CheckConstraint(condition=COUNTRY_IS_ISO, name="sample_country_iso"),
        ]

    def __str__(self) -> str:
        return f"{self.why} sample of {self.provider} in {self.country}"
