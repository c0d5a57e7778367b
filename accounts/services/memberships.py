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
