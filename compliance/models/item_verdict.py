"""What a reviewer found of one item of a bundle. The newest verdict on an item counts."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.encryption import EncryptedText
from accounts.models import User
from compliance.models.item_assignment import ItemAssignment


class ItemVerdict(models.Model):
    """`seen`: the revision of the item, and of each address on it, by SID. It counts as long as they are these.

    What the reviewer wrote may name people: it is ciphertext, and the one part of a verdict that is ever written again,
    by a rotation of keys or an erasure.
    """

    item = models.ForeignKey(ItemAssignment, models.PROTECT, related_name="verdicts", db_index=False)
    seen = models.JSONField()
    approved = models.BooleanField()
    reason = models.CharField(max_length=48, blank=True, help_text="A code of the rejection reasons.")
    sentence = EncryptedText(blank=True)
    fix_hint = EncryptedText(blank=True)
    judged_by = models.ForeignKey(User, models.PROTECT, related_name="item_verdicts", db_index=False)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(approved=True, reason="") | (Q(approved=False) & ~Q(reason="")),
                name="verdict_rejects_for_a_reason",
            ),
        ]
        indexes = [models.Index(fields=["item", "-id"], name="verdict_of_item")]  # the newest one counts
        triggers = [
            pgtrigger.Protect(name="rows_stay", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="verdict_stays", exclude=["sentence", "fix_hint"]),
        ]

    def __str__(self) -> str:
        return f"{self.item}: {'approved' if self.approved else self.reason}"
