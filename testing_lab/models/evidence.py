"""What backs a result: what was said on the wire in one exchange, and what became of its packets."""

from django.db import models
from django.db.models import Q

from testing_lab.models.sids import SidField, sid_shape
from testing_lab.models.suite_run import SuiteRun


class Evidence(models.Model):
    """One call or message exchange of one attempt, in each of its rounds. Shared by all the tests that it served.

    When it is older than LAB_EVIDENCE_DAYS its contents go; the row stays, so that what a passport refers to is found
    to have been there.
    """

    sid = SidField("EV")
    run = models.ForeignKey(SuiteRun, models.CASCADE, related_name="evidence", db_index=False)
    attempt = models.PositiveIntegerField()
    exchange = models.CharField(max_length=24, help_text="InboundCall, MessageToNumber, …: the kind of exchange.")
    trace = models.TextField(blank=True, help_text="As `testing_lab.evidence.dialogue` writes and reads it.")
    packets = models.JSONField(
        default=dict, blank=True, help_text="Per round and direction: sent, received, loss, jitter, delay."
    )
    timing = models.JSONField(
        default=list, blank=True, help_text="Per round and direction: `testing_lab.evidence.timing`."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "attempt", "exchange"], name="evidence_once_per_exchange"),
            models.CheckConstraint(condition=sid_shape("EV"), name="evidence_sid_shape"),
            models.CheckConstraint(
                condition=Q(expired_at__isnull=True) | Q(trace="", timing=[]), name="evidence_expired_is_empty"
            ),
        ]
        indexes = [
            # the sweep of what is too old
            models.Index(fields=["created_at"], name="evidence_to_expire", condition=Q(expired_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"evidence {self.exchange} of {self.run}"
