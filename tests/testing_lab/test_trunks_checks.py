"""Each further route is measured once a day with a good number, and what is found is not held against the number."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from inventory.lifecycle import State
from inventory.models import PhoneNumber
from inventory.services import sale_stops
from numbering.types import Capability
from testing_lab.findings import Finding, inconclusive
from testing_lab.models import Outcome, Passport, Purpose, RunState, SuiteRun, Trunk
from testing_lab.services import claims, sampling, trunk_checks, verdicts
from testing_lab.suite_runner import SuiteReport
from tests.factories import NumberFactory, ProviderFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def second() -> Trunk:
    Trunk.objects.create(name="first", preference=1)
    return Trunk.objects.create(name="second", address="198.51.100.7:5060", preference=2)


@pytest.fixture
def on_sale() -> PhoneNumber:
    number: PhoneNumber = NumberFactory.create(capabilities=int(Capability.VOICE))
    return number


def test_a_further_route_is_checked_once_a_day_and_the_first_never(second: Trunk, on_sale: PhoneNumber) -> None:
    assert [trunk_checks.open_checks(), trunk_checks.open_checks()] == [1, 0]
    run = SuiteRun.objects.get()
    assert (run.trunk, run.purpose, run.number, run.state) == (second, Purpose.ROUTE, on_sale, RunState.DUE)
    SuiteRun.objects.update(
        created_at=timezone.now() - timedelta(days=1, minutes=1),
        state=RunState.DONE,
        passed=True,
        finished_at=timezone.now(),
    )
    assert trunk_checks.open_checks() == 1


def test_without_a_good_number_there_is_no_check(second: Trunk, in_testing: Callable[..., PhoneNumber]) -> None:
    in_testing()
    NumberFactory.create(capabilities=int(Capability.SMS))
    assert trunk_checks.open_checks() == 0


def test_a_route_that_staff_switched_off_is_not_checked(second: Trunk, on_sale: PhoneNumber) -> None:
    Trunk.objects.filter(pk=second.pk).update(active=False)
    assert trunk_checks.open_checks() == 0


def test_what_is_blocked_or_stopped_from_sale_is_not_taken_for_good(second: Trunk) -> None:
    provider = ProviderFactory.create()
    NumberFactory.create(blocked=True)
    NumberFactory.create(provider=provider)
    sale_stops.place(provider=provider, country="US", actor="test", reason="out")
    assert trunk_checks.open_checks() == 0


def test_a_number_that_was_sold_since_is_not_called_and_its_run_bars_no_other(
    second: Trunk, on_sale: PhoneNumber
) -> None:
    trunk_checks.open_checks()
    PhoneNumber.objects.update(state=State.TESTING, due_at=None)
    assert claims.claim("lab-1", 1) == []
    assert sampling.drop_stale() == 1
    assert SuiteRun.objects.get().state == RunState.DROPPED


def test_a_number_that_is_still_good_waits_for_its_turn(second: Trunk, on_sale: PhoneNumber) -> None:
    trunk_checks.open_checks()
    assert sampling.drop_stale() == 0


def test_a_route_that_spoils_its_checks_does_not_keep_the_number(second: Trunk, on_sale: PhoneNumber) -> None:
    trunk_checks.open_checks()
    for _ in range(claims.MAX_TROUBLES_OF_A_ROUTE):
        SuiteRun.objects.update(due_at=timezone.now())
        [run] = claims.claim("lab-1", 1)
        verdicts.record(run, SuiteReport({"V01": inconclusive("no trunk")}, equipment_failed=True))
    assert SuiteRun.objects.get().state == RunState.DROPPED


def test_a_check_that_kills_every_daemon_is_dropped(second: Trunk, on_sale: PhoneNumber) -> None:
    trunk_checks.open_checks()
    for _ in range(claims.MAX_STRIKES):
        claims.claim("lab-1", 1)
        SuiteRun.objects.update(lease_until=timezone.now() - timedelta(minutes=5))
        claims.give_back_expired()
    assert SuiteRun.objects.get().state == RunState.DROPPED


def test_calls_alone_tell_of_a_route(second: Trunk, on_sale: PhoneNumber) -> None:
    trunk_checks.open_checks()
    [run] = claims.claim("lab-1", 1)
    codes = {test.code for test in trunk_checks.tests_of(run) or ()}
    assert {"V01", "V12", "V17"} < codes
    assert not codes & {"S01", "S02", "S03", "M01", "E01"}
    run.purpose = Purpose.SAMPLE
    assert trunk_checks.tests_of(run) is None


def test_whoever_is_quicker_leaves_no_check_to_open_and_no_error(
    second: Trunk, on_sale: PhoneNumber, monkeypatch: pytest.MonkeyPatch
) -> None:
    SuiteRun.objects.create(number=on_sale, purpose=Purpose.STAFF)
    monkeypatch.setattr(trunk_checks, "_good_number", lambda: on_sale)
    assert trunk_checks.open_checks() == 0
    gone = second.pk
    second.delete()
    assert not trunk_checks._open(gone)


def test_a_failure_is_the_routes_and_not_the_numbers(
    second: Trunk, on_sale: PhoneNumber, caplog: pytest.LogCaptureFixture
) -> None:
    trunk_checks.open_checks()
    [run] = claims.claim("lab-1", 1)
    report = SuiteReport({"V01": Finding(Outcome.FAIL)}, routes={"InboundCall": "second"})
    verdicts.record(run, report)
    run.refresh_from_db()
    on_sale.refresh_from_db()
    assert run.note == "a number that passed elsewhere fails over second: V01"
    assert run.note in caplog.text
    assert (on_sale.state, on_sale.capabilities) == (State.AVAILABLE, int(Capability.VOICE))
    assert (run.results.get().route, Passport.objects.exists()) == ("second", False)
