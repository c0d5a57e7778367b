"""Buying, releasing, transferring: what each writes, and how it behaves when the row is locked."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AccountStatus
from inventory.lifecycle import State
from inventory.models import Assignment, Did, LifecycleEntry, PhoneNumber
from inventory.refusals import (
    AccountNotActive,
    FallbackWithoutVoiceUrl,
    NotAvailable,
    NotInService,
    ReceiverNotActive,
    TrialLimit,
)
from inventory.services import assignments, closing, stock_rows
from tests.factories import AccountFactory, DidFactory, HoldFactory, NumberFactory
from tests.inventory.conftest import while_we_wait


@pytest.mark.django_db
def test_a_purchase_writes_the_ledger_and_the_assignment() -> None:
    account, number = AccountFactory.create(), NumberFactory.create()
    did = assignments.buy(account=account, e164=number.e164, settings={})
    entries = list(LifecycleEntry.objects.filter(number=number).order_by("id").values_list("verb", "target", "actor"))
    assert entries == [
        ("reserve", State.RESERVED, f"account:{account.sid}"),
        ("assign", State.IN_SERVICE, f"account:{account.sid}"),
    ]
    assignment = Assignment.objects.get()
    assert (assignment.account, assignment.did, assignment.valid.upper) == (account, did, None)


@pytest.mark.django_db
@pytest.mark.parametrize("status", [AccountStatus.SUSPENDED, AccountStatus.CLOSED])
def test_an_account_that_is_not_active_buys_nothing(status: AccountStatus) -> None:
    child = AccountFactory.create(parent=AccountFactory.create(status=status))
    for account in (AccountFactory.create(status=status), child):
        with pytest.raises(AccountNotActive):
            assignments.buy(account=account, e164=NumberFactory.create().e164, settings={})


@pytest.mark.django_db
def test_a_trial_account_gets_no_second_number_in_any_way() -> None:
    parent = AccountFactory.create()
    trial = AccountFactory.create(parent=parent, is_trial=True)
    former, of_parent = DidFactory.create(account=trial), DidFactory.create(account=parent)
    assignments.release(did=former, actor="user:staff")
    held = HoldFactory.create(reservation__account=trial)
    only = assignments.buy(account=trial, e164=NumberFactory.create().e164, settings={})
    for e164 in (NumberFactory.create(area_code="415").e164, held.number.e164, former.number.e164):
        with pytest.raises(TrialLimit):
            assignments.buy(account=trial, e164=e164, settings={})
    with pytest.raises(TrialLimit):
        assignments.buy_in_area(account=trial, area_code="415", settings={})
    with pytest.raises(TrialLimit):
        assignments.transfer(did=of_parent, to=trial, by=parent)
    assert Did.objects.get(account=trial, ended_at=None) == only


@pytest.mark.django_db
def test_a_trial_account_may_buy_hold_or_reclaim_its_one_number() -> None:
    trial, number = AccountFactory.create(is_trial=True), NumberFactory.create()
    did = assignments.buy(account=trial, e164=number.e164, settings={})
    assert assignments.buy(account=trial, e164=number.e164, settings={"friendly_name": "Mine"}) == did
    assignments.release(did=did, actor="user:staff")
    assert assignments.buy(account=trial, e164=number.e164, settings={}) == did
    assignments.release(did=did, actor="user:staff")
    held = HoldFactory.create(reservation__account=trial)
    assert assignments.buy(account=trial, e164=held.number.e164, settings={}).number == held.number


@pytest.mark.django_db(transaction=True)
def test_of_two_purchases_of_a_trial_account_at_once_one_wins() -> None:
    trial, numbers, together = AccountFactory.create(is_trial=True), NumberFactory.create_batch(2), threading.Barrier(2)

    def buy(number: PhoneNumber) -> str:
        try:
            together.wait(10)
            assignments.buy(account=trial, e164=number.e164, settings={})
        except TrialLimit:
            return "refused"
        finally:
            connection.close()
        return "won"

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(buy, numbers)) == ["refused", "won"]
    assert Did.objects.filter(account=trial, ended_at=None).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_transfer_to_a_trial_account_waits_for_its_purchase() -> None:
    parent = AccountFactory.create()
    trial, did = AccountFactory.create(parent=parent, is_trial=True), DidFactory.create(account=parent)
    with pytest.raises(TrialLimit), while_we_wait(partial(assignments.transfer, did=did, to=trial, by=parent)):
        assignments.buy(account=trial, e164=NumberFactory.create().e164, settings={})
    did.refresh_from_db()
    assert did.account == parent


@pytest.mark.django_db
def test_a_hold_does_not_outlive_the_numbers_papers() -> None:
    hold = HoldFactory.create(number__passport_expires_at=timezone.now() - timedelta(minutes=1))
    with pytest.raises(NotAvailable):
        assignments.buy(account=hold.reservation.account, e164=hold.number.e164, settings={})


@pytest.mark.django_db
def test_reclaiming_restores_the_verdict_that_the_release_voided() -> None:
    verdict = datetime(2026, 3, 1, 12, tzinfo=UTC)
    did = DidFactory.create(number__cleared_at=verdict)
    assignments.release(did=did, actor="user:staff", reason="customer asked")
    again = assignments.buy(account=did.account, e164=did.number.e164, settings={"friendly_name": "Back"})
    assert (again.sid, again.friendly_name, again.ended_at) == (did.sid, "Back", None)
    assert PhoneNumber.objects.get(pk=did.number.pk).cleared_at == verdict


@pytest.mark.django_db
def test_who_held_the_number_at_any_time_is_answered() -> None:
    did = DidFactory.create()
    held = Assignment.objects.filter(number=did.number, valid__contains=timezone.now() - timedelta(minutes=30))
    assert [each.account for each in held] == [did.account]
    assignments.release(did=did, actor="user:staff")
    assert not Assignment.objects.filter(number=did.number, valid__upper_inf=True).exists()


@pytest.mark.django_db
def test_who_does_not_hold_the_number_any_more_changes_nothing_of_it() -> None:
    """The parent took it back between the request's first look and the lock."""
    parent = AccountFactory.create()
    child = AccountFactory.create(parent=parent)
    stale = DidFactory.create(account=child)
    assignments.transfer(did=Did.objects.get(pk=stale.pk), to=parent, by=parent)
    for receiver in (None, child, parent):
        with pytest.raises(NotInService):
            assignments.change(did=stale, settings={"voice_url": "https://a.example"}, to=receiver, by=child)
    with pytest.raises(NotInService):
        assignments.release(did=stale, actor="account:child")


