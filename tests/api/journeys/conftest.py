"""Whole journeys of customers: a live server, the official SDK, the reviewers' console."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import Permission
from django.test import Client as Browser
from pytest_django.live_server_helper import LiveServer
from twilio.rest import Client  # type: ignore[import-untyped]  # it ships no types

from accounts.models import Account, User
from numbering import places
from numbering.models import Place, PlacePrefix
from numbering.recent import forget_everything
from tests.api.journeys.customers import CUSTOMERS
from tests.api.journeys.desk import Desk
from tests.api.journeys.post import Post
from tests.api.journeys.program import Program
from tests.compliance.notices.receiver import receiving
from tests.factories import AccountFactory, UserFactory, loaded

Begin = Callable[[str], Program]
Put = Callable[[str, int, str], None]


@pytest.fixture
def account(transactional_db: None) -> Account:
    return AccountFactory.create(friendly_name="Keller")


@pytest.fixture
def client(live_server: LiveServer, account: Account, settings: LazySettings) -> Client:
    return pointed_at(live_server.url, Client(account.sid, account.auth_token), settings)


def pointed_at(origin: str, client: Client, settings: LazySettings) -> Client:
    """An SDK that talks to our server, and a server that names itself as it is reached."""
    settings.PUBLIC_URL = origin
    client.api.base_url = client.numbers.base_url = origin
    return client


@pytest.fixture
def begin(client: Client, live_server: LiveServer) -> Begin:
    """A customer of a country, whose rules are in force."""

    def of(country: str) -> Program:
        loaded(country)
        return Program(client, live_server.url, CUSTOMERS[country])

    return of


@pytest.fixture
def desk(transactional_db: None) -> Desk:
    """Rosa may review, and nothing else."""
    rosa = UserFactory.create(email="rosa@example.com", is_staff=True)
    rosa.user_permissions.add(Permission.objects.get(codename="review_bundle"))
    return Desk(rosa)


@pytest.fixture
def governor(transactional_db: None) -> Browser:
    """Staff who may do everything at the console, signed in."""
    browser = Browser()
    browser.force_login(User.objects.create_superuser("governor@example.com", "password"))
    return browser


@pytest.fixture
def post(account: Account, settings: LazySettings) -> Iterator[Post]:
    """The customer's web server and letter box."""
    settings.CALLBACK_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    with receiving() as receiver:
        yield Post(receiver, account.auth_token)


@pytest.fixture
def place(transactional_db: None) -> Put:
    """Towns, and the prefixes that serve them."""

    def put(name: str, prefix: int, country: str) -> None:
        about = {"normalised_name": name.lower(), "granularity": "locality", "source": "libphonenumber"}
        town = Place.objects.create(id=prefix, country=country, name=name, **about)
        PlacePrefix.objects.create(prefix=prefix, country=country, place=town)
        places.forget_prefixes()
        forget_everything()

    return put
