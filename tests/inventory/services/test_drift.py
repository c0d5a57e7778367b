"""Declared, tested, observed: what happens where they disagree."""

import pytest

from inventory.lifecycle import IllegalMove, State
from inventory.models import DriftCase, DriftFinder, NumberBlock, PhoneNumber, Resolution
from inventory.refusals import NothingToAccept
from inventory.services import drift
from inventory.services.testing import Measured, record_verdict
from tests.factories import DidFactory, NumberFactory

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
    assert not case.number.blocked, "it is off sale anyway"


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
