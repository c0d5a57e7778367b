"""Somebody of the staff asks to open a paper outside a review, and a second person lets them, or does not."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.models import User
from compliance.models.sight_reason import SightReason
from compliance.models.supporting_document import SupportingDocument
from numbering.models.stays import stays

DECISION = ("granted", "decided_by", "decided_at")


class SightRequest(models.Model):
    """One document, one user, one reason. `note` is for a case number, never for names or what the paper shows."""

    document = models.ForeignKey(SupportingDocument, models.PROTECT, related_name="sight_requests")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=9, choices=SightReason)
    note = models.CharField(max_length=200)
    asked_at = models.DateTimeField(db_default=Now())
    granted = models.BooleanField(null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = "request to open a paper", "requests to open papers"
        permissions = [("grant_sight", "Can let somebody else open a paper outside a review")]
        constraints = [
            models.CheckConstraint(condition=Q(reason__in=SightReason.values), name="sight_request_for_a_known_reason"),
            models.CheckConstraint(condition=~Q(reason=SightReason.REVIEW), name="sight_request_outside_a_review"),
            models.CheckConstraint(condition=~Q(note=""), name="sight_request_noted"),
            models.CheckConstraint(condition=~Q(decided_by=F("asked_by")), name="sight_request_decided_by_another"),
            models.CheckConstraint(
                condition=Q(**{f"{name}__isnull": True for name in DECISION})
                | Q(**{f"{name}__isnull": False for name in DECISION}),
                name="sight_request_decided_whole",
            ),
            models.UniqueConstraint(
                fields=["document", "asked_by", "reason"],
                condition=Q(decided_at__isnull=True),
                name="sight_request_one_open",
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="request_stays", fields=["document", "asked_by", "reason", "note", "asked_at"]),
            pgtrigger.Protect(
                name="decision_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__decided_at__isnull=False),
            ),
            *stays("sight_request"),
        ]

    def __str__(self) -> str:
        return f"{self.document}, {self.get_reason_display()}"
