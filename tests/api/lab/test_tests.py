"""Tests that customers order, over HTTP."""

from collections import Counter
from datetime import timedelta
from functools import partial

import httpx
import pytest
from django.conf import LazySettings
from django.db.models import F
from django.utils import timezone

from accounts.models import Account
from inventory.lifecycle import State
from inventory.models import Did, PhoneNumber
from inventory.services import assignments
from testing_lab.findings import failed, inconclusive
from testing_lab.models import Purpose, RunState, SuiteRun
from testing_lab.registry import all_tests
from testing_lab.services import claims, customer_tests
from tests.api.conftest import Caller
from tests.api.gunicorn import serving
from tests.api.lab.conftest import report, run_suite_on
from tests.api.test_incoming import refused
from tests.api.test_races import at_once
from tests.factories import DidFactory, NumberFactory
from tests.patience import PATIENCE

pytestmark = pytest.mark.django_db

TESTS = "/lab/v1/Tests"


@pytest.fixture
def mine(account: Account) -> PhoneNumber:
    """A number that Ada has in service."""
    number: PhoneNumber = DidFactory.create(account=account, number__e164=14155551234).number
    return number


def test_an_ordered_test_is_run_and_its_results_are_read(ada: Caller, mine: PhoneNumber) -> None:
    answer = ada.post(TESTS, {"PhoneNumber": str(mine)})
    assert answer.status_code == 201
    test = answer.json()
    assert (test["status"], test["verdict"], test["phone_number"]) == ("queued", None, str(mine))
    assert ada.get(test["url"]).json()["tests"] == []
    run = run_suite_on(mine, report(V05=failed(3.1)))
    assert (run.purpose, run.asked_by and run.asked_by.sid) == (Purpose.CUSTOMER, ada.sid)
    done = ada.get(test["url"]).json()
    assert (done["status"], done["verdict"]) == ("completed", "failed")
    assert len(done["tests"]) == len(all_tests())
    assert next(each for each in done["tests"] if each["code"] == "V05")["value"] == 3.1
    mine.refresh_from_db()
    assert (mine.state, mine.capabilities) == (State.IN_SERVICE, 15), "it finds out, and moves nothing"


def test_while_a_test_is_open_to_order_it_again_is_the_same_order(ada: Caller, mine: PhoneNumber) -> None:
    first = ada.post(TESTS, {"PhoneNumber": str(mine)}).json()
    assert ada.post(TESTS, {"PhoneNumber": str(mine)}).json() == first
    assert SuiteRun.objects.count() == 1


@pytest.mark.parametrize("state", [RunState.CLAIMED, RunState.STUCK])
def test_the_status_says_where_it_is(ada: Caller, mine: PhoneNumber, state: RunState) -> None:
    test = ada.post(TESTS, {"PhoneNumber": str(mine)}).json()
    lease = {"lease_until": F("created_at")} if state == RunState.CLAIMED else {}
    SuiteRun.objects.update(state=state, **lease)
    assert ada.get(test["url"]).json()["status"] == {"CLAIMED": "in-progress", "STUCK": "stuck"}[state]


def test_what_is_not_the_callers_is_not_tested_for_it(ada: Caller, mallory: Caller, mine: PhoneNumber) -> None:
    refused(mallory.post(TESTS, {"PhoneNumber": str(mine)}), 20404, 404)
    refused(ada.post(TESTS, {"PhoneNumber": str(NumberFactory.create())}), 20404, 404)
    refused(ada.post(TESTS, {"PhoneNumber": "+14155559999"}), 20404, 404)
    refused(ada.post(TESTS, {"PhoneNumber": "415"}), 21421)
    refused(ada.post(TESTS), 21421)
    assert not SuiteRun.objects.exists()


def test_an_order_is_its_accounts_alone(ada: Caller, mallory: Caller, mine: PhoneNumber) -> None:
    test = ada.post(TESTS, {"PhoneNumber": str(mine)}).json()
    refused(mallory.get(test["url"]), 20404, 404)
    assert mallory.get(TESTS).json()["tests"] == []
    refused(ada.get(f"{TESTS}/LT{'0' * 32}"), 20404, 404)
    of_staff = SuiteRun.objects.create(number=DidFactory.create(account__friendly_name="Eve").number)
    of_staff.refresh_from_db()
    refused(ada.get(f"{TESTS}/{of_staff.sid}"), 20404, 404)


