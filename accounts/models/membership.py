"""Which user may act for which account, and how much."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.account import Account
from accounts.models.user import User


class Role(models.TextChoices):
    """What a member may do; each may do what the one below it may."""

    OWNER = "owner", _("owner")
    MEMBER = "member", _("member")
    VIEWER = "viewer", _("viewer")


#: Whoever takes an owner away holds the account's row, so of two who do it at once the second sees what the first left.
SOMEBODY_OWNS_IT = pgtrigger.Trigger(
    name="somebody_owns_it",
    when=pgtrigger.After,
    operation=pgtrigger.Update | pgtrigger.Delete,
    condition=pgtrigger.Q(old__role=Role.OWNER),
    func="""
        PERFORM FROM accounts_account WHERE id = OLD.account_id FOR NO KEY UPDATE;
        IF FOUND AND NOT EXISTS (
            SELECT FROM accounts_membership WHERE account_id = OLD.account_id AND role = 'owner'
        ) THEN
            RAISE integrity_constraint_violation USING
                MESSAGE = 'An account keeps an owner', CONSTRAINT = 'somebody_owns_it';
        END IF;
        RETURN NULL;
    """,
)


class Membership(models.Model):
    """One user in one account. The first of an account owns it."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    account = models.ForeignKey(Account, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=6, choices=Role, default=Role.OWNER, db_default=Role.OWNER)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "account"], name="membership_once"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_known"),
        ]
        triggers = [SOMEBODY_OWNS_IT]

    def __str__(self) -> str:
        return f"{self.user} in {self.account}"
