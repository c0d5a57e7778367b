"""What backs a result: the SIP trace of a call or the PDUs of a message, and the packet summary."""

from django.db import models

from testing_lab.models.suite_run import SuiteRun


class Evidence(models.Model):
    """One call or message exchange of one attempt. Shared by all the tests that the call served."""

    run = models.ForeignKey(SuiteRun, models.CASCADE, related_name="evidence", db_index=False)
    attempt = models.PositiveIntegerField()
    exchange = models.CharField(max_length=24, help_text="InboundCall, MessageToNumber, …: the kind of exchange.")
    trace = models.TextField(blank=True)
    packets = models.JSONField(
        default=dict, blank=True, help_text="Per direction: sent, received, loss, jitter, delay."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "attempt", "exchange"], name="evidence_once_per_exchange"),
        ]

    def __str__(self) -> str:
        return f"evidence {self.exchange} of {self.run}"
