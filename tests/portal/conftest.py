"""Customers at the portal, signed in."""

from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from accounts.models import Account, Membership, Role, User
from inventory.models import Did
from inventory.services import assignments
from numbering.recent import forget_everything
from tests.factories import AccountFactory, NumberFactory, UserFactory

Join = Callable[..., Client]


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    forget_everything()
    yield
    forget_everything()


@pytest.fixture
def account(db: None) -> Account:
    return AccountFactory.create(friendly_name="Ada's shop")


@pytest.fixture
def ada_herself(account: Account) -> User:
    user: User = UserFactory.create(email="ada@example.com")
    Membership.objects.create(user=user, account=account)
    return user


@pytest.fixture
def ada(ada_herself: User) -> Client:
    """Signed in, a member of her own account."""
    client = Client()
    client.force_login(ada_herself)
    return client


@pytest.fixture
def text_of(ada: Client) -> Callable[..., str]:
    """What the page at a path says to her."""

    def read(path: str, **query: str) -> str:
        answer = ada.get(path, query)
        assert answer.status_code == 200, answer
        return answer.content.decode()

    return read


@pytest.fixture
def did(account: Account) -> Did:
    """Bought as customers do, so that the ledger tells of it."""
    return assignments.buy(account=account, e164=NumberFactory.create().e164, settings={"friendly_name": "Desk"})


@pytest.fixture
def shop(db: None) -> Account:
    """An account with an owner, owner@example.com."""
    account: Account = AccountFactory.create(friendly_name="Ada's shop")
    Membership.objects.create(user=UserFactory.create(email="owner@example.com"), account=account)
    return account


@pytest.fixture
def signed_in(shop: Account) -> Join:
    """`signed_in("viewer")`: a browser of a member of the shop with that role, whose address is that of the role."""

    def come_in(role: str) -> Client:
        email, client = f"{role}@example.com", Client()
        member = Membership.objects.filter(account=shop, user__email=email).first()
        if member is None:
            member = Membership.objects.create(user=UserFactory.create(email=email), account=shop, role=Role(role))
        client.force_login(member.user)
        return client

    return come_in
