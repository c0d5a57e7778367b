"""Who may act for an account on the pages."""

import secrets

from django.db import transaction

from accounts.models import Account, Membership, User


@transaction.atomic
def admit(*, account: Account, email: str) -> str:
    """Make the person with this address a member; returns the password of a new one, "" for one who has theirs."""
    user, password = User.objects.filter(email__iexact=email).first(), ""
    if user is None:
        password = secrets.token_urlsafe(12)
        user = User.objects.create_user(email, password)
    Membership.objects.get_or_create(user=user, account=account)
    return password


def address_of(account: Account) -> str:
    """Where the account gets e-mail: at the person who has acted for it longest, of a subaccount without people at its
    parent's; "": nowhere. Nobody who may not sign in any more is written to."""
    active = Membership.objects.filter(user__is_active=True).order_by("pk")
    for account_id in filter(None, (account.pk, account.parent_id)):
        if email := active.filter(account=account_id).values_list("user__email", flat=True).first():
            return email
    return ""
