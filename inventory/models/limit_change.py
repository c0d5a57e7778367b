"""The ledger of limits that followed the law: which open stay had which, what it has now, by whom and why."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from inventory.models.quarantine import Quarantine
from numbering.models.stays import append_only


class LimitChange(models.Model):
    """Never changed. The first limits of a stay are those of its first row here, or its own if it has none."""

    stay = models.ForeignKey(Quarantine, models.PROTECT, related_name="limit_changes", db_index=False)
    earliest_was = models.DateTimeField()
    earliest_is = models.DateTimeField()
    latest_was = models.DateTimeField(null=True, blank=True)
    latest_is = models.DateTimeField(null=True, blank=True)
    rule_was = models.CharField(max_length=120)
    rule_is = models.CharField(max_length=120)
    actor = models.CharField(max_length=80)
    reason = models.CharField(max_length=300)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name, verbose_name_plural = "change of a stay's limits", "changes of stays' limits"
        constraints = [
            models.CheckConstraint(
                condition=Q(earliest_is__gte=F("earliest_was")), name="limit_change_lengthens_the_minimum"
            ),
            models.CheckConstraint(
                condition=~Q(actor="") & ~Q(reason=""), name="limit_change_by_somebody_for_a_reason"
            ),
        ]
        # a stay's page: how its limits came to be what they are
        indexes = [models.Index(fields=["stay", "at"], name="limit_changes_of_stay")]
        triggers = append_only("limit_changes")

    def __str__(self) -> str:
        return f"stay {self.stay_id}: {self.earliest_was:%Y-%m-%d} to {self.earliest_is:%Y-%m-%d}"