@pytest.mark.django_db
def test_releasing_what_is_not_in_service_is_refused() -> None:
    did = DidFactory.create()
    assignments.release(did=did, actor="user:staff")
    with pytest.raises(NotInService):
        assignments.release(did=did, actor="user:staff")


@pytest.mark.django_db
def test_refused_settings_leave_a_transfer_undone() -> None:
    parent = AccountFactory.create()
    child, did = AccountFactory.create(parent=parent), DidFactory.create(account=parent)
    with pytest.raises(FallbackWithoutVoiceUrl):
        assignments.change(did=did, settings={"voice_fallback_url": "https://a.example"}, to=child, by=parent)
    did.refresh_from_db()
    assert did.account == parent


@pytest.mark.django_db
def test_a_transfer_leaves_no_gap_and_no_overlap() -> None:
    parent = AccountFactory.create()
    child, did = AccountFactory.create(parent=parent), DidFactory.create(account=parent)
    assignments.transfer(did=did, to=child, by=parent)
    before, after = Assignment.objects.filter(did=did).order_by("id")
    assert (before.account, after.account) == (parent, child)
    assert before.valid.upper == after.valid.lower
    assert PhoneNumber.objects.get(pk=did.number.pk).holder == child
    assert LifecycleEntry.objects.filter(number=did.number, verb="transfer").exists()


