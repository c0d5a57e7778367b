"""A document at rest: an object in storage, encrypted with a key of its own."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.encryption import EncryptedText
from numbering.models.stays import stays


class StoredFile(models.Model):
    """`name` is random and leads to the object; no name that a customer gave ever does.

    `key` is the object's own, wrapped by the key ring as every encrypted column is: a rotation wraps it anew, and the
    object stays as it is. Without it the object is noise.
    """

    name = models.CharField(max_length=32, unique=True, editable=False)
    key = EncryptedText(null=True, editable=False)
    mime_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField(help_text="Bytes of the plain text.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the ciphertext.")
    created_at = models.DateTimeField(db_default=Now())
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(name__regex=r"^[0-9a-f]{32}$"), name="stored_file_name_shape"),
            models.CheckConstraint(
                condition=Q(key__isnull=True, erased_at__isnull=False) | Q(key__isnull=False, erased_at__isnull=True),
                name="stored_file_key_until_erased",
            ),
            models.CheckConstraint(condition=Q(digest__regex=r"^[0-9a-f]{64}$"), name="stored_file_digest_shape"),
            models.CheckConstraint(condition=Q(size__gt=0), name="stored_file_not_empty"),
        ]
        triggers = [
            *stays("stored_file"),
            pgtrigger.ReadOnly(name="facts_stay", fields=["name", "mime_type", "size", "digest", "created_at"]),
            pgtrigger.Protect(
                name="erased_stays_erased",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.erased_at IS NOT NULL AND OLD.* IS DISTINCT FROM NEW.*"),
            ),
        ]

    def __str__(self) -> str:
        return self.name
