"""Signing up, verifying an address, signing in, forgetting the password: what opens when, and what tells nothing."""

from unittest.mock import patch
from uuid import uuid4

import pytest
import redis
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.core import mail
from django.core.cache import cache
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from pytest_django import Settings

from accounts.models import Account, Membership, Role, User
from tests.factories import UserFactory
from tests.portal.letters import newest_code

pytestmark = pytest.mark.django_db

FORM = {"name": "Ada's shop", "email": "Ada@Example.com", "password1": "a long sentence"}
ADA = "ada@example.com"


@pytest.fixture
def ada(client: Client) -> Client:
    """Signed up and not verified yet."""
    assert client.post("/sign-up", FORM)["Location"] == "/account/verify"
    return client


def sign_in(email: str, password: str = "password", **more: str) -> Client:  # noqa: S107 - of the factory
    visitor = Client()
    visitor.post("/sign-in", {"login": email, "password": password, **more})
    return visitor


def is_in(visitor: Client) -> bool:
    return "_auth_user_id" in visitor.session


def test_who_signs_up_verifies_the_address_and_has_a_trial_account(ada: Client) -> None:
    assert Account.objects.count() == 0
    answer = ada.post("/account/verify", {"code": newest_code(ADA)})
    assert answer["Location"] == "/"
    membership = Membership.objects.select_related("account").get(user__email=ADA)
    assert (membership.role, membership.account.friendly_name, membership.account.is_trial) == (
        Role.OWNER,
        "Ada's shop",
        True,
    )
    assert membership.account.sid in ada.get("/").content.decode()


def test_before_the_address_is_verified_there_is_nothing(ada: Client) -> None:
    assert not is_in(ada)
    assert ada.get("/numbers")["Location"].startswith("/sign-in")
    again = sign_in(ADA, FORM["password1"])
    assert not is_in(again)
    assert again.get("/sign-in")["Location"] == "/account/verify"
    assert Account.objects.count() == 0


def test_who_comes_back_another_day_still_gets_the_account(ada: Client) -> None:
    later = sign_in(ADA, FORM["password1"])
    later.post("/account/verify", {"code": newest_code(ADA)})
    assert later.get("/").status_code == 200
    assert Account.objects.get().friendly_name == "Ada's shop"


def test_a_second_sign_in_opens_no_second_account(ada: Client) -> None:
    ada.post("/account/verify", {"code": newest_code(ADA)})
    assert is_in(sign_in(ADA, FORM["password1"]))
    assert Account.objects.count() == 1


def test_three_wrong_codes_end_the_attempt(ada: Client) -> None:
    code = newest_code(ADA)
    for _ in range(3):
        ada.post("/account/verify", {"code": "WRNG-CODE"})
    ada.post("/account/verify", {"code": code})
    assert not is_in(ada)
    assert not EmailAddress.objects.filter(verified=True).exists()


@pytest.mark.parametrize(
    "form",
    [{"name": ""}, {"name": "x" * 65}, {"email": "ada"}, {"password1": "12345678"}, {"password1": "short"}],
    ids=["no name", "long name", "no address", "common password", "short password"],
)
def test_what_is_wrong_is_said_beside_its_field(client: Client, form: dict[str, str]) -> None:
    shown = client.post("/sign-up", {**FORM, **form}).content.decode()
    [field] = form
    assert f'id="id_{field}_error"' in shown
    assert 'aria-invalid="true"' in shown
    assert User.objects.count() == 0


def test_signing_up_with_a_known_address_tells_nobody_but_its_owner(client: Client) -> None:
    UserFactory.create(email=ADA)
    answer = client.post("/sign-up", FORM)
    assert answer["Location"] == "/account/verify"
    shown = client.get("/account/verify").content.decode()
    assert "We sent a letter with a code" in shown
    [letter] = mail.outbox
    assert (letter.to, "which has been signed up before" in letter.body) == ([ADA], True)
    assert User.objects.count() == 1


def test_a_known_and_an_unknown_address_are_refused_in_the_same_words() -> None:
    known = UserFactory.create(email=f"{uuid4()}@example.com").email
    first, second = (
        Client().post("/sign-in", {"login": address, "password": "wrong"})
        for address in (known, f"{uuid4()}@example.com")
    )
    notices = {answer.content.decode().split('role="alert">')[1].split("<")[0] for answer in (first, second)}
    assert notices == {"E-mail address or password is wrong. After ten tries wait 15 minutes."}


def test_a_session_from_before_is_not_the_session_after() -> None:
    """Session fixation: whoever planted a session id in somebody's browser has nothing when they sign in."""
    user = UserFactory.create(email=f"{uuid4()}@example.com")
    planted, victim, attacker = Client(), Client(), Client()
    planted.get("/sign-in")
    session = planted.session
    session["planted"] = "yes"
    session.save()
    victim.cookies["sessionid"] = attacker.cookies["sessionid"] = str(session.session_key)
    victim.post("/sign-in", {"login": user.email, "password": "password"})
    assert is_in(victim)
    assert victim.cookies["sessionid"].value != session.session_key
    assert not is_in(attacker)


