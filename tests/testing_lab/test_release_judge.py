"""V11: a call that was hung up and one that was refused, judged together."""

import pytest

from testing_lab.exchanges.inbound_call import InboundCall
from testing_lab.exchanges.release import Release
from testing_lab.exchanges.withheld_call import WithheldCall
from testing_lab.findings import Finding
from testing_lab.line import Line
from testing_lab.models import Outcome
from testing_lab.registry import all_tests

HUNG_UP = Release(0.01, cause=16)
BUSY = 'Q.850;cause=17;text="User busy"'


def judge(line: Line, release: Release | None = HUNG_UP, *, status: int = 486, **seen: object) -> Finding:
    [test] = [test for test in all_tests() if test.code == "V11"]
    call = InboundCall(line, release=release, **seen)  # type: ignore[arg-type]  # fields of the observation
    return test.judge(call, WithheldCall(line, arrivals=1, final_status=status, reason=BUSY))


@pytest.mark.parametrize(
    ("release", "outcome"),
    [
        (HUNG_UP, Outcome.PASS),
        (Release(1.0, cause=16), Outcome.PASS),
        (Release(1.01, cause=16), Outcome.FAIL),
        (Release(0.1, cause=17), Outcome.FAIL),
        (Release(0.1), Outcome.FAIL),
        (Release(), Outcome.FAIL),
        (Release(unasked=True), Outcome.FAIL),
        (Release(unclear="event loop stalled"), Outcome.INCONCLUSIVE),
        (None, Outcome.INCONCLUSIVE),
    ],
)
def test_limits_of_the_release(line: Line, release: Release | None, outcome: Outcome) -> None:
    assert judge(line, release).outcome == outcome


def test_a_trunk_that_lost_the_call_is_our_trouble(line: Line) -> None:
    assert judge(line, Release(forgotten=True), our_trouble=True).outcome == Outcome.INCONCLUSIVE


def test_a_busy_that_becomes_something_else_fails_however_well_the_other_call_ended(line: Line) -> None:
    finding = judge(line, status=503)
    assert (finding.outcome, finding.value) == (Outcome.FAIL, 0.01)
    assert "busy became 503" in finding.detail


def test_one_failure_is_enough_though_the_other_call_tells_nothing(line: Line) -> None:
    assert judge(line, None, status=404).outcome == Outcome.FAIL
    assert judge(line, Release(), arrivals=1).detail == "our BYE did not reach the far end"


def test_what_passed_says_how_long_it_took_and_what_was_heard(line: Line) -> None:
    finding = judge(line)
    assert (finding.value, finding.detail) == (0.01, "hung up with cause 16, heard 16 after 0.01 s")
