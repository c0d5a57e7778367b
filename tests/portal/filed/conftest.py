"""A customer at her papers, and a stranger's account beside hers."""

from collections.abc import Iterator

import pytest
from django.test import Client

from accounts.models import Account, Membership, User
from compliance.models import Regulation
from numbering.recent import forget_everything
from tests.compliance.review import waiting
from tests.factories import AccountFactory, UserFactory


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """Which rules are in force is another test's affair."""
    forget_everything()
    yield
    forget_everything()


@pytest.fixture
def account(db: None) -> Account:
    row: Account = AccountFactory.create(friendly_name="Ada's shop")
    return row


@pytest.fixture
def ada(account: Account) -> Client:
    """Signed in, a member of her own account."""
    user, client = UserFactory.create(email="ada@example.com"), Client()
    Membership.objects.create(user=user, account=account)
    client.force_login(user)
    return client


@pytest.fixture
def rosa(db: None) -> User:
    """A reviewer."""
    row: User = UserFactory.create(email="rosa@example.com", is_staff=True)
    return row


@pytest.fixture
def germany(db: None) -> Regulation:
    """What a German local number asks of a business, in short: a person, a register extract, an address."""
    return waiting.regulation()
