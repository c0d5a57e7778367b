"""F01 over real sockets: every fault of faxes is found, and two machines come to be ready for a page."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
import yaml

from numbering.e164 import E164
from numbering.types import Capability
from testing_lab.equipment import Equipment
from testing_lab.exchanges.fax_call import FaxCall
from testing_lab.fax import spandsp
from testing_lab.fax.t30 import TCF_OCTETS_PER_STEP, TCF_STEPS
from testing_lab.line import Line
from testing_lab.models import Outcome
from testing_lab.registry import all_tests
from testing_lab.suite_runner import run_suite
from tests.carrier import RunningCarrier
from tests.testing_lab.test_against_a_carrier import (
    TRIES,
    break_number,
    carrier,
    equipment,
    inbound,
    numbers_of,
    reports_of,
    told,
)

__all__ = ["carrier", "inbound"]

ROWS: list[dict[str, Any]] = yaml.safe_load(Path("sandbox/data/faults.yaml").read_text())["numbers"]
FAULTS = [row for row in ROWS if row["needs"] == "fax"]
HEALTHY = 2

F01 = [test for test in all_tests() if test.code == "F01"]


def line(number: str, attempt: int) -> Line:
    return Line(E164.parse(number), E164.parse("+12025550142"), Capability.FAX, f"{number}.{attempt}")


async def test_every_fault_of_faxes_is_found_and_the_healthy_pass(
    carrier: RunningCarrier, inbound: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spandsp, "library", lambda: None)  # as on most systems
    numbers = await numbers_of(carrier, "gannet", "DE", len(FAULTS) + HEALTHY)
    for number, fault in zip(numbers, FAULTS, strict=False):
        await break_number(carrier, number, fault)
    async with equipment(carrier, inbound) as lab:
        reports = await reports_of(dict.fromkeys(numbers, F01), lab, line)
    outcomes = [reports[number].findings["F01"].outcome for number in numbers]
    assert outcomes == [Outcome.FAIL] * len(FAULTS) + [Outcome.PASS] * HEALTHY, [
        told(each) for each in reports.values()
    ]


async def a_call_in_peace(number: str, lab: Equipment) -> FaxCall:
    """One during which this machine was not too busy to keep the times of T.30; the last one if it always is."""
    for attempt in range(TRIES):
        seen = await FaxCall.perform(line(number, attempt), lab)
        if not seen.sick:
            break
    return seen


async def test_both_machines_hear_all_that_the_other_says(
    carrier: RunningCarrier, inbound: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spandsp, "library", lambda: None)
    [number] = await numbers_of(carrier, "gannet", "DE", 1)
    async with equipment(carrier, inbound) as lab:
        seen = await a_call_in_peace(number, lab)
    assert seen.ready_s is not None
    assert (seen.offer_status, seen.accepted) == (200, True)
    assert (seen.caller_heard.heard, seen.number_heard.heard) == (["DIS", "CFR"], ["DCS", "DCN"])
    assert seen.number_heard.training_octets == TCF_STEPS * TCF_OCTETS_PER_STEP
    assert "m=image" in seen.trace


@pytest.mark.usefixtures("fax_library")
async def test_a_page_passes_the_carrier(carrier: RunningCarrier, inbound: tuple[str, int]) -> None:
    [number] = await numbers_of(carrier, "gannet", "DE", 1)
    async with equipment(carrier, inbound) as lab:
        seen = await a_call_in_peace(number, lab)
    assert seen.page_came, (seen.caller_heard, seen.number_heard, seen.counts)


async def test_a_trunk_that_is_away_is_inconclusive(carrier: RunningCarrier, inbound: tuple[str, int]) -> None:
    [number] = await numbers_of(carrier, "gannet", "DE", 1)
    async with equipment(carrier, inbound) as lab:
        await asyncio.to_thread(carrier.kill)
        report = await run_suite(line(number, 0), lab, F01)
        await asyncio.to_thread(carrier.restart)
    assert (report.findings["F01"].outcome, report.our_trouble) == (Outcome.INCONCLUSIVE, True)
