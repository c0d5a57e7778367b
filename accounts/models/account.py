"""An account: the customer of the API, who holds numbers. Subaccounts are one level deep, as Twilio's are."""

from functools import partial

from django.db import models
from django.db.models import F, Q

from accounts.encryption import EncryptedText
from numbering.sids import new_sid


class AccountStatus(models.TextChoices):
    """Suspended accounts keep their numbers and their inbound traffic; closed ones are gone for good."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class Account(models.Model):
    """`AC…`. The auth token is stored twice: a digest to check it, ciphertext to show it again."""

    sid = models.CharField(max_length=34, unique=True, default=partial(new_sid, "AC"), editable=False)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="subaccounts")
    friendly_name = models.CharField(max_length=64)
    status = models.CharField(max_length=9, choices=AccountStatus, default=AccountStatus.ACTIVE)
    suspended_by_operator = models.BooleanField(default=False, help_text="Only staff may reactivate it.")
    is_trial = models.BooleanField(default=False)
    is_test = models.BooleanField(default=False, help_text="Test credentials: magic numbers only, nothing is bought.")
    is_operator = models.BooleanField(
        default=False, db_default=False, help_text="Ours: its credentials feed in traffic and ask about any number."
    )
    auth_token_digest = models.BinaryField(max_length=32, editable=False)
    auth_token = EncryptedText(editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(parent=F("id")), name="account_not_its_own_parent"),
            models.CheckConstraint(condition=Q(status__in=AccountStatus.values), name="account_status_known"),
            models.CheckConstraint(
                condition=Q(suspended_by_operator=False) | Q(status=AccountStatus.SUSPENDED),
                name="account_by_operator_only_suspended",
            ),
            models.CheckConstraint(
                condition=Q(is_operator=False) | Q(parent=None, is_test=False, is_trial=False),
                name="account_of_operator_is_nobodys_subaccount",
            ),
            models.CheckConstraint(condition=Q(sid__regex=r"^AC[0-9a-f]{32}$"), name="account_sid_shape"),
        ]
        indexes = [models.Index(fields=["parent", "id"], name="account_subaccounts")]  # GET /Accounts.json

    def __str__(self) -> str:
        return f"{self.friendly_name} ({self.sid})"

    @property
    def is_active(self) -> bool:
        """Whether requests of this account may change anything: it and its parent are active."""
        return self.status == AccountStatus.ACTIVE and (self.parent is None or self.parent.is_active)
