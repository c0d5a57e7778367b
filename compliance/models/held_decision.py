"""What a reviewer decided about a bundle, while it can still be taken back; and what became of it."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.models import User
from compliance.models.bundle import Bundle
from numbering.models.stays import stays


class Decided(models.TextChoices):
    """What a decision comes to."""

    APPROVE = "approve", "approved"
    APPROVE_PROVISIONALLY = "approve_provisionally", "provisionally approved"
    REJECT = "reject", "rejected"
    FIRST_APPROVAL = "first_approval", "approved by the first of two people"


class HeldEnd(models.TextChoices):
    """What became of a decision that was held."""

    CARRIED_OUT = "carried_out", "carried out"
    TAKEN_BACK = "taken_back", "taken back"
    REFUSED = "refused", "no longer possible when its time came"


class HeldDecision(models.Model):
    """Open until it is carried out or taken back: until then the bundle is as it was, and nobody was told anything."""

    bundle = models.ForeignKey(Bundle, models.PROTECT, related_name="held_decisions", db_index=False)
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="held_decisions", db_index=False)
    decided = models.CharField(max_length=24, choices=Decided)
    reason = models.CharField(max_length=300, blank=True, help_text="Codes and SIDs only, as in the ledger.")
    decided_at = models.DateTimeField(db_default=Now())
    takes_effect_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    end = models.CharField(max_length=12, choices=HeldEnd, blank=True)

    class Meta:
        constraints = [
            # also: what is held about this bundle?
            models.UniqueConstraint(fields=["bundle"], condition=Q(ended_at=None), name="held_decision_one_open"),
            models.CheckConstraint(condition=Q(decided__in=Decided.values), name="held_decision_known"),
            models.CheckConstraint(condition=Q(end__in=["", *HeldEnd.values]), name="held_decision_end_known"),
            models.CheckConstraint(
                condition=Q(ended_at=None, end="") | (Q(ended_at__isnull=False) & ~Q(end="")),
                name="held_decision_open_or_ended",
            ),
            models.CheckConstraint(condition=Q(takes_effect_at__gt=F("decided_at")), name="held_decision_leaves_time"),
        ]
        indexes = [
            # the sweep: whose time has come? A reviewer's own ones are few among them.
            models.Index(fields=["takes_effect_at"], name="held_decision_due", condition=Q(ended_at=None)),
            models.Index(fields=["bundle", "-id"], name="held_decision_of_bundle"),  # its page: the last one
        ]
        triggers = [
            *stays("held_decision"),
            pgtrigger.ReadOnly(
                name="decision_stays",
                fields=["bundle", "decided_by", "decided", "reason", "decided_at", "takes_effect_at"],
            ),
            pgtrigger.Protect(
                name="ended_once", operation=pgtrigger.Update, condition=pgtrigger.Q(old__ended_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bundle}: {self.get_decided_display()}"

    @property
    def is_open(self) -> bool:
        """Whether it is still to be carried out, and may be taken back."""
        return self.ended_at is None
