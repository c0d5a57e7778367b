"""Each further route is measured once a day with a good number, and what is found is not held against the number."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from inventory.lifecycle import State
from inventory.models import PhoneNumber
from numbering.types import Capability
from testing_lab.findings import Finding
from testing_lab.models import Outcome, Passport, Purpose, RunState, SuiteRun, Trunk
from testing_lab.services import claims, trunk_checks, verdicts
from testing_lab.suite_runner import SuiteReport
from tests.factories import NumberFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def second() -> Trunk:
    Trunk.objects.create(name="first", preference=1)
    return Trunk.objects.create(name="second", preference=2)


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
