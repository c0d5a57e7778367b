"""A new owner's report over HTTP: his own number only, once, for thirty days, and without callers or contents."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Account
from inventory.models import Did, UnwantedTraffic
from inventory.services import assignments
from tests.api.conftest import Caller
from tests.factories import DidFactory, NumberFactory

pytestmark = pytest.mark.django_db
NUMBER = 14155550123
PATH = f"/inventory/v1/Numbers/+{NUMBER}/UnwantedTraffic"
TOLD: dict[str, str] = {"Kind": "calls", "PerDay": "4"}


@pytest.fixture
def did(account: Account) -> Did:
    made: Did = DidFactory.create(account=account, number__e164=NUMBER, created_at=timezone.now() - timedelta(days=3))
    return made


def test_the_owner_reports_reads_it_again_and_reports_it_once(ada: Caller, did: Did) -> None:
    assert ada.get(PATH).status_code == 404
    answer = ada.post(PATH, TOLD | {"Note": "they ask for a dentist"})
    assert answer.status_code == 201
    told = answer.json()
    assert (told["number_sid"], told["account_sid"], told["phone_number"]) == (did.sid, ada.sid, f"+{NUMBER}")
    assert (told["kind"], told["per_day"], told["note"]) == ("calls", 4, "they ask for a dentist")
    assert told["since"] == did.created_at.date().isoformat()
    assert told["url"].endswith(PATH)
    again = ada.post(PATH, {"Kind": "both", "PerDay": "900"})
    assert (again.status_code, again.json()) == (201, told)
    assert ada.get(PATH).json() == told
    assert UnwantedTraffic.objects.count() == 1


def test_a_key_makes_the_same_answer_of_the_same_request(ada: Caller, did: Did) -> None:
    first, second = (ada.post(PATH, TOLD, **{"Idempotency-Key": "one"}) for _ in range(2))
    assert (first.status_code, second.status_code, second.json()) == (201, 201, first.json())


def test_somebody_elses_number_is_as_unknown_as_one_that_nobody_has(mallory: Caller, did: Did) -> None:
    NumberFactory.create(e164=14155550124)
    for number in (NUMBER, 14155550124, 14155550199):
        answer = mallory.post(f"/inventory/v1/Numbers/+{number}/UnwantedTraffic", TOLD)
        assert (answer.status_code, answer.json()["code"]) == (404, 20404)
    assert not UnwantedTraffic.objects.exists()


def test_who_gave_it_back_reports_and_reads_nothing(ada: Caller, did: Did) -> None:
    ada.post(PATH, TOLD)
    assignments.release(did=did, actor="account:AC")
    assert [ada.get(PATH).status_code, ada.post(PATH, TOLD).status_code] == [404, 404]


def test_after_thirty_days_it_is_too_late(ada: Caller, did: Did) -> None:
    Did.objects.update(created_at=timezone.now() - timedelta(days=31))
    answer = ada.post(PATH, TOLD)
    assert (answer.status_code, answer.json()["code"]) == (409, 20409)
    assert answer.json()["message"] == "Unwanted traffic can be reported for 30 days after the purchase"


@pytest.mark.parametrize(
    "wrong",
    [
        {"Kind": "spam"},
        {"Kind": ""},
        {"PerDay": "0"},
        {"PerDay": "1001"},
        {"PerDay": "some"},
        {"Since": "2026-02-30"},
        {"Since": "20260201"},
        {"Since": "2020-01-01"},
        {"Since": "2999-01-01"},
        {"Note": "x" * 161},
        {"Note": "it was +1 (415) 555-0123 again"},
    ],
    ids=lambda wrong: " ".join(f"{name} {value[:12]}" for name, value in wrong.items()),
)
def test_what_can_not_be_is_refused(ada: Caller, did: Did, wrong: dict[str, Any]) -> None:
    answer = ada.post(PATH, TOLD | wrong)
    assert (answer.status_code, answer.json()["code"]) == (400, 20001)
    assert not UnwantedTraffic.objects.exists()


@pytest.mark.parametrize("name", TOLD)
def test_what_is_needed_is_asked_for(ada: Caller, did: Did, name: str) -> None:
    answer = ada.post(PATH, {each: value for each, value in TOLD.items() if each != name})
    assert answer.json()["message"] == f"{name} is required"
