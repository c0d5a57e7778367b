"""What staff do about a run: test again, or set the verdict; the number moves by its verbs, and nothing is silent."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from inventory.lifecycle import State
from inventory.models import DriftCase, DriftFinder, LifecycleEntry, PhoneNumber
from inventory.services import drift, reservations
from testing_lab.models import Passport, Purpose, RunState, SuiteRun, Trunk, VerdictOverride
from testing_lab.refusals import NotTheLatestRun, OutOfTheLabsReach, RunIsOpen, VerdictStands
from testing_lab.services import claims, staff, verdicts
from tests.factories import DidFactory, HoldFactory, NumberFactory
from tests.testing_lab.test_claims_and_verdicts import FAILED, PASSED, claimed

pytestmark = pytest.mark.django_db
ANNA = {"actor": "user:anna@example.com", "reason": "the carrier has repaired it"}


def over(number: PhoneNumber, *, passed: bool = False) -> SuiteRun:
    return SuiteRun.objects.create(
        number=number, state=RunState.DONE, passed=passed, attempt=1, finished_at=timezone.now()
    )


def stuck(number: PhoneNumber) -> SuiteRun:
    return SuiteRun.objects.create(number=number, state=RunState.STUCK, attempt=4, strikes=4)


def state(number: PhoneNumber) -> str:
    return PhoneNumber.objects.get(pk=number.pk).state


def entries(number: PhoneNumber) -> list[tuple[str, str, str]]:
    rows = LifecycleEntry.objects.filter(number=number).order_by("pk")
    return [(entry.verb, entry.actor, entry.reason) for entry in rows]


def test_a_failed_number_goes_to_the_lab_again_and_moves_by_the_verdict() -> None:
    number = NumberFactory.create(failed=True)
    opened = staff.run_again(over(number), **ANNA)
    assert (opened.purpose, opened.state, state(number)) == (Purpose.STAFF, RunState.DUE, State.TESTING)
    assert entries(number) == [("start_tests", ANNA["actor"], ANNA["reason"])]
    [run] = claims.claim("lab-1", 10)
    verdicts.record(run, PASSED)
    assert state(number) == State.QUARANTINED


@pytest.mark.parametrize("kind", ["quarantined", "available"])
def test_a_number_that_is_elsewhere_is_tested_where_it_is_and_stays_there(kind: str) -> None:
    number = NumberFactory.create(**({"quarantined": True} if kind == "quarantined" else {}))
    before = state(number)
    run = staff.run_again(over(number, passed=True), **ANNA)
    [claim] = claims.claim("lab-1", 10)
    assert claim.pk == run.pk
    verdicts.record(claim, FAILED)
    run.refresh_from_db()
    assert (state(number), run.passed, entries(number)) == (before, False, [])
    assert ANNA["reason"] in run.note


def test_a_number_has_one_open_run_whoever_asks() -> None:
    number = NumberFactory.create(testing=True)
    past = over(number)
    claims.open_runs(10)
    with pytest.raises(RunIsOpen):
        staff.run_again(past, **ANNA)
    with pytest.raises(RunIsOpen):
        staff.override(SuiteRun.objects.latest("pk"), passed=True, **ANNA)
    assert state(number) == State.TESTING


def test_a_stuck_run_starts_anew() -> None:
    run = stuck(NumberFactory.create(testing=True))
    assert staff.run_again(run, **ANNA) == run
    run.refresh_from_db()
    assert (run.state, run.strikes) == (RunState.DUE, 0)


def test_a_number_that_is_gone_is_not_tested() -> None:
    with pytest.raises(OutOfTheLabsReach):
        staff.run_again(over(NumberFactory.create(sourced=True, state=State.RETURNED)), **ANNA)
    assert SuiteRun.objects.count() == 1


@pytest.mark.parametrize(("passed", "state_after"), [(True, State.QUARANTINED), (False, State.FAILED)])
def test_the_verdict_of_a_stuck_run_moves_the_number_that_waits_for_it(passed: bool, state_after: State) -> None:
    number = NumberFactory.create(testing=True)
    run = stuck(number)
    row = staff.override(run, passed=passed, **ANNA)
    run.refresh_from_db()
    assert (run.state, run.passed, state(number)) == (RunState.DONE, passed, state_after)
    assert (row.was, row.actor, row.reason) == (None, ANNA["actor"], ANNA["reason"])
    [entered] = entries(number)
    assert entered[1:] == (ANNA["actor"], ANNA["reason"])
    [entry] = LifecycleEntry.objects.filter(number=number)
    assert entry.data == {"suite_run": run.pk, "override": row.pk}


def test_a_failed_number_that_staff_pass_goes_through_the_lab_on_paper_too() -> None:
    number = NumberFactory.create(failed=True)
    staff.override(over(number), passed=True, **ANNA)
    assert [verb for verb, *_ in entries(number)] == ["start_tests", "pass_tests"]
    assert {entry[1:] for entry in entries(number)} == {(ANNA["actor"], ANNA["reason"])}
    number.refresh_from_db()
    assert number.state == State.QUARANTINED
    assert number.passport_expires_at is not None


def test_a_number_on_sale_that_staff_fail_leaves_the_shop_window() -> None:
    number = NumberFactory.create()
    staff.override(over(number, passed=True), passed=False, **ANNA)
    number.refresh_from_db()
    assert (number.state, number.passport_expires_at) == (State.FAILED, None)


def test_a_customers_number_stays_his() -> None:
    number = DidFactory.create().number
    run = over(number, passed=True)
    staff.override(run, passed=False, **ANNA)
    run.refresh_from_db()
    assert (run.passed, state(number), entries(number)) == (False, State.IN_SERVICE, [])


def test_a_verdict_that_no_verb_leads_to_is_refused_and_nothing_is_written() -> None:
    number = NumberFactory.create(quarantined=True)
    run = over(number, passed=True)
    with pytest.raises(OutOfTheLabsReach):
        staff.override(run, passed=False, **ANNA)
    run.refresh_from_db()
    assert run.passed
    assert not VerdictOverride.objects.exists()


def test_an_old_run_has_no_say_and_a_verdict_that_stands_is_not_set_again() -> None:
    number = NumberFactory.create(failed=True)
    old, new = over(number, passed=True), over(number)
    with pytest.raises(NotTheLatestRun):
        staff.override(old, passed=False, **ANNA)
    with pytest.raises(VerdictStands):
        staff.override(new, passed=False, **ANNA)
    gone = over(NumberFactory.create(sourced=True, state=State.RETURNED))
    with pytest.raises(OutOfTheLabsReach):
        staff.override(gone, passed=True, **ANNA)
    assert not VerdictOverride.objects.exists()


def test_an_open_run_that_the_lab_works_on_is_left_to_it(in_testing: Callable[..., PhoneNumber]) -> None:
    with pytest.raises(RunIsOpen):
        staff.override(claimed(in_testing()), passed=True, **ANNA)


def paper(number: PhoneNumber) -> Passport:
    return Passport.objects.get(number=number)


def test_a_number_on_sale_that_staff_pass_is_sold_again() -> None:
    number = NumberFactory.create()
    drift.open_case(number, found_by=DriftFinder.SUITE, tested=1)
    staff.override(over(number), passed=True, **ANNA)
    number.refresh_from_db()
    assert (number.state, number.blocked, paper(number).tested) == (State.AVAILABLE, False, number.asked_capabilities)
    assert paper(number).expires_at == number.passport_expires_at
    assert not DriftCase.objects.filter(resolution="").exists()


def test_the_passport_of_a_customers_number_says_what_staff_say() -> None:
    number = DidFactory.create().number
    run = over(number, passed=True)
    staff.override(run, passed=False, **ANNA)
    assert (paper(number).tested, paper(number).expires_at) == (0, None)
    staff.override(run, passed=True, **ANNA)
    assert paper(number).tested == number.asked_capabilities
    assert paper(number).expires_at is not None


def test_a_reserved_number_that_staff_fail_is_not_on_sale_when_its_hold_ends() -> None:
    hold = HoldFactory.create()
    staff.override(over(hold.number, passed=True), passed=False, **ANNA)
    assert state(hold.number) == State.RESERVED
    reservations.release(reservation=hold.reservation)
    assert not PhoneNumber.objects.on_sale().exists()


def test_the_verdict_of_a_routes_run_is_the_routes() -> None:
    number = NumberFactory.create()
    trunk = Trunk.objects.create(name="second", preference=2)
    run = SuiteRun.objects.create(
        number=number, purpose=Purpose.ROUTE, trunk=trunk, state=RunState.DONE, passed=True, finished_at=timezone.now()
    )
    staff.override(run, passed=False, **ANNA)
    assert (state(number), Passport.objects.exists()) == (State.AVAILABLE, False)
