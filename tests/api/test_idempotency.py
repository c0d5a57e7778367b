"""Idempotency-Key: done once, answered alike, also when it happens at the same time or something breaks."""

import hashlib
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from accounts.models import Account, AccountStatus, ApiKey
from api import idempotency, tasks
from api.models import RememberedRequest
from inventory.models import Did
from inventory.services import assignments
from tests.api.conftest import Caller
from tests.api.test_incoming import NUMBERS, refused
from tests.factories import AccountFactory, DidFactory, NumberFactory

KEYS = "Keys.json"


@pytest.mark.django_db
def test_the_same_request_is_done_once_and_answered_twice(ada: Caller) -> None:
    first = ada.post(ada.of(KEYS), {"FriendlyName": "CI"}, Idempotency_Key="k1")
    again = ada.post(ada.of(KEYS), {"FriendlyName": "CI"}, Idempotency_Key="k1")
    assert (again.status_code, again.content) == (201, first.content)
    assert again["Idempotent-Replayed"] == "true"
    assert ApiKey.objects.count() == 1
    assert ada.post(ada.of(KEYS), {"FriendlyName": "CI"}, Idempotency_Key="k2").content != first.content


@pytest.mark.django_db
def test_a_refusal_is_remembered_too(ada: Caller) -> None:
    form = {"PhoneNumber": "+14155550001"}
    refused(ada.post(ada.of(NUMBERS), form, Idempotency_Key="k"), 21422)
    NumberFactory.create(e164=14155550001)
    refused(ada.post(ada.of(NUMBERS), form, Idempotency_Key="k"), 21422)
    assert ada.post(ada.of(NUMBERS), form, Idempotency_Key="another").status_code == 201


@pytest.mark.django_db
def test_other_parameters_or_another_path_under_the_same_key_are_20409(ada: Caller) -> None:
    ada.post(ada.of(KEYS), {"FriendlyName": "CI"}, Idempotency_Key="k")
    refused(ada.post(ada.of(KEYS), {"FriendlyName": "CD"}, Idempotency_Key="k"), 20409, 409)
    refused(ada.post(ada.of("SigningKeys.json"), {"FriendlyName": "CI"}, Idempotency_Key="k"), 20409, 409)


@pytest.mark.django_db
def test_keys_of_different_accounts_are_different_keys(ada: Caller, mallory: Caller) -> None:
    first = ada.post(ada.of(KEYS), Idempotency_Key="k").json()
    assert mallory.post(mallory.of(KEYS), Idempotency_Key="k").json()["sid"] != first["sid"]


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_bad_key_is_20001(ada: Caller, key: str) -> None:
    refused(ada.post(ada.of(KEYS), Idempotency_Key=key), 20001)


@pytest.mark.django_db
def test_a_lone_surrogate_under_a_key_is_20001(ada: Caller) -> None:
    answer = ada.post_json(ada.of(KEYS), b'{"FriendlyName": "\\ud800"}', Idempotency_Key="k")
    refused(answer, 20001)


