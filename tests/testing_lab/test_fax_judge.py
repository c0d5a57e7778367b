"""F01 at its limits."""

from dataclasses import replace

import pytest

from testing_lab.exchanges.fax_call import FaxCall
from testing_lab.fax.t30 import Progress
from testing_lab.line import Line
from testing_lab.models import Outcome
from testing_lab.suite.f01_fax import fax


@pytest.fixture
def call(line: Line) -> FaxCall:
    heard = Progress(["DIS", "CFR"]), Progress(["DCS", "DCN"], 1824)
    return FaxCall(
        line, 1, final_status=200, answered=True, cng_s=0.5, ced_s=3.0, offer_status=200, accepted=True, ready_s=3.1,
        caller_heard=heard[0], number_heard=heard[1],
    )  # fmt: skip


def test_a_call_that_comes_to_the_page_passes_with_the_seconds(call: FaxCall) -> None:
    finding = fax(call)
    assert (finding.outcome, finding.value) == (Outcome.PASS, 3.1)


@pytest.mark.parametrize(
    ("seen", "passes"),
    [
        ({"ced_s": 2.6}, True),
        ({"ced_s": 2.59}, False),
        ({"ced_s": None}, False),
        ({"cng_s": 0.425}, True),
        ({"cng_s": 0.42}, False),
        ({"offer_status": 202}, True),
        ({"offer_status": 488, "accepted": False, "ready_s": None}, False),
        ({"offer_status": None, "accepted": False, "ready_s": None}, False),
        ({"accepted": False, "ready_s": None}, False),
        ({"ready_s": None}, False),
        ({"page_came": True}, True),
        ({"page_came": False}, False),
    ],
)
def test_each_condition_decides(call: FaxCall, seen: dict[str, object], passes: bool) -> None:
    changed = replace(call, **seen)  # type: ignore[arg-type]  # by name
    assert fax(changed).outcome == (Outcome.PASS if passes else Outcome.FAIL)


@pytest.mark.parametrize("seen", [{"answered": False}, {"our_trouble": True}, {"ready_s": None, "sick": "stalled"}])
def test_our_own_trouble_and_a_call_that_is_not_answered_fail_nothing(call: FaxCall, seen: dict[str, object]) -> None:
    assert fax(replace(call, **seen)).outcome == Outcome.INCONCLUSIVE  # type: ignore[arg-type]  # by name


def test_a_sick_instrument_does_not_spoil_a_pass(call: FaxCall) -> None:
    assert fax(replace(call, sick="stalled")).outcome == Outcome.PASS
