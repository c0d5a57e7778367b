"""Leave to open one document: who, why, and until when; and every time that somebody looked."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.models import User
from compliance.models.supporting_document import SupportingDocument
from numbering.models.stays import append_only


class SightReason(models.TextChoices):
    """Why somebody of the staff looks at what a customer gave."""

    REVIEW = "review", "to review the bundle"
    CUSTOMER = "customer", "the customer asked about it"
    PERSON = "person", "the person asked for their data"
    AUTHORITY = "authority", "an authority asked, and may"
    INCIDENT = "incident", "to clear up an incident"


class Seen(models.TextChoices):
    """What left the vault."""

    BYTES = "bytes", "the file as it is"
    PREVIEW = "preview", "the file with a watermark"


class DecryptGrant(models.Model):
    """One document, one user, some minutes. `note` is for a case number, never for names or what the paper shows."""

    document = models.ForeignKey(SupportingDocument, models.PROTECT, related_name="grants")
    user = models.ForeignKey(User, models.PROTECT, related_name="decrypt_grants")
    reason = models.CharField(max_length=9, choices=SightReason)
    note = models.CharField(max_length=200, blank=True)
    granted_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(reason__in=SightReason.values), name="grant_for_a_known_reason"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("granted_at")), name="grant_ends_after_it_began"),
            models.CheckConstraint(
                condition=Q(reason=SightReason.REVIEW) | ~Q(note=""), name="grant_beside_review_noted"
            ),
        ]
        triggers = append_only("grants")

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
