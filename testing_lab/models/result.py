"""What one test of a suite run found: an outcome, and the measured quantity with its unit and limit."""

from django.db import models

from testing_lab.models.evidence import Evidence
from testing_lab.models.suite_run import SuiteRun


class Outcome(models.TextChoices):
    """Inconclusive is our trouble, never the number's; not applicable is never a pass.

    Not performed: it applies, and was not looked at, since another test of the same run had failed already.
    """

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    NOT_APPLICABLE = "not_applicable"
    NOT_PERFORMED = "not_performed"


class Result(models.Model):
    """One test, one attempt."""

    run = models.ForeignKey(SuiteRun, models.CASCADE, related_name="results", db_index=False)
    attempt = models.PositiveIntegerField()
    code = models.CharField(max_length=3)
    outcome = models.CharField(max_length=14, choices=Outcome)
    value = models.FloatField(null=True, blank=True)
    unit = models.CharField(max_length=24, blank=True)
    limit = models.CharField(max_length=60, blank=True)
    route = models.CharField(max_length=40, blank=True, help_text="The way to the number over which this was measured.")
    detail = models.CharField(max_length=300, blank=True)
    evidence = models.ForeignKey(Evidence, models.SET_NULL, null=True, blank=True, related_name="results")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "attempt", "code"], name="result_once_per_attempt"),
            models.CheckConstraint(condition=models.Q(outcome__in=Outcome.values), name="result_outcome_known"),
        ]

    def __str__(self) -> str:
        return f"{self.code}: {self.outcome}"
