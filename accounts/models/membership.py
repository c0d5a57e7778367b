"""Which user may act for which account."""

from django.db import models

from accounts.models.account import Account
from accounts.models.user import User


class Membership(models.Model):
    """One user in one account."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    account = models.ForeignKey(Account, models.CASCADE, related_name="memberships")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "account"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user} in {self.account}"
