"""What staff may do: each verb is a service, wants a reason, and leaves a trace."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client

from inventory.lifecycle import State
from inventory.models import BlockReason, LifecycleEntry, NumberBlock, PhoneNumber, ProviderRelease
from inventory.services import blocks
from testing_lab.models import RunState, SuiteRun
from tests.factories import DidFactory, UserFactory

REASON = {"reason": "the customer complained"}


def do(number: PhoneNumber, verb: str) -> str:
    return f"/console/inventory/phonenumber/{number.pk}/do/{verb}/"


def test_retiring_moves_the_number_writes_the_ledger_and_tells_the_provider(staff: Client, number: PhoneNumber) -> None:
    staff.post(do(number, "retire"), REASON)
    number.refresh_from_db()
    assert number.state == State.RETURNED
    entry = LifecycleEntry.objects.get(number=number, verb="retire")
    assert (entry.actor, entry.reason) == ("user:staff@example.com", REASON["reason"])
    assert ProviderRelease.objects.filter(number=number).exists()
    assert REASON["reason"] in LogEntry.objects.get().change_message


def test_a_number_is_sent_to_the_lab(staff: Client, number: PhoneNumber) -> None:
    staff.post(do(number, "start_tests"), REASON)
    number.refresh_from_db()
    assert number.state == State.TESTING


def test_blocking_keeps_the_kind_the_reason_and_who(staff: Client, number: PhoneNumber) -> None:
    staff.post(do(number, "block"), {"kind": BlockReason.LEGAL_HOLD, **REASON})
    block = NumberBlock.objects.get(number=number)
    assert (block.reason, block.note, block.placed_by) == ("legal_hold", REASON["reason"], "user:staff@example.com")


def test_clearing_frees_the_number_and_the_reason_is_on_record(staff: Client, number: PhoneNumber) -> None:
    blocks.place(number=number, reason=BlockReason.FRAUD, actor="user:somebody")
    staff.post(do(number, "clear_blocks"), REASON)
    number.refresh_from_db()
    assert not number.blocked
    block = NumberBlock.objects.get(number=number)
    assert (block.cleared_by, block.cleared_note) == ("user:staff@example.com", REASON["reason"])
    assert REASON["reason"] in staff.get(f"/console/inventory/phonenumber/{number.pk}/change/").content.decode()
    assert LogEntry.objects.get().change_message.endswith(REASON["reason"])


def test_a_stuck_run_is_run_again(staff: Client, stuck_run: SuiteRun) -> None:
    staff.post(f"/console/testing_lab/suiterun/{stuck_run.pk}/do/rerun/", REASON)
    stuck_run.refresh_from_db()
    assert (stuck_run.state, stuck_run.note) == (RunState.DUE, "rerun by user:staff@example.com")


@pytest.mark.parametrize("given", [{}, {"reason": ""}, {"reason": "   "}, {"reason": "x" * 201}])
@pytest.mark.parametrize("verb", ["retire", "start_tests", "block"])
def test_nothing_happens_without_a_reason(staff: Client, number: PhoneNumber, verb: str, given: dict[str, str]) -> None:
    answer = staff.post(do(number, verb), {"kind": "fraud", **given})
    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()
    number.refresh_from_db()
    assert (number.state, number.blocked) == (State.AVAILABLE, False)


def test_looking_at_a_verb_does_nothing(staff: Client, number: PhoneNumber) -> None:
    answer = staff.get(do(number, "retire"))
    assert "goes back to its provider" in answer.content.decode()
    number.refresh_from_db()
    assert number.state == State.AVAILABLE


def test_a_verb_that_does_not_apply_is_not_there(staff: Client, number: PhoneNumber) -> None:
    in_service = DidFactory.create().number
    assert staff.post(do(in_service, "retire"), REASON).status_code == 404
    assert staff.post(do(number, "clear_blocks"), REASON).status_code == 404
    assert staff.post(do(number, "explode"), REASON).status_code == 404
    assert b"Retire" not in staff.get(f"/console/inventory/phonenumber/{in_service.pk}/change/").content


def test_who_may_only_look_may_not_do(number: PhoneNumber) -> None:
    viewer, client = UserFactory.create(is_staff=True), Client()
    viewer.user_permissions.add(Permission.objects.get(codename="view_phonenumber"))
    client.force_login(viewer)
    assert b"Retire" not in client.get(f"/console/inventory/phonenumber/{number.pk}/change/").content
    assert client.post(do(number, "retire"), REASON).status_code == 403
    number.refresh_from_db()
    assert number.state == State.AVAILABLE


def test_a_customer_may_do_nothing(customer: Client, number: PhoneNumber) -> None:
    assert customer.post(do(number, "retire"), REASON).status_code == 302
    number.refresh_from_db()
    assert number.state == State.AVAILABLE


def test_a_forged_form_is_refused(staff_user: object, number: PhoneNumber) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff_user)  # type: ignore[arg-type]  # the fixture's type is a forward reference here
    assert client.post(do(number, "retire"), REASON).status_code == 403


def test_a_number_that_moved_meanwhile_is_left_as_it_is(
    staff: Client, number: PhoneNumber, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the page and the service a sweep takes the number on: the service refuses, the page says so."""
    from inventory.services.transition import move

    def quicker(pk: int, *args: object, **details: str) -> PhoneNumber:
        move(pk, "start_tests", actor="sweep:retests")
        return move(pk, "retire", actor=details["actor"], reason=details["reason"])

    monkeypatch.setattr("inventory.services.provider_releases.retire", quicker)
    answer = staff.post(do(number, "retire"), REASON, follow=True)
    assert "Nothing was done" in answer.content.decode()
    number.refresh_from_db()
    assert number.state == State.TESTING
