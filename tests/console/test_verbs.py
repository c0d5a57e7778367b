"""What staff may do: each verb is a service, wants a reason, and leaves a trace."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts.models import Account, AccountStatus
from accounts.services import standing
from console.verbs import VerbsAdmin
from inventory.lifecycle import State
from inventory.models import BlockReason, LifecycleEntry, NumberBlock, PhoneNumber, Provider, ProviderRelease, SaleStop
from inventory.services import blocks
from inventory.services.transition import move
from testing_lab.models import Incident, RunState, SuiteRun
from tests.factories import AccountFactory, DidFactory, ProviderFactory, UserFactory

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
    page = staff.get(f"/console/inventory/phonenumber/{number.pk}/change/").content.decode()
    assert REASON["reason"].capitalize() in page
    assert LogEntry.objects.get().change_message.endswith(REASON["reason"])


def test_a_stuck_run_is_run_again(staff: Client, stuck_run: SuiteRun) -> None:
    staff.post(f"/console/testing_lab/suiterun/{stuck_run.pk}/do/rerun/", REASON)
    stuck_run.refresh_from_db()
    assert (stuck_run.state, stuck_run.note) == (RunState.DUE, "rerun by user:staff@example.com")


def test_an_account_is_suspended_reactivated_and_upgraded_each_with_its_reason(staff: Client) -> None:
    account = AccountFactory.create(is_trial=True)
    page = f"/console/accounts/account/{account.pk}"
    seen = []
    for verb in ("suspend", "reactivate", "upgrade"):
        assert f"{page}/do/{verb}/" in staff.get(f"{page}/change/").content.decode()
        staff.post(f"{page}/do/{verb}/", REASON)
        account.refresh_from_db()
        seen.append((account.status, account.suspended_by_operator, account.is_trial))
    assert seen == [("suspended", True, True), ("active", False, True), ("active", False, False)]
    words = [entry.change_message for entry in LogEntry.objects.order_by("pk")]
    assert words == [f"{verb}: {REASON['reason']}" for verb in ("Suspend", "Reactivate", "Upgrade")]


def test_an_account_that_was_closed_meanwhile_stays_closed(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    account = AccountFactory.create(status=AccountStatus.SUSPENDED)
    reactivate = standing.reactivate

    def after_the_closing(*, account: Account) -> None:
        Account.objects.filter(pk=account.pk).update(status=AccountStatus.CLOSED)
        reactivate(account=account)

    monkeypatch.setattr(standing, "reactivate", after_the_closing)
    answer = staff.post(f"/console/accounts/account/{account.pk}/do/reactivate/", REASON, follow=True)
    assert "Nothing was done" in answer.content.decode()
    assert not LogEntry.objects.exists()


def test_a_provider_is_paused_and_resumed(staff: Client) -> None:
    provider = ProviderFactory.create()
    page = f"/console/inventory/provider/{provider.pk}"
    for verb, other, active in (("pause", "resume", False), ("resume", "pause", True)):
        shown = staff.get(f"{page}/change/").content.decode()
        assert (f"/do/{verb}/" in shown, f"/do/{other}/" in shown) == (True, False)
        staff.post(f"{page}/do/{verb}/", REASON)
        assert Provider.objects.get().is_active is active
    assert LogEntry.objects.count() == 2


def test_staff_say_whether_a_provider_has_emergency_tests(staff: Client) -> None:
    provider = ProviderFactory.create(emergency_tests=False)
    for verb, there_are in (("emergency_tests", True), ("no_emergency_tests", False)):
        staff.post(f"/console/inventory/provider/{provider.pk}/do/{verb}/", REASON)
        assert Provider.objects.get().emergency_tests is there_are
    assert LogEntry.objects.count() == 2


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
    perform = VerbsAdmin._perform

    def after_the_sweep(*args: Any) -> HttpResponse:
        move(number.pk, "start_tests", actor="sweep:retests")
        return perform(*args)

    monkeypatch.setattr(VerbsAdmin, "_perform", after_the_sweep)
    answer = staff.post(do(number, "retire"), REASON, follow=True)
    assert "Nothing was done" in answer.content.decode()
    number.refresh_from_db()
    assert number.state == State.TESTING


def test_an_outage_is_noted_and_closed_with_a_reason(staff: Client, everything: dict[str, str]) -> None:
    incident = Incident.objects.get()
    page = f"/console/testing_lab/incident/{incident.pk}/do"
    staff.post(f"{page}/remark/", {"reason": "a fibre was cut"})
    staff.post(f"{page}/close/", {"reason": "it is mended"})
    incident.refresh_from_db()
    assert (incident.closed_by, incident.closed_note) == ("user:staff@example.com", "it is mended")
    history = list(incident.entries.order_by("pk").values_list("what", flat=True))
    assert history == ["opened", "a fibre was cut", "closed: it is mended"]
    assert staff.get(f"{page}/close/").status_code == 404


def test_a_stop_of_sale_is_lifted_with_its_reason(staff: Client) -> None:
    stop = SaleStop.objects.create(
        provider=ProviderFactory.create(), country="US", placed_by="user:ops", reason="unpaid bill"
    )
    staff.post(f"/console/inventory/salestop/{stop.pk}/do/lift/", REASON)
    stop.refresh_from_db()
    assert (stop.lifted_by, stop.lifted_note) == ("user:staff@example.com", REASON["reason"])


@pytest.mark.parametrize(("given", "since"), [("2026-01-14", "2026-01-14T00:00:00+00:00"), ("", None)])
def test_staff_say_since_when_the_lab_hears_a_provider(staff: Client, given: str, since: str | None) -> None:
    provider, before = ProviderFactory.create(), timezone.now()
    path = f"/console/inventory/provider/{provider.pk}/do/heard_by_lab/"
    staff.post(path, {"since": given, **REASON})
    provider.refresh_from_db()
    assert provider.heard_by_lab_since is not None
    assert provider.heard_by_lab_since.isoformat() == since if since else provider.heard_by_lab_since >= before
    staff.post(path.replace("heard_by_lab", "not_heard_by_lab"), REASON)
    provider.refresh_from_db()
    assert provider.heard_by_lab_since is None


def test_the_lab_heard_nobody_in_time_to_come(staff: Client) -> None:
    provider, ahead = ProviderFactory.create(), timezone.now() + timedelta(days=2)
    staff.post(f"/console/inventory/provider/{provider.pk}/do/heard_by_lab/", {"since": ahead.date(), **REASON})
    provider.refresh_from_db()
    assert provider.heard_by_lab_since is None


def undo_of(answer: Any) -> str:
    """Where the way back is offered; blank where none is."""
    found = re.search(r'href="([^"]+)">Undo</a>', answer.content.decode())
    return found.group(1) if found else ""


def test_a_block_is_taken_back_and_that_of_somebody_else_stays(staff: Client, number: PhoneNumber) -> None:
    other = blocks.place(number=number, reason=BlockReason.LEGAL_HOLD, actor="user:other@example.com")
    back = undo_of(staff.post(do(number, "block"), {"kind": "fraud", **REASON}, follow=True))
    assert back == do(number, "lift_block")
    assert back not in staff.get(f"/console/inventory/phonenumber/{number.pk}/change/").content.decode()
    staff.post(back, REASON)
    assert list(NumberBlock.objects.filter(cleared_at=None)) == [other]
    assert "no block of yours is open" in staff.post(back, REASON, follow=True).content.decode()


def test_cleared_blocks_are_put_back(staff: Client, number: PhoneNumber) -> None:
    blocks.place(number=number, reason=BlockReason.FRAUD, actor="user:other@example.com")
    back = undo_of(staff.post(do(number, "clear_blocks"), REASON, follow=True))
    staff.post(back, REASON)
    number.refresh_from_db()
    assert number.blocked
    said = [entry.change_message for entry in LogEntry.objects.order_by("pk")]
    assert said == [
        f"{label}: {REASON['reason']}" for label in ("Clear blocks", "Place the blocks again that you cleared")
    ]


def test_pauses_and_suspensions_offer_the_way_back_and_retiring_has_none(staff: Client, number: PhoneNumber) -> None:
    account = AccountFactory.create()
    assert number.provider
    provider = f"/console/inventory/provider/{number.provider.pk}/do"
    for there, back in ((f"{provider}/pause/", f"{provider}/resume/"), (f"{provider}/resume/", f"{provider}/pause/")):
        assert undo_of(staff.post(there, REASON, follow=True)) == back
    base = f"/console/accounts/account/{account.pk}/do"
    assert undo_of(staff.post(f"{base}/suspend/", REASON, follow=True)) == f"{base}/reactivate/"
    assert undo_of(staff.post(do(number, "retire"), REASON, follow=True)) == ""


def test_every_verb_that_undoes_is_one_of_the_same_page() -> None:
    for page in admin.site._registry.values():
        if isinstance(page, VerbsAdmin):
            names = {verb.name for verb in page.verbs}
            assert {verb.undone_by for verb in page.verbs} - {""} <= names