@pytest.mark.django_db(transaction=True)
def test_a_locked_number_is_a_clean_refusal_after_a_short_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stock_rows, "LOCK_TIMEOUT_MS", 100)
    account, number = AccountFactory.create(), NumberFactory.create()
    locked, done = threading.Event(), threading.Event()

    def hold_the_lock() -> None:
        with transaction.atomic():
            PhoneNumber.objects.select_for_update().get(pk=number.pk)
            locked.set()
            done.wait(10)
        connection.close()

    holder = threading.Thread(target=hold_the_lock)
    holder.start()
    locked.wait(10)
    try:
        with pytest.raises(NotAvailable):
            assignments.buy(account=account, e164=number.e164, settings={})
    finally:
        done.set()
        holder.join()
    assert assignments.buy(account=account, e164=number.e164, settings={}).number == number


@pytest.mark.django_db(transaction=True)
def test_whoever_waits_behind_a_lock_sees_what_happened_meanwhile() -> None:
    account, number = AccountFactory.create(), NumberFactory.create()
    locked = threading.Event()

    def buy_slowly() -> None:
        with transaction.atomic():
            assignments.buy(account=AccountFactory.create(), e164=number.e164, settings={})
            locked.set()
            threading.Event().wait(0.2)
        connection.close()

    winner = threading.Thread(target=buy_slowly)
    winner.start()
    locked.wait(10)
    with pytest.raises(NotAvailable):
        assignments.buy(account=account, e164=number.e164, settings={})
    winner.join()
    assert Did.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_purchase_on_its_way_while_the_account_is_closed_goes_back_too() -> None:
    child, number = AccountFactory.create(parent=AccountFactory.create()), NumberFactory.create()
    close = partial(closing.change_account, account=child, actor="user:staff", status=AccountStatus.CLOSED)
    with while_we_wait(close):
        assignments.buy(account=child, e164=number.e164, settings={})
    assert PhoneNumber.objects.get().state == State.RELEASED


@pytest.mark.django_db
@pytest.mark.parametrize("status", [AccountStatus.SUSPENDED, AccountStatus.CLOSED])
def test_an_account_that_changed_since_the_request_came_buys_and_receives_nothing(status: AccountStatus) -> None:
    parent = AccountFactory.create()
    child, kept = AccountFactory.create(parent=parent), DidFactory.create(account=parent)
    released = DidFactory.create(account=child)
    assignments.release(did=released, actor="user:staff")
    type(child).objects.filter(pk=child.pk).update(status=status)
    for e164 in (NumberFactory.create().e164, released.number.e164):
        with pytest.raises(AccountNotActive), transaction.atomic():
            assignments.buy(account=child, e164=e164, settings={})
    with pytest.raises(ReceiverNotActive):
        assignments.transfer(did=kept, to=child, by=parent)


@pytest.mark.django_db
def test_reclaiming_finds_the_did_by_the_ledger_and_reads_no_others() -> None:
    did = DidFactory.create()
    assignments.release(did=did, actor="user:staff")
    with CaptureQueriesContext(connection) as queries:
        assignments.buy(account=did.account, e164=did.number.e164, settings={})
    reads = [query["sql"] for query in queries if 'FROM "inventory_did"' in query["sql"]]
    assert len(reads) == 1
    assert f"\"sid\" = '{did.sid}'" in reads[0]


@pytest.mark.django_db
def test_the_sweep_finishes_the_closing_of_an_account() -> None:
    closed = AccountFactory.create(parent=AccountFactory.create(), status=AccountStatus.CLOSED)
    did, hold = DidFactory.create(account=closed), HoldFactory.create(reservation__account=closed)
    other = DidFactory.create()
    assert closing.finish_closing(10) == 1
    assert PhoneNumber.objects.get(pk=did.number.pk).state == State.RELEASED
    assert PhoneNumber.objects.get(pk=hold.number.pk).state == State.AVAILABLE
    assert PhoneNumber.objects.get(pk=other.number.pk).state == State.IN_SERVICE
    assert closing.finish_closing(10) == 0


@pytest.mark.django_db
def test_closing_again_finishes_what_a_crash_left() -> None:
    child = AccountFactory.create(parent=AccountFactory.create(), status=AccountStatus.CLOSED)
    did = DidFactory.create(account=child)
    closing.change_account(account=child, actor="user:staff", status=AccountStatus.CLOSED)
    assert PhoneNumber.objects.get(pk=did.number.pk).state == State.RELEASED
