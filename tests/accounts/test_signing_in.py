"""Ten tries for an address in a quarter of an hour, at every door."""

from unittest.mock import patch
from uuid import uuid4

import pytest
import redis
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from accounts.signing_in import ADVICE, REST, TRIES

pytestmark = pytest.mark.django_db

DOORS = ["/sign-in", "/sign-in?next=/console/"]


@pytest.fixture
def staff() -> User:
    """Under an address that no other run has tried."""
    return User.objects.create_superuser(f"{uuid4()}@example.com", "password")


def tried(door: str, email: str, password: str) -> bool:
    """Whether one is in afterwards; what is shown otherwise says how often one may try."""
    client = Client()
    answer = client.post(door, {"login": email, "password": password})
    assert answer.status_code == 302 or str(ADVICE) in answer.content.decode()
    return "_auth_user_id" in client.session


@pytest.mark.parametrize("door", DOORS)
def test_after_ten_tries_the_password_helps_nobody_at_any_door(door: str, staff: User) -> None:
    for turn in range(TRIES):
        assert not tried(door, staff.email if turn % 2 else staff.email.upper(), "guessed")
    assert [tried(door, staff.email, "password") for door in DOORS] == [False, False]


def test_the_console_has_no_door_of_its_own(staff: User) -> None:
    client = Client()
    answer = client.post(
        "/console/login/?next=/console/", {"login": staff.email, "username": staff.email, "password": "password"}
    )
    assert answer["Location"] == "/sign-in?next=%2Fconsole%2F"
    assert "_auth_user_id" not in client.session


def test_who_is_signed_in_has_no_more_tries_to_say_the_password_again(staff: User) -> None:
    client = Client()
    client.force_login(staff)
    for _ in range(TRIES):
        client.post("/account/again", {"password": "guessed"})
    assert client.post("/account/again", {"password": "password"}).status_code == 200
    assert not tried("/sign-in", staff.email, "password")


def test_another_address_is_not_concerned(staff: User) -> None:
    for _ in range(TRIES + 1):
        tried("/sign-in", f"{uuid4()}@example.com", "guessed")
    assert tried("/sign-in", staff.email, "password")


def test_who_gets_in_has_ten_tries_again(staff: User) -> None:
    for _ in range(2):
        for _ in range(TRIES - 1):
            assert not tried("/sign-in", staff.email, "guessed")
        assert tried("/sign-in", staff.email, "password")


def test_the_rest_begins_with_the_first_try_and_is_not_drawn_out_by_others(staff: User) -> None:
    with patch.object(cache, "add", wraps=cache.add) as begun:
        for _ in range(3):
            tried("/sign-in", staff.email, "guessed")
    [key] = {call.args[0] for call in begun.call_args_list}
    server = redis.Redis.from_url(settings.CACHES["default"]["LOCATION"])
    server.expire(cache.make_key(key), 100)
    tried("/sign-in", staff.email, "guessed")
    assert 0 < server.ttl(cache.make_key(key)) <= 100 < REST.total_seconds()


def test_without_redis_people_still_get_in(staff: User) -> None:
    with patch.object(cache, "add", side_effect=redis.ConnectionError):
        assert tried("/sign-in", staff.email, "password")
        assert not tried("/sign-in", staff.email, "guessed")
