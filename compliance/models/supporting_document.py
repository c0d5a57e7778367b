"""A supporting document (`RD…`): a paper, what it shows, and what became of it in review."""

from functools import partial

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.encryption import EncryptedJson, EncryptedText
from accounts.models import Account
from compliance.models.address import Address
from compliance.models.frozen import frozen_in_bundles
from compliance.models.owned import OwnedQuerySet
from compliance.models.stored_file import StoredFile
from numbering.sids import new_sid


class DocumentStatus(models.TextChoices):
    """How far a paper has come."""

    DRAFT = "draft", "draft"
    PENDING_REVIEW = "pending_review", "waiting for review"
    REJECTED = "rejected", "rejected"
    APPROVED = "approved", "approved"
    EXPIRED = "expired", "expired"
    PROVISIONALLY_APPROVED = "provisionally_approved", "provisionally approved"


class SupportingDocument(models.Model):
    """`type` is a machine name of the catalogue; `reason` is a code of the rejection reasons, for rejected ones."""

    sid = models.CharField(max_length=34, unique=True, default=partial(new_sid, "RD"), editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="supporting_documents", db_index=False)
    type = models.CharField(max_length=64)
    friendly_name = EncryptedText()
    attributes = EncryptedJson(default=dict)
    file = models.OneToOneField(StoredFile, models.PROTECT, null=True, blank=True, related_name="document")
    addresses = models.ManyToManyField(
        Address, through="NamedAddress", related_name="documents", help_text="Those in its address_sids."
    )
    status = models.CharField(max_length=22, choices=DocumentStatus, default=DocumentStatus.DRAFT)
    reason = models.CharField(max_length=48, blank=True)
    reason_sentence = EncryptedText(blank=True)
    fix_hint = EncryptedText(blank=True)
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    deleted_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(sid__regex=r"^RD[0-9a-f]{32}$"), name="document_sid_shape"),
            models.CheckConstraint(condition=Q(status__in=DocumentStatus.values), name="document_status_known"),
            models.CheckConstraint(
                condition=Q(status=DocumentStatus.REJECTED) & ~Q(reason="")
                | ~Q(status=DocumentStatus.REJECTED) & Q(reason=""),
                name="document_rejected_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True) | Q(deleted_at__isnull=False), name="document_erased_is_deleted"
            ),
        ]
        indexes = [
            # GET …/SupportingDocuments: newest first, keyset by id
            models.Index(fields=["account", "-id"], name="document_of_account", condition=Q(deleted_at__isnull=True)),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="identity_stays", fields=["id", "sid", "account", "type"]),
            frozen_in_bundles("document_id", "NEW.id"),
        ]

    def __str__(self) -> str:
        return self.sid


# Accounts never change, so the check needs no lock.
_OF_ONE_ACCOUNT = """
IF NOT EXISTS (
    SELECT FROM compliance_supportingdocument AS document
    JOIN compliance_address AS address ON address.account_id = document.account_id
    WHERE document.id = NEW.supportingdocument_id AND address.id = NEW.address_id
) THEN
    RAISE integrity_constraint_violation USING
        MESSAGE = 'Document and address belong to two accounts', CONSTRAINT = 'named_address_of_one_account';
END IF;
RETURN NEW;
"""


class NamedAddress(models.Model):
    """An address that a paper names."""

    supportingdocument = models.ForeignKey(SupportingDocument, models.CASCADE)
    address = models.ForeignKey(Address, models.CASCADE)

    class Meta:
        db_table = "compliance_supportingdocument_addresses"
        constraints = [
            models.UniqueConstraint(fields=["supportingdocument", "address"], name="named_address_once"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="of_one_account",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=_OF_ONE_ACCOUNT,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.supportingdocument_id} names {self.address_id}"
