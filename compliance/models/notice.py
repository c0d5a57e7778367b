"""Notices: what a customer is to be told of a bundle, written in the transaction of the change, delivered after it."""

from uuid import uuid4

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.encryption import EncryptedJson
from compliance.models.bundle import Bundle


class NoticeKind(models.TextChoices):
    """The way that it goes."""

    CALLBACK = "callback", "status callback"
    EMAIL = "email", "e-mail"


class Notice(models.Model):
    """Open while `next_at` says when it is tried next; then delivered, or given up.

    What it says is ciphertext and goes when the notice is no longer open. `token` is the same at every attempt, so that
    the receiver knows one that comes twice.
    """

    token = models.UUIDField(unique=True, default=uuid4, editable=False)
    bundle = models.ForeignKey(Bundle, models.PROTECT, related_name="notices", db_index=False)
    kind = models.CharField(max_length=8, choices=NoticeKind)
    event = models.CharField(max_length=32)
    payload = EncryptedJson(null=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())
    next_at = models.DateTimeField(null=True, db_default=Now())
    done_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=80, blank=True, help_text="A kind of trouble, no personal data.")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=NoticeKind.values), name="notice_kind_known"),
            models.CheckConstraint(
                condition=Q(next_at__isnull=False, done_at=None, given_up_at=None, payload__isnull=False)
                | (
                    Q(next_at=None, payload=None)
                    & (Q(done_at__isnull=False, given_up_at=None) | Q(done_at=None, given_up_at__isnull=False))
                ),
                name="notice_open_or_over",
            ),
        ]
        indexes = [
            # the sweep: which are due?
            models.Index(fields=["next_at"], name="notice_due", condition=Q(next_at__isnull=False)),
            # is an earlier one still open?  a bundle's page
            models.Index(fields=["bundle", "kind", "id"], name="notice_of_bundle"),
        ]
        triggers = [
            pgtrigger.Protect(name="rows_stay", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="identity_stays", fields=["id", "token", "bundle", "kind", "event", "created_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.event} of {self.bundle} by {self.kind}"
