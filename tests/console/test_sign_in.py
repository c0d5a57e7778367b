"""The console opens to staff whose session has shown a second factor."""

from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

HOME = "/console/"


@pytest.fixture(autouse=True)
def _asked_for(settings: Settings) -> None:
    settings.STAFF_SECOND_FACTOR = True


@pytest.fixture
def staff() -> User:
    return User.objects.create_superuser(f"{uuid4()}@example.com", "password")


def code(secret: str) -> str:
    return str(totp.format_hotp_value(totp.hotp_value(secret, next(totp.yield_hotp_counters_from_time()) + 1)))


def signed_in(staff: User) -> Client:
    client = Client()
    client.post("/sign-in", {"login": staff.email, "password": "password", "next": HOME})
    return client


def with_app(client: Client) -> str:
    """Sets an authenticator app up; returns its secret."""
    client.post("/account/again", {"password": "password"})
    client.get("/account/factors/app")
    secret = str(client.session[totp.SECRET_SESSION_KEY])
    assert client.post("/account/factors/app", {"code": code(secret)})["Location"] == "/account/factors/codes"
    return secret


@pytest.mark.parametrize("path", [HOME, "/console/inventory/phonenumber/?q=1", "/console/accounts/account/"])
def test_a_password_alone_opens_nothing(staff: User, path: str) -> None:
    answer = signed_in(staff).get(path)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/security?next=%2Fconsole%2F")


def test_who_has_none_is_led_to_set_one_up_and_gets_in_with_it(staff: User) -> None:
    client = signed_in(staff)
    assert "The staff console opens with a second factor only" in client.get(HOME, follow=True).content.decode()
    secret = with_app(client)
    assert client.get(HOME)["Location"] == "/account/again/code?next=%2Fconsole%2F"
    assert client.post("/account/again/code", {"code": code(secret), "next": HOME})["Location"] == HOME
    assert client.get(HOME).status_code == 200


def test_who_has_one_shows_it_at_the_door(staff: User) -> None:
    secret = with_app(signed_in(staff))
    client = Client()
    first = client.post("/sign-in", {"login": staff.email, "password": "password", "next": HOME})
    assert first["Location"] == "/sign-in/code"
    assert client.get(HOME)["Location"].startswith("/console/login/")
    assert client.post("/sign-in/code", {"code": code(secret)})["Location"] == HOME
    assert client.get(HOME).status_code == 200


def test_a_session_from_before_there_was_a_second_factor_opens_nothing(staff: User) -> None:
    """Whoever guessed the password first does not get in because its owner has set one up since."""
    thief = signed_in(staff)
    with_app(signed_in(staff))
    assert thief.get(HOME)["Location"].startswith("/account/again/code")


def test_a_code_is_good_once(staff: User) -> None:
    secret = with_app(signed_in(staff))
    used = code(secret)
    for expected in (HOME, None):
        client = Client()
        client.post("/sign-in", {"login": staff.email, "password": "password", "next": HOME})
        assert client.post("/sign-in/code", {"code": used}).headers.get("Location") == expected


def test_a_recovery_code_gets_one_in_once(staff: User) -> None:
    with_app(signed_in(staff))
    [spare, *_] = Authenticator.objects.get(user=staff, type="recovery_codes").wrap().get_unused_codes()
    for expected in (HOME, None):
        client = Client()
        client.post("/sign-in", {"login": staff.email, "password": "password", "next": HOME})
        assert client.post("/sign-in/code", {"code": spare}).headers.get("Location") == expected


def test_after_ten_wrong_codes_the_right_one_helps_nobody(staff: User, settings: Settings) -> None:
    secret = with_app(signed_in(staff))
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "10/15m/key"}  # as in config.settings.base
    client = Client()
    client.post("/sign-in", {"login": staff.email, "password": "password", "next": HOME})
    for _ in range(10):
        client.post("/sign-in/code", {"code": "000000"})
    answer = client.post("/sign-in/code", {"code": code(secret)})
    assert "There were too many tries" in answer.content.decode()


def test_secrets_are_ciphertext_in_the_database(staff: User) -> None:
    secret = with_app(signed_in(staff))
    stored = [str(row.data) for row in Authenticator.objects.filter(user=staff)]
    assert len(stored) == 2
    assert not any(secret in text for text in stored)
    assert all("gAAAA" in text for text in stored)


def test_customers_are_asked_for_nothing_and_see_nothing(settings: Settings) -> None:
    client = Client()
    client.force_login(UserFactory.create())
    assert client.get(HOME)["Location"].startswith("/console/login/")
    refused = client.get(HOME, follow=True)
    assert refused.status_code == 403
    assert "This page is not for you" in refused.content.decode()


def test_a_demonstration_may_do_without(staff: User, settings: Settings) -> None:
    settings.STAFF_SECOND_FACTOR = False
    assert signed_in(staff).get(HOME).status_code == 200
