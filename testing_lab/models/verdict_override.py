"""A verdict that staff set against what the lab found, or in its place."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from testing_lab.models.suite_run import SuiteRun


class VerdictOverride(models.Model):
    """Kept for good: who, why, and which verdict stood before (`was`; null: none). The latest one holds."""

    run = models.ForeignKey(SuiteRun, models.CASCADE, related_name="overrides")
    passed = models.BooleanField()
    was = models.BooleanField(null=True)
    actor = models.CharField(max_length=80)
    reason = models.CharField(max_length=200)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        permissions = [("override_verdict", "Can set the verdict of a suite run against what the lab found")]
        constraints = [
            models.CheckConstraint(condition=~Q(reason="") & ~Q(actor=""), name="override_by_somebody_for_a_reason"),
            models.CheckConstraint(
                condition=Q(was__isnull=True) | ~Q(was=models.F("passed")), name="override_changes_the_verdict"
            ),
        ]

    def __str__(self) -> str:
        return f"{'passed' if self.passed else 'failed'} by {self.actor}"
