"""A customer in front of a small shop window."""

from collections.abc import Iterator

import pytest
from django.test import Client

from accounts.models import Account, Membership
from numbering.recent import forget_everything
from tests.factories import AccountFactory, UserFactory


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    forget_everything()
    yield
    forget_everything()


@pytest.fixture
def account(db: None) -> Account:
    """Ada's."""
    return AccountFactory.create(friendly_name="Ada's shop")


@pytest.fixture
def ada(account: Account) -> Client:
    """Signed in, a member of her own account."""
    user, client = UserFactory.create(email="ada@example.com"), Client()
    Membership.objects.create(user=user, account=account)
    client.force_login(user)
    return client


@pytest.fixture
def eve(db: None) -> Client:
    """Signed in, a member of another account."""
    user, client = UserFactory.create(email="eve@example.com"), Client()
    Membership.objects.create(user=user, account=AccountFactory.create(friendly_name="Eve's"))
    client.force_login(user)
    return client
