"""Declared, tested, observed: what happens where they disagree."""

from datetime import timedelta

import pytest
from django.utils import timezone

from inventory.lifecycle import IllegalMove, State
from inventory.models import BlockReason, DriftCase, DriftFinder, NumberBlock, PhoneNumber, Resolution
from inventory.models.quarantine import QuarantineSource
from inventory.quarantine.stays import enter
from inventory.quarantine.sweeps import clear_due, expire_due
from inventory.refusals import NothingToAccept
from inventory.services import assignments, drift, provider_releases, reservations
from inventory.services.testing import Measured, record_verdict
from tests.factories import DidFactory, HoldFactory, NumberFactory

pytestmark = pytest.mark.django_db

VOICE, SMS = 1, 2
SUITE = Measured(capabilities=VOICE, passed_tests=1)
WHO = {"actor": "user:a", "reason": "the provider says so"}


def failed_at_the_lab() -> DriftCase:
    """A number that is declared to carry messages, and doesn't."""
    number = NumberFactory.create(testing=True, declared_capabilities=VOICE | SMS)
    record_verdict(number.pk, passed=False, failing=["S01"], measured=SUITE, actor="lab:1")
    return DriftCase.objects.get(number=number)


def test_a_suite_that_does_not_prove_what_is_declared_opens_a_case() -> None:
    case = failed_at_the_lab()
    assert (case.found_by, case.declared, case.tested, case.resolution) == (DriftFinder.SUITE, 3, VOICE, "")
    assert case.number.blocked


def test_what_was_tested_is_accepted_and_then_sold_with_that() -> None:
    case = failed_at_the_lab()
    drift.accept(case, **WHO)
    number = PhoneNumber.objects.get(pk=case.number_id)
    assert (number.state, number.asked_capabilities) == (State.TESTING, VOICE)
    passed = record_verdict(number.pk, passed=True, measured=SUITE, actor="lab:1")
    assert (passed.state, passed.capabilities, passed.declared_capabilities) == (State.QUARANTINED, VOICE, VOICE | SMS)
    [case] = DriftCase.objects.all()
    assert (case.resolution, case.resolved_by, case.reason) == (Resolution.ACCEPTED, "user:a", "the provider says so")


def test_nothing_is_not_accepted() -> None:
    number = NumberFactory.create(testing=True)
    record_verdict(number.pk, passed=False, failing=["V01"], measured=Measured(), actor="lab:1")
    case = DriftCase.objects.get()
    with pytest.raises(NothingToAccept):
        drift.accept(case, **WHO)
    assert PhoneNumber.objects.get().state == State.FAILED


def test_a_repaired_number_is_asked_for_all_again() -> None:
    case = failed_at_the_lab()
    drift.accept(case, **WHO)
    record_verdict(case.number_id, passed=False, failing=["V01"], measured=Measured(), actor="lab:1")
    again = DriftCase.objects.get(resolution="")
    drift.repaired(again, **WHO)
    number = PhoneNumber.objects.get()
    assert (number.state, number.asked_capabilities) == (State.TESTING, VOICE | SMS)


def test_a_case_that_nobody_looked_at_ends_when_a_suite_proves_it_all() -> None:
    case = failed_at_the_lab()
    PhoneNumber.objects.update(state=State.TESTING)
    record_verdict(case.number_id, passed=True, measured=Measured(capabilities=3), actor="lab:1")
    case.refresh_from_db()
    assert case.resolution == Resolution.PROVED


def test_a_number_is_given_back() -> None:
    case = failed_at_the_lab()
    drift.give_back(case, **WHO)
    assert PhoneNumber.objects.get().state == State.RETURNED
    assert DriftCase.objects.get().resolution == Resolution.RETURNED


def test_a_second_failure_while_a_case_is_open_opens_no_other() -> None:
    case = failed_at_the_lab()
    PhoneNumber.objects.update(state=State.TESTING)
    record_verdict(case.number_id, passed=False, failing=["V01"], measured=Measured(), actor="lab:1")
    assert DriftCase.objects.get().tested == VOICE


def test_a_number_on_sale_is_blocked_while_its_case_is_open() -> None:
    number = NumberFactory.create(declared_capabilities=VOICE | SMS, capabilities=VOICE | SMS)
    record_verdict(number.pk, passed=False, failing=["S01"], measured=SUITE, actor="lab:1")
    assert PhoneNumber.objects.get().blocked
    assert not PhoneNumber.objects.on_sale().exists()
    drift.accept(DriftCase.objects.get(), **WHO)
    number.refresh_from_db()
    assert (number.state, number.blocked) == (State.TESTING, False)
    assert NumberBlock.objects.get().cleared_note == "what was tested is enough: the provider says so"


