"""The message tests over real sockets: every fault of messages that the sandbox has is found, and by no other test."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from numbering.e164 import E164
from numbering.types import Capability
from testing_lab.calculator import Calculator
from testing_lab.equipment import Equipment
from testing_lab.line import Line
from testing_lab.messages.link import SmscLink, SmscSettings
from testing_lab.messages.mms import MmsLink, MmsSettings
from testing_lab.models import Outcome
from testing_lab.registry import all_tests
from testing_lab.suite_runner import SuiteReport, run_suite
from tests.carrier import RunningCarrier, start_carrier
from tests.patience import PATIENCE, eventually
from tests.ports import reserve
from tests.testing_lab.limited import under
from tests.testing_lab.test_against_a_carrier import ROWS, break_number, buy_numbers, told

FAULTS: list[dict[str, Any]] = [row for row in ROWS if row["needs"] in ("sms", "mms")]
MESSAGES = [test for test in all_tests() if test.code[0] in "SM"]
OURS = {test.code for test in MESSAGES}
HEALTHY = 5


@pytest.fixture
def door() -> tuple[str, int]:
    """Where the lab will take multimedia messages."""
    return "127.0.0.1", reserve()


@pytest.fixture
def carrier(tmp_path: Path, door: tuple[str, int]) -> Iterator[RunningCarrier]:
    with start_carrier(tmp_path, inbound_mms=door) as running:
        yield running


@asynccontextmanager
async def equipment(carrier: RunningCarrier, door: tuple[str, int], **mms: Any) -> AsyncIterator[Equipment]:
    """A lab that places no calls."""
    fast = {"messages_per_second": 100.0, "answer_timeout": 10.0}
    smsc = SmscSettings(*carrier.smpp_address, carrier.system_id, carrier.password, **fast)  # type: ignore[arg-type]  # floats
    no_calls: dict[str, Any] = dict.fromkeys(("agent", "routes", "switchboard", "lag"))
    relay = MmsSettings(*door, carrier.mms_address, messages_per_second=50, **mms)
    async with AsyncExitStack() as stack:
        link, pictures = await stack.enter_async_context(SmscLink(smsc)), MmsLink(relay)
        await stack.enter_async_context(pictures)
        assert await link.wait_bound(PATIENCE)
        calculator = Calculator()
        stack.callback(calculator.close)
        yield Equipment(host="", smsc=link, calculator=calculator, mms=pictures, **no_calls)


def line(number: str) -> Line:
    return Line(E164.parse(number), E164.parse("+12025550142"), Capability.SMS | Capability.MMS, f"test:{number}")


def impatient(number: str, seconds: float) -> Line:
    """What does not come, or is not reported, is waited for as long as this."""
    waits = [("S03", "arrival_s"), ("S04", "arrival_s"), ("S05", "report_s"), ("M01", "arrival_s")]
    return under(line(number), dict.fromkeys(waits, seconds))


async def test_every_fault_of_messages_is_found_and_the_healthy_pass(
    carrier: RunningCarrier, door: tuple[str, int]
) -> None:
    numbers = await buy_numbers(carrier, len(FAULTS) + HEALTHY)
    for number, fault in zip(numbers, FAULTS, strict=False):
        await break_number(carrier, number, fault)
    async with equipment(carrier, door) as lab:
        reports = await asyncio.gather(*(run_suite(impatient(number, 30.0), lab, MESSAGES) for number in numbers))
    wrong = [told(report) for report in reports[len(FAULTS) :] if report.verdict is not True]
    for fault, report in zip(FAULTS, reports, strict=False):
        found, must = set(report.failing), set(fault["fails"]) & OURS
        if not must <= found or not found <= must | set(fault.get("may_fail", [])):
            wrong.append(f"{fault['kind']} {fault['severity']} should fail {must}: {told(report)}")
    assert not wrong, "\n".join(wrong)


async def test_a_conversion_that_the_carrier_documents_is_no_fault(
    carrier: RunningCarrier, door: tuple[str, int]
) -> None:
    severities = ("to_png", "smaller")
    numbers = await buy_numbers(carrier, len(severities) + 1)
    for number, severity in zip(numbers, severities, strict=False):
        await break_number(carrier, number, {"kind": "mms_transcoded", "severity": severity})
    await break_number(carrier, numbers[-1], {"kind": "mms_crossed", "severity": "stranger"})
    documented = frozenset({"image/jpeg", "image/png"})
    async with equipment(carrier, door, transcodes=documented) as lab:
        reports = await asyncio.gather(*(run_suite(line(n), lab, only("M01")) for n in numbers))
    outcomes = [report.findings["M01"].outcome for report in reports]
    assert outcomes == [Outcome.PASS, Outcome.PASS, Outcome.FAIL], "\n".join(map(told, reports))


@pytest.mark.parametrize("code", ["S03", "S04", "S05", "M01"])
async def test_a_carrier_that_is_away_fails_no_number(
    carrier: RunningCarrier, door: tuple[str, int], code: str
) -> None:
    [number] = await buy_numbers(carrier, 1)
    async with equipment(carrier, door) as lab:
        carrier.kill()
        report: SuiteReport = await run_suite(line(number), lab, only(code))
    assert (report.verdict, report.our_trouble) == (None, True), told(report)


async def test_a_carrier_that_dies_while_messages_are_under_way_fails_no_number(
    carrier: RunningCarrier, door: tuple[str, int]
) -> None:
    [number] = await buy_numbers(carrier, 1)
    await break_number(carrier, number, {"kind": "sms_late", "severity": "a_minute"})
    async with equipment(carrier, door) as lab:
        suite = asyncio.create_task(run_suite(impatient(number, 7.0), lab, only("S03", "S04", "S05")))
        await asyncio.to_thread(eventually, lambda: with_the_carrier(carrier) == 6)
        carrier.kill()
        report = await suite
    assert (report.verdict, report.our_trouble) == (None, True), told(report)


def with_the_carrier(carrier: RunningCarrier) -> int:
    """How many messages it has accepted."""
    answer = httpx.get(f"{carrier.http_url}/sandbox/v1/messages", headers=carrier.authorization, timeout=PATIENCE)
    return len(answer.raise_for_status().json()["messages"])


def only(*codes: str) -> list[Any]:
    return [test for test in MESSAGES if test.code in codes]
