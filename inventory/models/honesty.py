"""Honesty of a catalogue: of what a provider listed in a country, how much could be bought, by day."""

from django.db import models
from django.db.models import F, Q

from inventory.models.conditions import COUNTRY_IS_ISO
from inventory.models.provider import Provider


class HonestySource(models.TextChoices):
    """How we know."""

    SAMPLE = "sample", "nightly sample: asked for, and given back"
    ORDERS = "orders", "our own orders"


class Honesty(models.Model):
    """`listed` numbers were tried on a UTC day; so many of them were for sale indeed."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="honesty", db_index=False)
    country = models.CharField(max_length=2)
    day = models.DateField()
    source = models.CharField(max_length=6, choices=HonestySource)
    listed = models.PositiveIntegerField()
    purchasable = models.PositiveIntegerField()

    class Meta:
        verbose_name_plural = "honesty"
        constraints = [
            models.UniqueConstraint(fields=["provider", "country", "day", "source"], name="honesty_once_a_day"),
            models.CheckConstraint(condition=COUNTRY_IS_ISO, name="honesty_country_iso"),
            models.CheckConstraint(condition=Q(source__in=HonestySource.values), name="honesty_source_known"),
            models.CheckConstraint(condition=Q(purchasable__lte=F("listed")), name="honesty_purchasable_was_listed"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} in {self.country}, {self.day}: {self.purchasable} of {self.listed}"
