"""An API key: a second credential of an account, shown once, revocable on its own."""

from functools import partial

from django.db import models
from django.db.models import Q

from accounts.models.account import Account
from numbering.sids import new_sid


class ApiKey(models.Model):
    """`SK…`. Only the digest of the secret is kept: the secret is 128 random bits, so a fast hash is enough."""

    sid = models.CharField(max_length=34, unique=True, default=partial(new_sid, "SK"), editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="api_keys")
    friendly_name = models.CharField(max_length=64, blank=True)
    secret_digest = models.BinaryField(max_length=32, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name, verbose_name_plural = "API key", "API keys"
        constraints = [models.CheckConstraint(condition=Q(sid__regex=r"^SK[0-9a-f]{32}$"), name="api_key_sid_shape")]
        indexes = [models.Index(fields=["account", "id"], name="api_key_of_account")]  # GET …/Keys.json

    def __str__(self) -> str:
        return self.friendly_name or self.sid
