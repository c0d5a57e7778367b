"""A stop: the numbers of one provider in one country are not sold while it is open."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from inventory.models.conditions import COUNTRY_IS_ISO
from inventory.models.provider import Provider


class SaleStop(models.Model):
    """One row stands for all its numbers, however many: their own rows are not touched, so it costs nothing to place
    and nothing to lift. What is held or in service stays so; a hold may still be bought."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="sale_stops")
    country = models.CharField(max_length=2)
    reason = models.CharField(max_length=300)
    placed_by = models.CharField(max_length=80)
    since = models.DateTimeField(db_default=Now())
    lifted_by = models.CharField(max_length=80, blank=True)
    lifted_note = models.CharField(max_length=300, blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = "stop of sale", "stops of sale"
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "country"], condition=Q(lifted_at__isnull=True), name="sale_stop_one_open"
            ),
            models.CheckConstraint(condition=COUNTRY_IS_ISO, name="sale_stop_country_iso"),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by="", lifted_note="")
                | (Q(lifted_at__isnull=False) & ~Q(lifted_by="") & ~Q(lifted_note="")),
                name="sale_stop_lifted_by_somebody_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} in {self.country}: {self.reason}"
