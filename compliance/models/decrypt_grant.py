"""Leave to open one document: who, why, and until when; and every time that somebody looked."""

from datetime import datetime

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.models import User
from compliance.models.sight_reason import SightReason
from compliance.models.sight_request import SightRequest
from compliance.models.supporting_document import SupportingDocument
from numbering.models.stays import append_only


class Seen(models.TextChoices):
    """What left the vault."""

    BYTES = "bytes", "the file as it is"
    PREVIEW = "preview", "the file with a watermark"


#: A leave that a second person gave is for that user, that document and that reason.
LET = pgtrigger.Trigger(
    name="let_by_that_request",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    condition=pgtrigger.Q(new__request__isnull=False),
    func="""
        IF NOT EXISTS (
            SELECT FROM compliance_sightrequest AS asked WHERE asked.id = NEW.request_id AND asked.granted
            AND asked.document_id = NEW.document_id AND asked.asked_by_id = NEW.user_id AND asked.reason = NEW.reason
        ) THEN
            RAISE integrity_constraint_violation USING
                MESSAGE = 'Nobody let this user open this document for this reason',
                CONSTRAINT = 'let_by_that_request';
        END IF;
        RETURN NEW;
    """,
)


class DecryptGrant(models.Model):
    """One document, one user, some minutes. `note` is for a case number, never for names or what the paper shows."""

    document = models.ForeignKey(SupportingDocument, models.PROTECT, related_name="grants")
    user = models.ForeignKey(User, models.PROTECT, related_name="decrypt_grants")
    reason = models.CharField(max_length=9, choices=SightReason)
    note = models.CharField(max_length=200, blank=True)
    takes_two = models.BooleanField(default=False, db_default=False, help_text="A second person had to let them.")
    request = models.ForeignKey(SightRequest, models.PROTECT, null=True, blank=True, related_name="grants")
    granted_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(reason__in=SightReason.values), name="grant_for_a_known_reason"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("granted_at")), name="grant_ends_after_it_began"),
            models.CheckConstraint(
                condition=Q(reason=SightReason.REVIEW) | ~Q(note=""), name="grant_beside_review_noted"
            ),
            models.CheckConstraint(
                condition=Q(takes_two=False) | Q(request__isnull=False), name="grant_let_by_a_second_person"
            ),
        ]
        triggers = [LET, *append_only("grants")]

    def __str__(self) -> str:
        return f"grant {self.pk}"

    def is_live(self, at: datetime) -> bool:
        """Whether the document may be looked at with it at that time."""
        return at < self.expires_at


class DocumentView(models.Model):
    """One look at a document. Written and committed before the first byte leaves; never changed."""

    grant = models.ForeignKey(DecryptGrant, models.PROTECT, related_name="views")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    what = models.CharField(max_length=7, choices=Seen)
    seen_from = models.GenericIPAddressField(null=True, help_text="The other end of the connection, if there was one.")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(what__in=Seen.values), name="document_view_of_something_known"),
        ]
        indexes = [models.Index(fields=["at"], name="document_view_by_time")]  # the audit log
        triggers = append_only("document_views")

    def __str__(self) -> str:
        return f"{self.what} with {self.grant}"