def test_a_number_in_service_keeps_all_it_has() -> None:
    number = DidFactory.create(number__declared_capabilities=VOICE | SMS).number
    record_verdict(number.pk, passed=False, failing=["S01"], measured=SUITE, actor="lab:1")
    case = DriftCase.objects.get()
    after = PhoneNumber.objects.get()
    assert (after.state, after.blocked, after.capabilities) == (State.IN_SERVICE, False, number.capabilities)
    with pytest.raises(IllegalMove):
        drift.give_back(case, **WHO)
    drift.accept(case, **WHO)
    assert PhoneNumber.objects.get().state == State.IN_SERVICE


def test_a_case_is_decided_once() -> None:
    case = failed_at_the_lab()
    drift.repaired(case, **WHO)
    drift.accept(case, actor="user:b", reason="too late")
    drift.give_back(case, actor="user:b", reason="too late")
    assert DriftCase.objects.get().resolved_by == "user:a"
    assert PhoneNumber.objects.get().state == State.TESTING


def its_clock_ran_out(number: PhoneNumber) -> None:
    PhoneNumber.objects.filter(pk=number.pk).update(due_at=timezone.now() - timedelta(seconds=1))


def refuted(number: PhoneNumber) -> PhoneNumber:
    """A suite proves only its voice."""
    record_verdict(number.pk, passed=False, failing=["S01"], measured=SUITE, actor="lab:1")
    return PhoneNumber.objects.get(pk=number.pk)


def test_what_rests_with_an_open_case_is_not_on_sale_when_it_is_clean() -> None:
    number = NumberFactory.create(quarantined=True)
    enter(number, source=QuarantineSource.RELEASED, since=timezone.now() - timedelta(days=60))
    refuted(number)
    its_clock_ran_out(number)
    assert clear_due(10) == 1
    assert not PhoneNumber.objects.on_sale().exists()


@pytest.mark.parametrize("how", ["the sweep", "its holder"])
def test_a_hold_that_ends_puts_no_number_with_an_open_case_on_sale(how: str) -> None:
    hold = HoldFactory.create()
    assert not refuted(hold.number).blocked, "its holder may buy it"
    if how == "the sweep":
        its_clock_ran_out(hold.number)
        assert reservations.lapse_due(limit=10) == 1
    else:
        reservations.release(reservation=hold.reservation)
    after = PhoneNumber.objects.get()
    assert (after.state, after.blocked) == (State.AVAILABLE, True)


def test_a_number_that_comes_back_from_a_customer_with_an_open_case_is_blocked() -> None:
    did = DidFactory.create()
    refuted(did.number)
    assignments.release(did=did, actor="test")
    its_clock_ran_out(did.number)
    assert expire_due(10) == 1
    after = PhoneNumber.objects.get()
    assert (after.state, after.blocked) == (State.QUARANTINED, True)


def test_a_second_failure_blocks_a_number_whose_case_is_older_than_that() -> None:
    number = NumberFactory.create()
    DriftCase.objects.create(number=number, found_by=DriftFinder.SUITE, declared=15, tested=VOICE, observed=0)
    assert refuted(number).blocked
    assert DriftCase.objects.count() == 1


def test_a_number_that_is_retired_has_no_open_case() -> None:
    case = failed_at_the_lab()
    provider_releases.retire(case.number_id, actor="user:b", reason="too dear")
    case.refresh_from_db()
    assert (case.resolution, case.resolved_by, case.reason) == (Resolution.RETURNED, "user:b", "too dear")


def test_what_was_accepted_takes_nothing_from_the_customer() -> None:
    number = DidFactory.create(number__declared_capabilities=3, number__capabilities=3).number
    refuted(number)
    drift.accept(DriftCase.objects.get(), **WHO)
    after = record_verdict(number.pk, passed=True, measured=SUITE, actor="lab:1")
    assert (after.capabilities, after.asked_capabilities) == (3, VOICE)


def test_what_was_accepted_while_it_was_held_is_not_sold_for_more_to_others() -> None:
    hold = HoldFactory.create(number__declared_capabilities=3, number__capabilities=3)
    refuted(hold.number)
    drift.accept(DriftCase.objects.get(), **WHO)
    assert PhoneNumber.objects.get().capabilities == 3
    its_clock_ran_out(hold.number)
    reservations.lapse_due(limit=10)
    assert PhoneNumber.objects.get().capabilities == VOICE


def test_what_was_accepted_in_quarantine_is_tested_before_it_is_sold() -> None:
    number = NumberFactory.create(quarantined=True)
    enter(number, source=QuarantineSource.RELEASED, since=timezone.now() - timedelta(days=130))
    refuted(number)
    drift.accept(DriftCase.objects.get(), **WHO)
    its_clock_ran_out(number)
    assert clear_due(10) == 1
    assert PhoneNumber.objects.get().state == State.TESTING


def test_traffic_and_a_suite_find_each_their_own() -> None:
    number = NumberFactory.create(declared_capabilities=3)
    seen = drift.open_case(number, found_by=DriftFinder.TRAFFIC, tested=3)
    assert refuted(number).blocked
    assert DriftCase.objects.count() == 2
    drift.accept(seen, **WHO)
    assert NumberBlock.objects.get(reason=BlockReason.DRIFT).cleared_at is None, "the suite's case is open"
