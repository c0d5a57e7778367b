"""An incident: what the canary found broken, with its evidence, from the alarm until all is well again."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from inventory.models import Provider, SaleStop
from inventory.models.conditions import COUNTRY_IS_ISO


class IncidentKind(models.TextChoices):
    """An outage takes numbers off sale; of a route that fails alone, the others still reach them."""

    OUTAGE = "outage", "the numbers of a provider in a country fail"
    ROUTE = "route", "they fail over one route"


class Incident(models.Model):
    """Opened by the sequential test on suite results; closed by the test of recovery, or by staff with a reason."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="incidents")
    country = models.CharField(max_length=2)
    kind = models.CharField(max_length=6, choices=IncidentKind, default=IncidentKind.OUTAGE)
    route = models.CharField(max_length=40, blank=True)
    began_at = models.DateTimeField(help_text="The first of the results that led to it.")
    opened_at = models.DateTimeField(db_default=Now())
    statistic = models.FloatField(help_text="Page's statistic when it was opened, in nats.")
    threshold = models.FloatField(help_text="At which an incident is opened.")
    evidence = models.JSONField(help_text="The results that led to it, oldest first.")
    stop = models.ForeignKey(SaleStop, models.PROTECT, null=True, blank=True, related_name="incidents")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=80, blank=True)
    closed_note = models.CharField(max_length=300, blank=True)
    retested_at = models.DateTimeField(
        null=True, blank=True, help_text="When the last number that failed meanwhile was sent to the lab again."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "country", "kind", "route"],
                condition=Q(closed_at__isnull=True),
                name="incident_one_open",
            ),
            models.CheckConstraint(condition=COUNTRY_IS_ISO, name="incident_country_iso"),
            models.CheckConstraint(condition=Q(kind__in=IncidentKind.values), name="incident_kind_known"),
            models.CheckConstraint(
                condition=Q(route="") ^ Q(kind=IncidentKind.ROUTE), name="incident_of_a_route_iff_route"
            ),
            models.CheckConstraint(condition=Q(statistic__gte=models.F("threshold")), name="incident_above_threshold"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by="", closed_note="", retested_at__isnull=True)
                | (Q(closed_at__isnull=False) & ~Q(closed_by="") & ~Q(closed_note="")),
                name="incident_closed_by_somebody_for_a_reason",
            ),
        ]
        indexes = [
            # the sweep for numbers that failed in an outage that is over
            models.Index(
                fields=["closed_at"],
                name="incident_to_retest",
                condition=Q(closed_at__isnull=False, retested_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        what = f"{self.route} fails numbers" if self.route else "outage"
        return f"{what} of {self.provider} in {self.country}"


class IncidentEntry(models.Model):
    """The history of an incident: what happened, when, by whom. Append-only."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="entries")
    at = models.DateTimeField(db_default=Now())
    actor = models.CharField(max_length=80)
    what = models.CharField(max_length=300)

    class Meta:
        verbose_name, verbose_name_plural = "incident entry", "incident entries"
        constraints = [
            models.CheckConstraint(condition=~Q(actor="") & ~Q(what=""), name="incident_entry_says_who_and_what"),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.what} ({self.actor})"
