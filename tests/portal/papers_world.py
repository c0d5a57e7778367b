"""Who fills in the regulatory form in these tests, and what they give."""

from typing import Any

from django.test import Client

from accounts.models import Account, Membership
from compliance.models import Bundle, Regulation
from compliance.rulebook.described import sid_of
from compliance.services import drafting
from tests.factories import AccountFactory, UserFactory


def customer(account: Account | None = None) -> tuple[Client, Account]:
    """Signed in, a member of an account of their own."""
    account = account or AccountFactory.create(friendly_name="Ada's shop")
    user, client = UserFactory.create(), Client()
    Membership.objects.create(user=user, account=account)
    client.force_login(user)
    return client, account


def draft(account: Account, country: str, number_type: str, who: str, **settings: Any) -> Bundle:
    """A draft for that regulation, begun as the first step begins it."""
    regulation = Regulation.objects.get(sid=sid_of(country, number_type, who))
    given = {"friendly_name": "Papers", "email": "ada@example.com", **settings}
    return drafting.begin(account=account, regulation=regulation, settings=given, actor=f"account:{account.sid}")
