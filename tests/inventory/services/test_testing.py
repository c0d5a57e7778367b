"""The hand-over to the lab and what its verdicts do."""

from datetime import timedelta

import pytest
from django.utils import timezone

from inventory import retests, tasks
from inventory.lifecycle import State
from inventory.models import LifecycleEntry, PhoneNumber, Quarantine
from inventory.services import reservations, testing
from inventory.services.testing import Measured, record_verdict, retest_due, send_to_lab, start_retests
from numbering.types import NumberType
from tests.factories import AccountFactory, DidFactory, HoldFactory, NumberFactory

pytestmark = pytest.mark.django_db


def test_received_numbers_go_to_the_lab_a_few_at_a_time() -> None:
    NumberFactory.create_batch(3, sourced=True)
    NumberFactory.create()
    assert [send_to_lab(2), send_to_lab(2), send_to_lab(2)] == [2, 1, 0]
    assert PhoneNumber.objects.filter(state=State.TESTING).count() == 3


def test_a_lab_with_a_long_queue_takes_no_more_numbers_off_sale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(testing, "BACKLOG", 3)
    NumberFactory.create_batch(5, due_at=timezone.now() - timedelta(seconds=1))
    NumberFactory.create_batch(5, sourced=True)
    assert [start_retests(500), start_retests(500)] == [3, 0]
    assert [send_to_lab(500), send_to_lab(500)] == [3, 0]  # neither kind keeps the other out
    assert PhoneNumber.objects.on_sale().count() == 2
    record_verdict(PhoneNumber.objects.filter(state=State.TESTING).earliest("pk").pk, passed=True, actor="lab:1")
    assert start_retests(500) == 1


def test_numbers_that_are_stuck_at_the_lab_keep_nobody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(testing, "BACKLOG", 3)
    monkeypatch.setattr(testing, "MOST_STUCK", 6)
    since = timezone.now() - testing.LONGEST - timedelta(seconds=1)
    NumberFactory.create_batch(4, testing=True, state_since=since)
    NumberFactory.create_batch(4, state=State.TESTING, state_since=since)  # clean: retests
    NumberFactory.create_batch(4, sourced=True)
    NumberFactory.create_batch(4, due_at=timezone.now() - timedelta(seconds=1))
    assert send_to_lab(500) == 3
    assert start_retests(500) == 2, "and with so many stuck, it is the lab: the rest stays on sale"


def test_a_new_number_that_passes_goes_to_quarantine_with_a_passport() -> None:
    number = NumberFactory.create(testing=True, declared_capabilities=7, capabilities=0)
    found = Measured(capabilities=3, passed_tests=5, mos=4.3, post_dial_delay=1.2)
    passed = record_verdict(number.pk, passed=True, measured=found, actor="lab:1", evidence={"run": "TR1"})
    stay = Quarantine.objects.get(number=number)
    assert (passed.state, passed.due_at) == (State.QUARANTINED, stay.earliest_at)
    assert (passed.declared_capabilities, passed.capabilities, passed.passed_tests) == (7, 3, 5)
    assert (passed.mos, passed.post_dial_delay) == (4.3, 1.2)
    assert passed.passport_expires_at
    assert abs(passed.passport_expires_at - timezone.now() - timedelta(days=30)) < timedelta(seconds=5)
    entry = LifecycleEntry.objects.get(number=number)
    assert (entry.verb, entry.rule, entry.data) == ("pass_tests", stay.rule, {"run": "TR1"})
    assert (stay.source, stay.entered_at) == ("onboarded_new", number.created_at or passed.created_at)


def test_a_clean_number_that_passes_its_retest_goes_straight_on_sale() -> None:
    number = NumberFactory.create(testing=True, cleared_at=timezone.now())
    passed = record_verdict(number.pk, passed=True, actor="lab:1")
    assert passed.state == State.AVAILABLE
    assert passed.passport_expires_at
    assert passed.due_at == retest_due(passed, passed.passport_expires_at) < passed.passport_expires_at
    assert not Quarantine.objects.exists()


def test_a_number_that_fails_carries_the_failing_tests() -> None:
    number = NumberFactory.create(testing=True, cleared_at=timezone.now())
    failed = record_verdict(number.pk, passed=False, failing=["V05", "V06"], actor="lab:1", evidence={"run": "TR1"})
    assert (failed.state, failed.capabilities, failed.passport_expires_at) == (State.FAILED, 0, None)
    entry = LifecycleEntry.objects.get(number=number)
    assert (entry.reason, entry.data) == ("failed V05, V06", {"run": "TR1", "failing": ["V05", "V06"]})


