"""Drift cases: a number does not do what it is declared to do, or does what it is not. Staff decide about it."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from inventory.models.phone_number import PhoneNumber


class DriftFinder(models.TextChoices):
    """What showed the mismatch."""

    SUITE = "suite", "a suite did not prove what is declared"
    TRAFFIC = "traffic", "something came in that is not declared"


class Resolution(models.TextChoices):
    """How a case ended."""

    ACCEPTED = "accepted", "what was tested is enough"
    RETURNED = "returned", "given back to its provider"
    REPAIRED = "repaired", "repaired, to be tested again"
    PROVED = "proved", "a later suite proved all of it"


class DriftCase(models.Model):
    """Masks of capabilities as they were when it was opened; a number has one open case of each finder at most."""

    number = models.ForeignKey(PhoneNumber, models.PROTECT, related_name="drift_cases", db_index=False)
    found_by = models.CharField(max_length=7, choices=DriftFinder)
    declared = models.PositiveSmallIntegerField()
    tested = models.PositiveSmallIntegerField()
    observed = models.PositiveSmallIntegerField()
    opened_at = models.DateTimeField(db_default=Now())
    resolution = models.CharField(max_length=8, choices=Resolution, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.CharField(max_length=80, blank=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["number", "found_by"], condition=Q(resolution=""), name="drift_case_one_open"
            ),
            models.CheckConstraint(condition=Q(found_by__in=DriftFinder.values), name="drift_case_finder_known"),
            models.CheckConstraint(condition=Q(resolution__in=["", *Resolution.values]), name="drift_case_end_known"),
            models.CheckConstraint(
                condition=Q(declared__lte=15, tested__lte=15, observed__lte=15), name="drift_case_capabilities_mask"
            ),
            models.CheckConstraint(
                condition=Q(resolution="", resolved_at__isnull=True, resolved_by="", reason="")
                | (~Q(resolution="") & Q(resolved_at__isnull=False) & ~Q(resolved_by="") & ~Q(reason="")),
                name="drift_case_resolved_by_somebody_for_a_reason",
            ),
        ]
        indexes = [
            # a number's page
            models.Index(fields=["number", "-id"], name="drift_case_of_number"),
            # the staff's list of open cases, the longest open first
            models.Index(fields=["opened_at"], name="drift_case_open", condition=Q(resolution="")),
        ]

    def __str__(self) -> str:
        return f"drift of {self.number}"
