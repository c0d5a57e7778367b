"""A POST that carried an Idempotency-Key, and the answer that it got."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.encryption import EncryptedText
from accounts.models import Account


class RememberedRequest(models.Model):
    """Stored before the request is acted on; `answer` is stored in the transaction of the act itself."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False, help_text="The caller.")
    key = models.CharField(max_length=255)
    fingerprint = models.BinaryField(max_length=32, help_text="HMAC-SHA-256 of method, path and parameters.")
    status = models.PositiveSmallIntegerField(null=True)
    answer = EncryptedText(null=True, help_text="The JSON body; encrypted, since it may show a new secret.")
    about = models.CharField(max_length=34, blank=True, help_text="The SID in the answer: an erasure looks for it.")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "key"], name="idempotency_key_once"),
            models.CheckConstraint(
                condition=Q(status__isnull=True, answer__isnull=True) | Q(status__isnull=False, answer__isnull=False),
                name="idempotency_answer_whole",
            ),
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotency_age")]  # the purge

    def __str__(self) -> str:
        return f"{self.key} of {self.account}"
