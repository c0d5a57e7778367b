"""A stay in quarantine: from when, why, until when at the earliest, under which rule, and how it ended."""

from django.db import models
from django.db.models import Q

from inventory.models.claims import claim
from inventory.models.phone_number import PhoneNumber


class QuarantineSource(models.TextChoices):
    """Why the number is watched."""

    RELEASED = "released", "given back by a customer"
    ONBOARDED_NEW = "onboarded_new", "delivered, never in service before"
    ONBOARDED_USED = "onboarded_used", "delivered with an unknown past"


class Quarantine(models.Model):
    """The wait is both legal (`earliest_at`, from a dated rule) and measured (`daily_contacts` since `entered_at`)."""

    number = models.ForeignKey(PhoneNumber, models.PROTECT, related_name="quarantines", db_index=False)
    source = models.CharField(max_length=14, choices=QuarantineSource)
    entered_at = models.DateTimeField(help_text="Age 0: disconnected from the last user, or delivered.")
    earliest_at = models.DateTimeField()
    latest_at = models.DateTimeField(null=True, blank=True, help_text="A legal maximum, where there is one.")
    rule = models.CharField(max_length=120, help_text="The rule that set the limits.")
    ended_at = models.DateTimeField(null=True, blank=True)
    verdict = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = "stay in quarantine", "quarantine"
        constraints = [
            models.CheckConstraint(condition=Q(source__in=QuarantineSource.values), name="quarantine_source_known"),
            models.UniqueConstraint(fields=["number"], condition=Q(ended_at__isnull=True), name="quarantine_one_open"),
            models.CheckConstraint(
                condition=Q(earliest_at__gte=models.F("entered_at")), name="quarantine_runs_forward"
            ),
            models.CheckConstraint(
                condition=Q(latest_at__isnull=True) | Q(latest_at__gte=models.F("earliest_at")),
                name="quarantine_maximum_after_minimum",
            ),
        ]
        triggers = [claim("ended_at")]

    def __str__(self) -> str:
        return f"{self.number} since {self.entered_at:%Y-%m-%d}"