def test_a_forgotten_password_is_chosen_anew_by_a_code(client: Client) -> None:
    user = UserFactory.create(email=f"{uuid4()}@example.com")
    elsewhere = sign_in(user.email)
    for _ in range(11):
        sign_in(user.email, "guessed")
    assert client.post("/account/forgotten", {"email": user.email})["Location"] == "/account/forgotten/code"
    client.post("/account/forgotten/code", {"code": newest_code(user.email)})
    client.post("/account/forgotten/password", {"password1": "a new sentence", "password2": "a new sentence"})
    assert "The password is changed" in client.get("/account/forgotten/done").content.decode()
    assert is_in(sign_in(user.email, "a new sentence"))
    assert not is_in(sign_in(user.email))
    assert elsewhere.get("/numbers")["Location"].startswith("/sign-in")


def test_a_forgotten_password_of_nobody_looks_the_same(client: Client) -> None:
    assert client.post("/account/forgotten", {"email": ADA})["Location"] == "/account/forgotten/code"
    assert "If that address is known here" in client.get("/account/forgotten/code").content.decode()
    assert "nobody has signed up with it" in mail.outbox[-1].body


def test_the_address_changes_when_the_new_one_is_verified(client: Client) -> None:
    user = UserFactory.create(email=f"{uuid4()}@example.com")
    mine = sign_in(user.email)
    mine.post("/account/again", {"password": "password"})
    assert mine.post("/account/email", {"email": "New@example.com", "action_add": ""})["Location"] == "/account/verify"
    user.refresh_from_db()
    assert user.email != "new@example.com"
    mine.post("/account/verify", {"code": newest_code("new@example.com")})
    user.refresh_from_db()
    assert user.email == "new@example.com"
    assert is_in(sign_in("new@example.com"))


def test_whose_sign_in_is_closed_is_told_so() -> None:
    user = UserFactory.create(email=f"{uuid4()}@example.com", is_active=False)
    answer = Client().post("/sign-in", {"login": user.email, "password": "password"}, follow=True)
    assert "This sign-in is closed" in answer.content.decode()


def test_staff_without_an_account_come_out_in_the_console() -> None:
    staff = User.objects.create_superuser(f"{uuid4()}@example.com", "password")
    assert Client().post("/sign-in", {"login": staff.email, "password": "password"})["Location"] == "/console/"


def test_too_many_sign_ups_from_one_place_are_refused(settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"signup": "2/m/ip"}
    place = {"REMOTE_ADDR": "192.0.2.77"}
    answers = [Client().post("/sign-up", {}, **place).status_code for _ in range(3)]  # type: ignore[arg-type]  # of the WSGI environment
    assert answers == [200, 200, 429]


def test_behind_a_proxy_places_are_told_apart_by_what_it_says(settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS, settings.ALLAUTH_TRUSTED_PROXY_COUNT = {"signup": "1/m/ip"}, 1

    def tried(claimed: str) -> int:
        return Client().post("/sign-up", {}, headers={"X-Forwarded-For": claimed}).status_code

    assert [tried("192.0.2.78"), tried("192.0.2.79")] == [200, 200]
    assert tried("198.51.100.1, 192.0.2.79") == 429, "what the client says of itself counts for nothing"


def test_without_redis_people_get_in_though_nobody_counts(settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login": "30/m/ip"}
    user = UserFactory.create(email=f"{uuid4()}@example.com")
    with patch.object(cache, "add", side_effect=redis.ConnectionError):
        assert is_in(sign_in(user.email))
        assert not is_in(sign_in(user.email, "guessed"))


def test_a_mail_server_that_is_away_breaks_no_page(client: Client) -> None:
    with patch.object(EmailBackend, "send_messages", side_effect=OSError):
        answer = client.post("/sign-up", FORM, follow=True)
    assert "The letter could not be sent just now" in answer.content.decode()
    client.post("/account/verify", {"action": "resend"})
    client.post("/account/verify", {"code": newest_code(ADA)})
    assert is_in(client)


def test_one_sees_where_one_is_signed_in_and_ends_it(client: Client) -> None:
    user = UserFactory.create(email=f"{uuid4()}@example.com")
    here, there = sign_in(user.email), sign_in(user.email)
    assert UserSession.objects.filter(user=user).count() == 2
    assert "here and now" in here.get("/account/sessions").content.decode()
    here.post("/account/sessions")
    assert here.get("/account/security").status_code == 200
    assert there.get("/account/security")["Location"].startswith("/sign-in")


def test_the_overview_of_security_is_for_everybody_who_is_signed_in(client: Client) -> None:
    client.force_login(UserFactory.create(email=ADA))
    shown = client.get("/account/security").content.decode()
    assert ADA in shown
    assert "Add<span" in shown
