"""One number over HTTP: everything to the operator, to a customer its own time with it, to others nothing."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import Account
from inventory.lifecycle import State
from inventory.models import BlockReason, PhoneNumber
from inventory.services import assignments, blocks, provider_releases
from inventory.services.transition import record_birth
from testing_lab.models import Outcome, Purpose, Result, RunState, SuiteRun
from testing_lab.services import blocked
from tests.api.conftest import Caller
from tests.factories import AccountFactory, NumberFactory, ProviderFactory

pytestmark = pytest.mark.django_db
NUMBER = 14155550123
PATH = f"/inventory/v1/Numbers/+{NUMBER}"


@pytest.fixture
def number() -> PhoneNumber:
    """Born into the ledger before it was on sale."""
    row: PhoneNumber = NumberFactory.create(e164=NUMBER, provider=ProviderFactory.create(slug="tern"))
    row.state = State.SOURCED
    record_birth([row], actor="import:test", reason="a delivery")
    row.refresh_from_db()
    return row


@pytest.fixture
def operator(signed: Callable[[Account], Caller]) -> Caller:
    return signed(AccountFactory.create(is_operator=True))


def had_and_given_back(account: Account) -> datetime:
    """An instant of the time between."""
    did = assignments.buy(account=account, e164=NUMBER, settings={})
    at = timezone.now()
    assignments.release(did=did, actor="user:bea@example.com", reason="asked by telephone")
    return at


def at(moment: datetime) -> dict[str, str]:
    return {"At": moment.isoformat()}


def test_the_operator_is_told_everything_of_any_instant(
    operator: Caller, account: Account, number: PhoneNumber
) -> None:
    born = timezone.now()
    held = had_and_given_back(account)
    block = blocks.place(number=number, reason=BlockReason.FRAUD, actor="user:bea@example.com", note="robocalls")
    sourced, in_service, now = (operator.get(PATH, query).json() for query in (at(born), at(held), None))
    assert [each["state"] for each in (sourced, in_service, now)] == ["SOURCED", "IN_SERVICE", "RELEASED"]
    assert [each["account_sid"] for each in (sourced, in_service, now)] == [None, account.sid, account.sid]
    assert in_service["capabilities"]["tested"] == {"voice": True, "sms": True, "mms": True, "fax": True}
    assert in_service["operator"]["provider"] == "tern"
    assert in_service["operator"]["blocks"] == []
    assert now["operator"]["entry"]["reason"] == "asked by telephone"
    assert [each["id"] for each in now["operator"]["blocks"]] == [block.pk]


def test_a_customer_is_told_of_its_own_time_and_of_nothing_behind_it(
    ada: Caller, mallory: Caller, account: Account, number: PhoneNumber
) -> None:
    block = blocks.place(number=number, reason=BlockReason.LEGAL_HOLD, actor="user:a")
    blocks.clear(block=block, actor="user:a", note="over")
    before = timezone.now()
    held = had_and_given_back(account)
    answer = ada.get(PATH, at(held))
    assert answer.json()["account_sid"] == account.sid
    assert "operator" not in answer.json()
    assert b"bea@" not in ada.get(PATH).content
    assert ada.get(PATH).json()["state"] == "RELEASED"  # it may still take it back
    assert ada.get(PATH, at(before)).status_code == mallory.get(PATH, at(held)).status_code == 404


def test_what_was_another_customers_looks_like_a_number_that_never_was(
    mallory: Caller, account: Account, number: PhoneNumber
) -> None:
    held = had_and_given_back(account)
    unknown = mallory.get("/inventory/v1/Numbers/+14155559999", at(held)).json()
    foreign = mallory.get(PATH, at(held)).json()
    assert foreign["code"] == unknown["code"] == 20404
    assert foreign["message"].replace(str(NUMBER), "") == unknown["message"].replace("14155559999", "")


def test_the_answer_names_an_instant_that_can_be_asked_for_again(
    operator: Caller, account: Account, number: PhoneNumber
) -> None:
    had_and_given_back(account)
    now = operator.get(PATH).json()
    since = operator.get(PATH, {"At": now["date_since"]}).json()
    assert since["state"] == now["state"]
    a_moment_before = datetime.fromisoformat(now["date_since"]) - timedelta(microseconds=1)
    assert operator.get(PATH, at(a_moment_before)).json()["state"] == "IN_SERVICE"


def test_any_offset_is_read_and_a_plus_that_was_not_encoded_too(operator: Caller, number: PhoneNumber) -> None:
    now = timezone.now()
    for text in (f"{now:%Y-%m-%dT%H:%M:%S.%fZ}", (now + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%S.%f+02:00")):
        assert operator.get(f"{PATH}?At={text}").json()["date_at"] == now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@pytest.mark.parametrize(
    "text", ["yesterday", "2026-01-01T00:00:00", "2026-01-01", "0001-01-01T00:00:00+14:00", "2026-13-01T00:00:00Z", "1"]
)
def test_what_is_no_instant_is_refused(text: str, operator: Caller, number: PhoneNumber) -> None:
    answer = operator.get(PATH, {"At": text})
    assert (answer.status_code, answer.json()["code"]) == (400, 20001)


def test_the_future_is_not_told(operator: Caller, number: PhoneNumber) -> None:
    answer = operator.get(PATH, at(timezone.now() + timedelta(days=1)))
    assert (answer.status_code, answer.json()["message"]) == (400, "Invalid parameter At: it lies in the future")


def test_before_its_birth_the_operator_is_told_that_we_did_not_have_it(operator: Caller, number: PhoneNumber) -> None:
    answer = operator.get(PATH, at(datetime(2001, 1, 1, tzinfo=UTC)))
    assert (answer.status_code, answer.json()["message"]) == (404, f"+{NUMBER} was not in the stock at that time")


def test_the_operator_is_told_why_nobody_can_buy_a_number(operator: Caller, number: PhoneNumber) -> None:
    assert operator.get(f"{PATH}/Blockers").json()["blockers"] == []
    block = blocks.place(number=number, reason=BlockReason.FRAUD, actor="user:a", note="robocalls")
    PhoneNumber.objects.filter(pk=number.pk).update(passport_expires_at=timezone.now() - timedelta(days=1))
    run = SuiteRun.objects.create(number=number, purpose=Purpose.RETEST)
    answer = operator.get(f"{PATH}/Blockers").json()
    assert (answer["state"], answer["sellable"]) == ("AVAILABLE", False)
    passport, blocked = answer["blockers"]
    assert (passport["clears"], passport["evidence"]) == ("lab", {"run_sid": run.sid})
    assert (blocked["what"], blocked["clears"]) == ("blocked: fraud (robocalls)", "staff")
    assert blocked["evidence"] == {"block": block.pk}


def test_of_a_failed_number_it_is_told_which_tests_failed_and_what_they_found(operator: Caller) -> None:
    number = NumberFactory.create(e164=NUMBER, failed=True)
    run = SuiteRun.objects.create(
        number=number, state=RunState.DONE, passed=False, attempt=2, finished_at=timezone.now()
    )
    found = {"V01": Outcome.FAIL, "V02": Outcome.PASS, "S01": Outcome.FAIL}
    for code, outcome in found.items():
        detail = "no answer in 20 s" if code == "V01" else ""
        Result.objects.create(run=run, attempt=2, code=code, outcome=outcome, detail=detail)
    Result.objects.create(run=run, attempt=1, code="S02", outcome=Outcome.FAIL)
    answer = operator.get(f"{PATH}/Blockers").json()["blockers"][0]
    assert answer["evidence"]["run_sid"] == run.sid
    assert answer["evidence"]["failed_tests"] == [
        {"code": "S01", "reason": blocked.reason(Result.objects.get(code="S01"))},
        {"code": "V01", "reason": "no answer in 20 s"},
    ]
    assert answer["what"].startswith("failed S01")
    assert "V01" in answer["what"]
    assert "(no answer in 20 s)" in answer["what"]


def test_of_a_number_that_was_returned_its_last_life_is_told(operator: Caller, number: PhoneNumber) -> None:
    provider_releases.retire(number.pk, actor="user:a", reason="")
    [only] = operator.get(f"{PATH}/Blockers").json()["blockers"]
    assert (only["clears"], only["date_until"]) == ("nobody", None)


def test_no_customer_is_told_blockers_whether_the_number_is_there_or_not(ada: Caller, number: PhoneNumber) -> None:
    for path in (PATH, "/inventory/v1/Numbers/+14155559999"):
        answer = ada.get(f"{path}/Blockers")
        assert (answer.status_code, answer.json()["code"]) == (403, 20403)


def test_the_operator_finds_no_blockers_of_a_number_that_we_never_had(operator: Caller) -> None:
    assert operator.get("/inventory/v1/Numbers/+14155559999/Blockers").status_code == 404
