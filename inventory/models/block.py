"""A block: a reason, apart from its state, why a number may not be sold."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from inventory.models.phone_number import PhoneNumber


class BlockReason(models.TextChoices):
    """Why the number is blocked."""

    FRAUD = "fraud", "fraud"
    LEGAL_HOLD = "legal_hold", "legal hold"
    DRIFT = "drift", "capabilities drifted from what was declared"


class NumberBlock(models.Model):
    """Open until `cleared_at`; `PhoneNumber.blocked` says whether any is open."""

    number = models.ForeignKey(PhoneNumber, models.PROTECT, related_name="blocks")
    reason = models.CharField(max_length=10, choices=BlockReason)
    note = models.CharField(max_length=300, blank=True)
    placed_by = models.CharField(max_length=80)
    since = models.DateTimeField(db_default=Now())
    cleared_by = models.CharField(max_length=80, blank=True)
    cleared_note = models.CharField(max_length=300, blank=True)
    cleared_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = "block", "blocks"
        constraints = [
            models.CheckConstraint(condition=Q(reason__in=BlockReason.values), name="block_reason_known"),
            models.UniqueConstraint(
                fields=["number", "reason"],
                condition=Q(cleared_at__isnull=True),
                name="block_open_once_per_reason",
            ),
            models.CheckConstraint(
                condition=Q(cleared_at__isnull=True, cleared_by="", cleared_note="")
                | (Q(cleared_at__isnull=False) & ~Q(cleared_by="") & ~Q(cleared_note="")),
                name="block_cleared_by_somebody_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} blocked: {self.get_reason_display()}"