def test_the_list_is_paged_and_narrowed_to_a_number(ada: Caller, account: Account, mine: PhoneNumber) -> None:
    for number in (mine, *(DidFactory.create(account=account).number for _ in range(2))):
        assert ada.post(TESTS, {"PhoneNumber": str(number)}).status_code == 201
    page = ada.get(TESTS, {"PageSize": "2"}).json()
    assert [len(page["tests"]), len(ada.get(page["meta"]["next_page_url"]).json()["tests"])] == [2, 1]
    assert [each["phone_number"] for each in ada.get(TESTS, {"PhoneNumber": str(mine)}).json()["tests"]] == [str(mine)]
    refused(ada.get(TESTS, {"PhoneNumber": "nonsense"}), 21421)


def test_what_the_lab_tests_for_itself_is_not_ordered_beside_it(ada: Caller, mine: PhoneNumber) -> None:
    SuiteRun.objects.create(number=mine, purpose=Purpose.SAMPLE)
    refused(ada.post(TESTS, {"PhoneNumber": str(mine)}), 20409, 409)


def test_a_quota_for_a_day_is_said_with_when_it_ends(
    ada: Caller, account: Account, mallory: Caller, outsider: Account, settings: LazySettings
) -> None:
    settings.LAB_TESTS_PER_DAY = 2
    numbers = [DidFactory.create(account=account).number for _ in range(3)]
    for number in numbers[:2]:
        assert ada.post(TESTS, {"PhoneNumber": str(number)}).status_code == 201
    answer = ada.post(TESTS, {"PhoneNumber": str(numbers[2])})
    refused(answer, 21429, 429)
    assert 86_000 < int(answer["Retry-After"]) <= 86_400
    assert ada.post(TESTS, {"PhoneNumber": str(numbers[0])}).status_code == 201, "an open order costs nothing"
    theirs = DidFactory.create(account=outsider).number
    assert mallory.post(TESTS, {"PhoneNumber": str(theirs)}).status_code == 201
    SuiteRun.objects.update(created_at=F("created_at") - timedelta(days=1))
    assert ada.post(TESTS, {"PhoneNumber": str(numbers[2])}).status_code == 201


def test_a_quota_of_none_lets_nobody_order(ada: Caller, mine: PhoneNumber, settings: LazySettings) -> None:
    settings.LAB_TESTS_PER_DAY = 0
    refused(ada.post(TESTS, {"PhoneNumber": str(mine)}), 21429, 429)


def order(client: httpx.Client, account: Account, number: PhoneNumber) -> str:
    """Order over HTTP; the answer's status."""
    signed = (account.sid, account.auth_token)
    return str(client.post(TESTS, data={"PhoneNumber": str(number)}, auth=signed).status_code)


@pytest.mark.django_db(transaction=True)
def test_64_orders_at_once_share_one_quota(account: Account) -> None:
    numbers = [DidFactory.create(account=account).number for _ in range(16)]
    with serving() as origin, httpx.Client(base_url=origin, timeout=PATIENCE) as client:
        outcomes = Counter(at_once([partial(order, client, account, numbers[turn % 16]) for turn in range(64)]))
    assert SuiteRun.objects.count() == 10
    assert set(outcomes) == {"201", "429"}
    assert outcomes["201"] == 40, "each of the ten that were opened was asked for four times"


def test_an_order_that_comes_to_nothing_is_dropped_and_may_be_made_again(ada: Caller, mine: PhoneNumber) -> None:
    first = ada.post(TESTS, {"PhoneNumber": str(mine)}).json()
    unclear = report(V01=inconclusive("nobody answered"))
    for _ in range(claims.MAX_STRIKES):
        SuiteRun.objects.update(due_at=timezone.now())
        run_suite_on(mine, unclear)
    assert ada.get(first["url"]).json()["status"] == "dropped"
    again = ada.post(TESTS, {"PhoneNumber": str(mine)}).json()
    assert (again["sid"] != first["sid"], again["status"]) == (True, "queued")


@pytest.mark.parametrize("state", [RunState.DUE, RunState.STUCK])
def test_an_order_for_a_number_that_was_given_up_is_dropped(ada: Caller, mine: PhoneNumber, state: RunState) -> None:
    test = ada.post(TESTS, {"PhoneNumber": str(mine)}).json()
    SuiteRun.objects.update(state=state)
    assignments.release(did=Did.objects.get(number=mine), actor="test")
    assert claims.claim("lab-1", 10) == [], "what is found now is not theirs to read"
    assert customer_tests.drop_stale() == 1
    assert ada.get(test["url"]).json()["status"] == "dropped"


def test_an_order_for_a_number_that_its_account_still_has_is_not_dropped(ada: Caller, mine: PhoneNumber) -> None:
    ada.post(TESTS, {"PhoneNumber": str(mine)})
    assert customer_tests.drop_stale() == 0
    assert len(claims.claim("lab-1", 10)) == 1
