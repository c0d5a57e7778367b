"""Numbers with a passport, as the lab leaves them."""

from collections.abc import Callable
from typing import Self

import pytest

from inventory.lifecycle import State
from inventory.models import PhoneNumber
from testing_lab.equipment import Equipment
from testing_lab.findings import Finding, not_applicable, passed
from testing_lab.line import Line
from testing_lab.models import SuiteRun
from testing_lab.registry import all_tests
from testing_lab.services import claims, verdicts
from testing_lab.suite_runner import SuiteReport
from tests.factories import NumberFactory

Tested = Callable[..., PhoneNumber]
MEASURED = {"V01": passed(1.0), "V02": passed(1.25), "V05": passed(4.31), "V15": not_applicable()}


class Seen:
    """An observation as exchanges make them."""

    our_trouble = False
    trace = "INVITE sip:+14155551234@lab SIP/2.0"

    def __init__(self) -> None:
        self.packets: dict[str, object] = {}

    @classmethod
    async def perform(cls, line: Line, lab: Equipment) -> Self:
        return cls()


def report(**findings: Finding) -> SuiteReport:
    """A full suite that was passed, but for what is given."""
    everything = {test.code: passed() for test in all_tests()} | MEASURED | findings
    return SuiteReport(everything, {"InboundCall": [Seen()]})


def run_suite_on(number: PhoneNumber, found: SuiteReport) -> SuiteRun:
    """What the daemon does with the number's next run."""
    claims.open_runs(10)
    [run] = claims.claim("lab-1", 10)
    assert run.number == number
    verdicts.record(run, found)
    run.refresh_from_db()
    return run


@pytest.fixture
def tested() -> Tested:
    """A number that has just been tested; clean before, so it goes on sale if it passes."""

    def make(e164: int = 14155551234, **findings: Finding) -> PhoneNumber:
        number = NumberFactory.create(e164=e164, state=State.TESTING)
        run_suite_on(number, report(**findings))
        number.refresh_from_db()
        return number

    return make
