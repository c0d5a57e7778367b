"""A person's word on a stay in quarantine, which wins over the model and never over a minimum."""

from datetime import date

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from inventory.models.quarantine import Quarantine
from inventory.quarantine.actions import Override
from numbering.models.stays import stays

OVERRIDES = [(override.value, override.value.replace("_", " ")) for override in Override]


class QuarantineOverride(models.Model):
    """In force until it is withdrawn, or the first of its two days has come: on that day it no longer counts."""

    stay = models.ForeignKey(Quarantine, models.PROTECT, related_name="overrides", db_index=False)
    action = models.CharField(max_length=13, choices=OVERRIDES)
    until = models.DateField(null=True, blank=True, help_text="Of a forced hold: the day on which it is over.")
    expires_on = models.DateField(help_text="Nobody's word counts for ever.")
    actor = models.CharField(max_length=80)
    reason = models.CharField(max_length=300)
    created_at = models.DateTimeField(db_default=Now())
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.CharField(max_length=80, blank=True)
    withdrawn_note = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = "override of a quarantine", "overrides of quarantines"
        permissions = [("force_release", "Can force the release of a number from quarantine against the engine")]
        constraints = [
            models.CheckConstraint(condition=Q(action__in=list(Override)), name="quarantine_override_action_known"),
            # a stay is of one number; also the night: what was said of the stays of a stretch?
            models.UniqueConstraint(
                fields=["stay"], condition=Q(withdrawn_at__isnull=True), name="quarantine_override_one_open"
            ),
            models.CheckConstraint(
                condition=~Q(actor="") & ~Q(reason=""), name="quarantine_override_by_somebody_for_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(action=Override.HOLD), name="quarantine_override_holds_until"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by="", withdrawn_note="")
                | (Q(withdrawn_at__isnull=False) & ~Q(withdrawn_by="") & ~Q(withdrawn_note="")),
                name="quarantine_override_withdrawn_by_somebody",
            ),
        ]
        # the console's list and the number's page: what was ever said of a stay, the last word first
        indexes = [models.Index(fields=["stay", "created_at"], name="quarantine_overrides_of_stay")]
        triggers = [
            pgtrigger.ReadOnly(
                name="word_stays",
                fields=["stay", "action", "until", "expires_on", "actor", "reason", "created_at"],
            ),
            # What is over is history: who wants it again says it again.
            pgtrigger.Protect(
                name="withdrawn_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__withdrawn_at__isnull=False),
            ),
            *stays("override"),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} of stay {self.stay_id}"

    @property
    def ends_on(self) -> date:
        """The first day on which it no longer counts, if nobody withdraws it before."""
        return min(self.expires_on, self.until or self.expires_on)

    def is_in_force(self, day: date) -> bool:
        """Whether the night for that morning heeds it; it says nothing of whether the minimum has passed."""
        return self.withdrawn_at is None and day < self.ends_on
