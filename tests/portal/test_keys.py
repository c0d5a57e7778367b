"""Keys and the auth token: shown to whom, how often, and what signs what."""

import re
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from accounts.models import Account, ApiKey, Membership, SecondaryToken
from accounts.services.credentials import authenticate, issue_key
from tests.factories import AccountFactory
from tests.portal.conftest import Join


@pytest.fixture
def owner(signed_in: Join) -> Client:
    return signed_in("owner")


def again(owner: Client, path: str, shop: Account) -> Client:
    """Who asked for that is asked for the password, and gives it."""
    user = Membership.objects.get(account=shop).user
    user.email = f"{uuid4()}@example.com"
    user.save(update_fields=["email"])
    EmailAddress.objects.filter(user=user).delete()
    user.vouch_for_address()
    owner.post("/account/again", {"password": "password", "next": path})
    return owner


def test_a_key_signs_and_its_secret_is_shown_once(owner: Client, shop: Account) -> None:
    answer = owner.post("/keys/new", {"name": "billing <b>"})
    shown = answer.content.decode()
    secret = re.findall(r'id="copy-secret"[^>]*>([0-9a-f]{32})<', shown)[0]
    key = ApiKey.objects.get(account=shop)
    assert authenticate(key.sid, secret) == shop
    assert "billing &lt;b&gt;" in shown
    assert "no-store" in answer["Cache-Control"]
    assert secret not in owner.get("/keys").content.decode()


def test_a_key_needs_a_name(owner: Client) -> None:
    assert owner.post("/keys/new", {"name": ""}).status_code == 422
    assert ApiKey.objects.count() == 0


def test_a_key_is_renamed_and_revoked(owner: Client, shop: Account) -> None:
    key, secret = issue_key(shop, "old")
    owner.post(f"/keys/{key.sid}/name", {"name": "new"})
    assert "new" in owner.get("/keys").content.decode()
    assert "every program that signs with this key" in owner.get(f"/keys/{key.sid}/revoke").content.decode()
    assert authenticate(key.sid, secret) == shop, "looking revokes nothing"
    owner.post(f"/keys/{key.sid}/revoke")
    assert authenticate(key.sid, secret) is None


def test_somebody_elses_key_is_not_there(owner: Client, db: None) -> None:
    key = issue_key(AccountFactory.create(), "theirs").key
    for path in ("name", "revoke"):
        assert owner.post(f"/keys/{key.sid}/{path}", {"name": "mine"}).status_code == 404
    assert key.sid not in owner.get("/keys").content.decode()


def test_the_token_is_shown_to_who_has_just_said_the_password(owner: Client, shop: Account) -> None:
    assert shop.auth_token not in owner.get("/keys").content.decode()
    assert owner.get("/keys/token")["Location"] == "/account/again?next=%2Fkeys%2Ftoken"
    answer = again(owner, "/keys/token", shop).get("/keys/token")
    assert shop.auth_token in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("step", ["second", "promote", "drop"])
def test_the_token_changes_for_nobody_who_has_not_said_it(owner: Client, shop: Account, step: str) -> None:
    assert owner.post(f"/keys/token/{step}")["Location"].startswith("/account/again")
    assert not SecondaryToken.objects.exists()
    assert authenticate(shop.sid, shop.auth_token) == shop


def test_the_token_is_changed_without_a_gap(owner: Client, shop: Account) -> None:
    first = shop.auth_token
    again(owner, "/keys/token", shop).post("/keys/token/second")
    second = SecondaryToken.objects.get(account=shop).token
    assert second in owner.get("/keys/token").content.decode()
    assert [authenticate(shop.sid, token) for token in (first, second)] == [shop, shop]
    owner.post("/keys/token/promote")
    assert [authenticate(shop.sid, token) for token in (first, second)] == [None, shop]
    assert Account.objects.get(pk=shop.pk).auth_token == second


def test_a_second_token_can_be_dropped(owner: Client, shop: Account) -> None:
    again(owner, "/keys/token", shop).post("/keys/token/second")
    second = SecondaryToken.objects.get(account=shop).token
    owner.post("/keys/token/drop")
    assert [authenticate(shop.sid, token) for token in (shop.auth_token, second)] == [shop, None]


def test_without_a_second_token_nothing_is_promoted(owner: Client, shop: Account) -> None:
    assert again(owner, "/keys/token", shop).post("/keys/token/promote").status_code == 409
    assert authenticate(shop.sid, shop.auth_token) == shop
