"""Sessions: new at each step up, ended by what ends trust, and never half open."""

from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import Membership, User
from tests.config.test_production import start
from tests.console.test_sign_in import code, with_app
from tests.factories import AccountFactory, UserFactory
from tests.portal.letters import newest_code
from tests.security.routes import CONSOLE, PORTAL, at

pytestmark = pytest.mark.django_db
NEW = "another long sentence"


@pytest.fixture
def ada() -> User:
    user: User = UserFactory.create(email=f"{uuid4()}@example.com")
    Membership.objects.create(user=user, account=AccountFactory.create())
    return user


def signed_in(user: User, password: str = "password") -> Client:  # noqa: S107 - of the factory
    client = Client(raise_request_exception=False)
    client.post("/sign-in", {"login": user.email, "password": password})
    return client


def key_of(client: Client) -> str:
    return client.cookies["sessionid"].value


def is_in(client: Client) -> bool:
    return client.get("/numbers").status_code == 200


def test_between_password_and_second_factor_nothing_opens(ada: User) -> None:
    """Whoever has the password alone goes to any other address instead of showing the second factor."""
    secret, half = with_app(signed_in(ada)), Client(raise_request_exception=False)
    assert half.post("/sign-in", {"login": ada.email, "password": "password"})["Location"] == "/sign-in/code"
    personal = [each.path({}) for each in (*at(PORTAL), *at(CONSOLE)) if not each.arguments]
    for path in personal:
        answer = half.get(path)
        assert ada.email not in answer.content.decode() or path.startswith(("/sign-in", "/account/verify")), path
    for path in (
        "/account/security",
        "/account/factors/app",
        "/account/password",
        "/account/again",
        "/numbers",
        "/keys",
    ):
        assert half.get(path).headers.get("Location", "").startswith("/sign-in"), path
    assert not is_in(half)
    assert half.post("/account/factors/app/remove").status_code == 302
    half = Client()
    half.post("/sign-in", {"login": ada.email, "password": "password"})
    before = key_of(half)
    assert half.post("/sign-in/code", {"code": code(secret)}).status_code == 302
    assert is_in(half)
    assert key_of(half) != before, "a session that was planted before is not the one that is in"


def test_a_new_password_ends_all_other_sessions_and_renews_this_one(ada: User) -> None:
    here, there = signed_in(ada), signed_in(ada)
    before = key_of(here)
    form = {"oldpassword": "password", "password1": NEW, "password2": NEW}
    assert here.post("/account/password", form).status_code == 302
    assert (is_in(here), is_in(there)) == (True, False)
    assert key_of(here) != before
    assert not is_in(signed_in(ada))


def test_signing_out_ends_the_session_on_the_server(ada: User) -> None:
    client, copy = signed_in(ada), Client()
    copy.cookies["sessionid"] = key_of(client)
    assert is_in(copy)
    client.post("/sign-out")
    assert not is_in(copy)


def test_a_code_of_a_letter_helps_once(ada: User) -> None:
    thief, client = Client(), Client()
    client.post("/account/forgotten", {"email": ada.email})
    letter = newest_code(ada.email)
    thief.post("/account/forgotten/code", {"code": letter})
    assert (
        thief.post("/account/forgotten/password", {"password1": "thief's own", "password2": "thief's own"}).status_code
        == 302
    )
    assert not is_in(signed_in(ada, "thief's own")), "a code belongs to the browser that asked for it"
    client.post("/account/forgotten/code", {"code": letter})
    client.post("/account/forgotten/password", {"password1": NEW, "password2": NEW})
    assert is_in(signed_in(ada, NEW))
    client.post("/account/forgotten/code", {"code": letter})
    client.post("/account/forgotten/password", {"password1": "yet another one", "password2": "yet another one"})
    assert not is_in(signed_in(ada, "yet another one"))


def test_a_forgotten_password_does_not_get_past_a_second_factor(ada: User) -> None:
    with_app(signed_in(ada))
    client = Client()
    client.post("/account/forgotten", {"email": ada.email})
    client.post("/account/forgotten/code", {"code": newest_code(ada.email)})
    client.post("/account/forgotten/password", {"password1": NEW, "password2": NEW})
    assert not is_in(client)
    fresh = Client()
    assert fresh.post("/sign-in", {"login": ada.email, "password": NEW})["Location"] == "/sign-in/code"


@pytest.mark.parametrize("path", ["/account/forgotten", "/sign-up"])
def test_a_known_and_an_unknown_address_get_the_same_answer(ada: User, path: str) -> None:
    seen = []
    for address in (ada.email, f"{uuid4()}@example.com"):
        client = Client()
        answer = client.post(path, {"email": address, "name": "x", "password1": "a long sentence"})
        page = client.get(answer["Location"]).content.decode()
        tokens = page.split('name="csrfmiddlewaretoken" value="')
        plain = tokens[0] + "".join(each.partition('"')[2] for each in tokens[1:])
        seen.append((answer.status_code, answer["Location"], plain.replace(address, "ADDRESS")))
    assert seen[0] == seen[1]


COOKIES = """
from django.conf import settings
for name in %r:
    print(name, getattr(settings, name))
"""
OF_A_DEPLOYMENT = {
    "SESSION_COOKIE_SECURE": True,
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_SAMESITE": "Lax",
    "CSRF_COOKIE_SECURE": True,
    "CSRF_COOKIE_SAMESITE": "Lax",
    "SECURE_SSL_REDIRECT": True,
    "SECURE_HSTS_SECONDS": 31_536_000,
    "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
    "SECURE_CONTENT_TYPE_NOSNIFF": True,
    "SECURE_REFERRER_POLICY": "same-origin",
    "X_FRAME_OPTIONS": "DENY",
    "DEBUG": False,
    "STAFF_SECOND_FACTOR": True,
}


def test_cookies_and_transport_of_a_real_deployment() -> None:
    expected = [f"{name} {value}" for name, value in OF_A_DEPLOYMENT.items()]
    assert start(COOKIES % list(OF_A_DEPLOYMENT)).stdout.splitlines() == expected


def test_the_cookie_of_a_session_is_out_of_reach_of_scripts(ada: User, settings: Settings) -> None:
    cookie = signed_in(ada).cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
