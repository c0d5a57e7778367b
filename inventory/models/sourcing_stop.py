"""A stop of sourcing: nothing is ordered from a provider in a country, and its offers there are hidden."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from inventory.models.conditions import COUNTRY_IS_ISO
from inventory.models.provider import Provider


class SourcingStop(models.Model):
    """Its numbers that we hold are ours: they stay on sale. An automatic one goes when the score has recovered."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="sourcing_stops", db_index=False)
    country = models.CharField(max_length=2)
    automatic = models.BooleanField(help_text="Placed for a dishonest catalogue, and lifted of itself.")
    reason = models.CharField(max_length=300)
    placed_by = models.CharField(max_length=80)
    since = models.DateTimeField(db_default=Now())
    lifted_by = models.CharField(max_length=80, blank=True)
    lifted_note = models.CharField(max_length=300, blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True)
    overridden_until = models.DateTimeField(
        null=True, blank=True, help_text="Staff trust it until then, whatever the score says."
    )

    class Meta:
        verbose_name, verbose_name_plural = "stop of sourcing", "stops of sourcing"
        constraints = [
            # sourcing: of whom is nothing ordered there?
            models.UniqueConstraint(
                fields=["provider", "country"], condition=Q(lifted_at__isnull=True), name="sourcing_stop_one_open"
            ),
            models.CheckConstraint(condition=COUNTRY_IS_ISO, name="sourcing_stop_country_iso"),
            models.CheckConstraint(
                condition=~Q(reason="") & ~Q(placed_by=""), name="sourcing_stop_placed_by_somebody_for_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by="", lifted_note="", overridden_until__isnull=True)
                | (Q(lifted_at__isnull=False) & ~Q(lifted_by="") & ~Q(lifted_note="")),
                name="sourcing_stop_lifted_by_somebody_for_a_reason",
            ),
        ]
        indexes = [
            # judging: do staff trust this provider there, whatever the score says?
            models.Index(fields=["provider", "country"], name="sourcing_stop_of_provider"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} in {self.country}: {self.reason}"
