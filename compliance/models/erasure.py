"""The proof of an erasure: what was erased, by whom and why, and that nothing of it decrypts any more."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import Account
from numbering.models.stays import append_only


class Erasure(models.Model):
    """`items` is a list of {sid, columns: {name: SHA-256 of its last ciphertext}, object, object_digest}. Append-only.

    It proves without keeping: a digest of a ciphertext tells nothing of the text, and shows in a backup which
    value it was that has to go again after a restore.
    """

    account = models.ForeignKey(Account, models.PROTECT, related_name="erasures")
    subject_sid = models.CharField(max_length=34)
    actor = models.CharField(max_length=80)
    reason = models.CharField(max_length=200)
    items = models.JSONField()
    kept = models.JSONField(default=list, help_text="SIDs that were left, since something else needs them.")
    checked = models.BooleanField(help_text="Read back: every column is blank, no object opens.")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(subject_sid__regex=r"^(IT|RD|AD|BU)[0-9a-f]{32}$"), name="erasure_of_something"
            ),
            models.CheckConstraint(condition=~Q(actor="") & ~Q(reason=""), name="erasure_by_somebody_for_a_reason"),
            models.CheckConstraint(condition=Q(checked=True), name="erasure_is_checked"),
        ]
        indexes = [models.Index(fields=["subject_sid"], name="erasure_of")]  # what became of it?
        triggers = append_only("erasures")

    def __str__(self) -> str:
        return f"erasure of {self.subject_sid}"
