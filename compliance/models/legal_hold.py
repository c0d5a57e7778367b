"""A legal hold: what must not be erased for now, because a claim, a court or an authority needs it."""

from datetime import datetime

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from numbering.models.stays import stays


class LegalHoldQuerySet(models.QuerySet["LegalHold"]):
    """Holds by whether they hold."""

    def at(self, moment: datetime) -> "LegalHoldQuerySet":
        """Those that hold then."""
        return self.filter(Q(until=None) | Q(until__gt=moment), lifted_at=None)


class LegalHold(models.Model):
    """`subject_sid`: an end user, a document, an address, a bundle, or an account. Without `until`: till lifted."""

    subject_sid = models.CharField(max_length=34, help_text="IT…, RD…, AD…, BU… or AC….")
    reason = models.CharField(max_length=200, help_text="The case, without names.")
    until = models.DateTimeField(null=True, blank=True)
    placed_by = models.CharField(max_length=80, editable=False)
    placed_at = models.DateTimeField(db_default=Now())
    lifted_by = models.CharField(max_length=80, blank=True, editable=False)
    lifted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = LegalHoldQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(subject_sid__regex=r"^(IT|RD|AD|BU|AC)[0-9a-f]{32}$"), name="legal_hold_on_something"
            ),
            models.CheckConstraint(
                condition=~Q(reason="") & ~Q(placed_by=""), name="legal_hold_by_somebody_for_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by="") | (Q(lifted_at__isnull=False) & ~Q(lifted_by="")),
                name="legal_hold_lifted_by_somebody",
            ),
        ]
        indexes = [
            # erasure, sweep: does anything hold these?
            models.Index(fields=["subject_sid"], name="legal_hold_on", condition=Q(lifted_at__isnull=True)),
        ]
        triggers = [
            *stays("legal_hold"),
            pgtrigger.ReadOnly(name="hold_stays", fields=["subject_sid", "reason", "until", "placed_by", "placed_at"]),
            pgtrigger.Protect(
                name="lifted_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__lifted_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"legal hold on {self.subject_sid}"