@pytest.mark.django_db
def test_secrets_in_answers_are_not_readable_in_the_database(ada: Caller) -> None:
    secret = ada.post(ada.of(KEYS), Idempotency_Key="k").json()["secret"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT answer FROM api_rememberedrequest")
        assert secret not in cursor.fetchone()[0]


@pytest.mark.django_db
def test_keys_are_forgotten_after_a_day(ada: Caller) -> None:
    first = ada.post(ada.of(KEYS), Idempotency_Key="k").json()
    ada.post(ada.of(KEYS), Idempotency_Key="young")
    RememberedRequest.objects.filter(key="k").update(created_at=timezone.now() - timedelta(hours=25))
    assert ada.post(ada.of(KEYS), Idempotency_Key="k").json()["sid"] != first["sid"]
    RememberedRequest.objects.filter(key="k").update(created_at=timezone.now() - timedelta(hours=25))
    tasks.sweep_idempotency_keys()
    assert list(RememberedRequest.objects.values_list("key", flat=True)) == ["young"]


@pytest.mark.django_db(transaction=True)
def test_a_bug_is_forgotten_and_undone_so_that_a_retry_works(ada: Caller, account: Account) -> None:
    number = NumberFactory.create()
    form = {"PhoneNumber": str(number)}
    with patch.object(assignments, "_open_assignment", side_effect=RuntimeError):
        refused(ada.post(ada.of(NUMBERS), form, Idempotency_Key="k"), 20500, 500)
    assert not RememberedRequest.objects.exists()
    assert ada.post(ada.of(NUMBERS), form, Idempotency_Key="k").status_code == 201


@pytest.mark.django_db(transaction=True)
def test_a_crash_before_the_answer_leaves_nothing_half_done(ada: Caller, account: Account) -> None:
    """SIGKILL in the middle is a lost transaction: the key is stored, its answer is not, its lock is gone."""
    number = NumberFactory.create()
    form = {"PhoneNumber": str(number)}
    with patch("api.idempotency.orjson.dumps", side_effect=SystemExit), pytest.raises(SystemExit):
        ada.post(ada.of(NUMBERS), form, Idempotency_Key="k")
    assert not Did.objects.exists()
    assert RememberedRequest.objects.get().answer is None


@pytest.mark.django_db(transaction=True)
def test_a_purchase_of_whose_commit_nobody_heard_is_found_again_by_its_key(ada: Caller, account: Account) -> None:
    """The connection breaks between the commit and its answer: bought, and the client is told to try again."""
    form, buy, commit = {"PhoneNumber": str(NumberFactory.create())}, assignments.buy, connection.commit

    def unheard() -> None:
        commit()
        raise OperationalError("server closed the connection unexpectedly")

    with pytest.MonkeyPatch.context() as patched:

        def buy_and_break(**asked: Any) -> Did:
            patched.setattr(connection, "commit", unheard)
            return buy(**asked)

        patched.setattr(assignments, "buy", buy_and_break)
        refused(ada.post(ada.of(NUMBERS), form, Idempotency_Key="k"), 20503, 503)
    again = ada.post(ada.of(NUMBERS), form, Idempotency_Key="k")
    assert (again.status_code, again["Idempotent-Replayed"]) == (201, "true")
    assert again.json()["sid"] == Did.objects.get().sid


@pytest.mark.django_db(transaction=True)
def test_closing_under_a_key_commits_the_status_before_numbers_go_back(ada: Caller, account: Account) -> None:
    child = AccountFactory.create(parent=account)
    DidFactory.create(account=child)
    path, form = f"/2010-04-01/Accounts/{child.sid}.json", {"Status": "closed"}
    with patch.object(assignments, "release", side_effect=SystemExit), pytest.raises(SystemExit):
        ada.post(path, form, Idempotency_Key="k")
    child.refresh_from_db()
    assert child.status == AccountStatus.CLOSED
    assert ada.post(path, form, Idempotency_Key="k").status_code == 200
    assert not Did.objects.filter(account=child, ended_at=None).exists()
    assert ada.post(path, form, Idempotency_Key="k")["Idempotent-Replayed"] == "true"


@pytest.mark.django_db(transaction=True)
def test_duplicates_at_the_same_time_act_once(ada: Caller, account: Account) -> None:
    barrier = threading.Barrier(8)

    def post(_: int) -> int:
        barrier.wait()
        try:
            answer = ada.post(ada.of(KEYS), {"FriendlyName": "CI"}, Idempotency_Key="k")
            assert answer.status_code == 201 or answer["Retry-After"] == "1"
            return answer.status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(post, range(8)))
    assert set(statuses) <= {201, 409}
    assert 201 in statuses
    assert ApiKey.objects.count() == 1


@pytest.mark.django_db
def test_a_remembered_answer_forgets_what_is_erased(ada: Caller, account: Account) -> None:
    form, once = {"FriendlyName": "Quackenbush"}, {"Idempotency_Key": "k"}
    sid = ada.post(ada.of("Keys.json"), form, **once).json()["sid"]
    assert RememberedRequest.objects.get().about == sid
    idempotency.forget(account, [sid])
    refused(ada.post(ada.of("Keys.json"), form, **once), 20404, 404)


@pytest.mark.django_db
def test_what_a_request_had_in_it_cant_be_found_by_trying(ada: Caller) -> None:
    """A plain hash of a form with a name in it would be undone by a list of names."""
    ada.post(ada.of("Keys.json"), {"FriendlyName": "Quackenbush"}, Idempotency_Key="k")
    plain = hashlib.sha256(
        json.dumps(["POST", ada.of("Keys.json"), [("FriendlyName", ["Quackenbush"])]]).encode()
    ).digest()
    assert bytes(RememberedRequest.objects.get().fingerprint) != plain
