"""Which user may act for which account, and as what."""

from django.db import models
from django.db.models import Q

from accounts.models.account import Account
from accounts.models.user import User


class Role(models.TextChoices):
    """What a user may do for the account: everything, or everything but keys and members."""

    OWNER = "owner"
    MEMBER = "member"


class Membership(models.Model):
    """One user in one account."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    account = models.ForeignKey(Account, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=6, choices=Role, default=Role.OWNER)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "account"], name="membership_once"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.account}"