def test_a_suite_that_a_sold_number_passes_renews_its_passport_and_moves_nothing() -> None:
    did = DidFactory.create(number__passport_expires_at=timezone.now() + timedelta(days=1), number__capabilities=1)
    found = Measured(capabilities=3, passed_tests=5)
    number = record_verdict(did.number.pk, passed=True, measured=found, actor="lab:1")
    number.refresh_from_db()
    assert (number.state, number.capabilities, number.passed_tests) == (State.IN_SERVICE, 3, 5)
    assert number.passport_expires_at
    assert number.passport_expires_at > timezone.now() + timedelta(days=2)
    assert number.tested_at


def test_a_suite_that_a_sold_number_fails_takes_nothing_from_it() -> None:
    before = DidFactory.create().number
    record_verdict(before.pk, passed=False, failing=["V01"], measured=Measured(), actor="lab:1")
    after = PhoneNumber.objects.get(pk=before.pk)
    assert (after.state, after.capabilities, after.passport_expires_at) == (
        State.IN_SERVICE,
        before.capabilities,
        before.passport_expires_at,
    )


def test_a_verdict_that_comes_twice_does_nothing_the_second_time() -> None:
    number = NumberFactory.create(testing=True)
    record_verdict(number.pk, passed=True, actor="lab:1")
    again = record_verdict(number.pk, passed=False, failing=["V01"], actor="lab:1")
    assert again.state == State.QUARANTINED
    assert LifecycleEntry.objects.filter(number=number).count() == 1


def test_a_pass_with_failing_tests_is_refused() -> None:
    number = NumberFactory.create(testing=True)
    with pytest.raises(ValueError, match="V01"):
        record_verdict(number.pk, passed=True, failing=["V01"], actor="lab:1")


def test_a_number_back_on_sale_from_a_hold_is_still_retested_in_time() -> None:
    hold = HoldFactory.create()
    PhoneNumber.objects.update(due_at=timezone.now())
    assert reservations.lapse_due(limit=10) == 1
    number = PhoneNumber.objects.get(pk=hold.number.pk)
    assert number.passport_expires_at
    assert number.due_at == retest_due(number, number.passport_expires_at)


@pytest.mark.parametrize("kind", NumberType)
def test_every_kind_of_number_is_retested_at_its_own_pace(kind: NumberType) -> None:
    number = NumberFactory.create(testing=True, number_type=kind, cleared_at=timezone.now())
    passed = record_verdict(number.pk, passed=True, actor="lab:1")
    interval = retests.interval(number.country, kind, timezone.now().date())
    assert passed.passport_expires_at
    assert passed.due_at
    assert abs(passed.passport_expires_at - timezone.now() - interval) < timedelta(seconds=5)
    assert passed.passport_expires_at - passed.due_at == interval / 10
    holder = AccountFactory.create()
    reservations.reserve(account=holder, numbers=[passed.e164])
    PhoneNumber.objects.update(due_at=timezone.now())
    assert reservations.lapse_due(limit=10) == 1
    assert PhoneNumber.objects.get().due_at == passed.due_at, "the database computes the same clock"


def test_a_retest_takes_the_number_off_sale_when_its_clock_runs_out() -> None:
    due = NumberFactory.create(due_at=timezone.now() - timedelta(seconds=1))
    NumberFactory.create(due_at=timezone.now() + timedelta(hours=1))
    assert start_retests(10) == 1
    assert PhoneNumber.objects.get(state=State.TESTING) == due


@pytest.mark.parametrize("at_once", [1, 3])
def test_each_kind_gets_its_turn_in_the_lab_the_longest_waiting_first(at_once: int) -> None:
    kinds = [("US", "local")] * 3 + [("IE", "local"), ("IE", "mobile")]
    waiting = [
        NumberFactory.create(
            sourced=True, country=country, number_type=kind, state_since=timezone.now() - timedelta(minutes=30 - n)
        )
        for n, (country, kind) in enumerate(kinds)
    ]
    while send_to_lab(at_once) and PhoneNumber.objects.filter(state=State.TESTING).count() < 3:
        pass
    first = set(PhoneNumber.objects.filter(state=State.TESTING))
    assert first == {waiting[0], waiting[3], waiting[4]}


def test_no_delivery_is_so_large_that_it_hides_another_kind() -> None:
    many = NumberFactory.build_batch(6000, sourced=True, country="US", state_since=timezone.now() - timedelta(days=1))
    PhoneNumber.objects.bulk_create(many)
    late = [NumberFactory.create(sourced=True, country=country) for country in ("IE", "DE")]
    assert send_to_lab(10) == 10
    assert PhoneNumber.objects.filter(pk__in=[each.pk for each in late], state=State.TESTING).count() == 2


def test_a_kind_that_comes_after_a_large_delivery_finds_room_at_the_lab() -> None:
    NumberFactory.create_batch(2 * testing.BACKLOG, sourced=True, country="US")
    tasks.sweep_sourced()
    late = NumberFactory.create(sourced=True, country="IE")
    tasks.sweep_sourced()
    late.refresh_from_db()
    assert late.state == State.TESTING
