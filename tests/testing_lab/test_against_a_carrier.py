"""The suite over real sockets: every fault kind of the sandbox carrier is found by the tests that should find it."""

import asyncio
import os
import signal
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from django.test import override_settings

from inventory.models import Provider
from inventory.providers.sandbox import SandboxProvider
from numbering.e164 import E164
from numbering.types import Capability
from testing_lab.calculator import Calculator
from testing_lab.equipment import Equipment, Switchboard
from testing_lab.exchanges import inbound_call
from testing_lab.line import Line
from testing_lab.media.instrument import LoopLag
from testing_lab.messages.link import SmscLink, SmscSettings
from testing_lab.models import Outcome
from testing_lab.pace import Pace
from testing_lab.registry import LabTest, all_tests
from testing_lab.services.claims import MAX_STRIKES
from testing_lab.sip.agent import UserAgent
from testing_lab.sip.incoming import IncomingCall
from testing_lab.stir.certificates import Certificates
from testing_lab.suite_runner import SuiteReport, run_suite
from testing_lab.trunks.limits import OwnLimits
from testing_lab.trunks.route import Route
from tests.carrier import RunningCarrier, start_carrier
from tests.patience import PATIENCE
from tests.ports import reserve

ROWS: list[dict[str, Any]] = yaml.safe_load(Path("sandbox/data/faults.yaml").read_text())["numbers"]
FAULTS = [row for row in ROWS if row["needs"] == "voice"]  # others: test_messages_against_a_carrier, test_fax_...
OURS = {test.code for test in all_tests()}
LONG = {"V16", "V17"}
HEALTHY = 3  # of each duration
MOST_AT_ONCE, TRIES = 40, 4 * MAX_STRIKES
REFERENCES = ["+12025550142", "+13025550142", "+13075550187", "+12085550133"]  # one call at a time comes to each

Tests = Sequence[LabTest]
MakeLine = Callable[[str, int], Line]


class FastPace(Pace):
    """The lab's own, which begins with as many as it may have."""

    FIRST = MOST_AT_ONCE


@pytest.fixture
def inbound() -> tuple[str, int]:
    """Where the lab will listen: the carrier must know before the lab is up."""
    return "127.0.0.1", reserve()


@pytest.fixture
def carrier(tmp_path: Path, inbound: tuple[str, int]) -> Iterator[RunningCarrier]:
    with start_carrier(tmp_path, inbound_sip=inbound, reference_numbers=REFERENCES) as running:
        yield running


@asynccontextmanager
async def equipment(carrier: RunningCarrier, inbound: tuple[str, int]) -> AsyncIterator[Equipment]:
    agent, switchboard, lag = await UserAgent.start(*inbound), Switchboard(), LoopLag()
    agent.on_invite = switchboard.receive
    lag.start()
    door = (*carrier.smpp_address, carrier.system_id, carrier.password)
    link = SmscSettings(*door, messages_per_second=50, answer_timeout=10)
    async with SmscLink(link) as smsc:
        assert await smsc.wait_bound(PATIENCE)
        process = Calculator()
        certificates = Certificates([f"{carrier.http_url}/certificates/"])
        routes = [Route("trunk", carrier.sip_address, OwnLimits(20))]
        registrar = registrar_of(carrier)
        parts = (routes, switchboard, smsc, lag, process, certificates)
        yield Equipment(inbound[0], agent, *parts, emergency_addresses=lambda number: registrar)
        process.close()
    lag.stop()
    await agent.close()


def registrar_of(carrier: RunningCarrier) -> SandboxProvider:
    """Where the lab registers addresses: without a database, which the daemon asks for the number's provider."""
    with override_settings(SANDBOX_URL=carrier.http_url, SANDBOX_API_KEY=carrier.api_key):
        return SandboxProvider(Provider(slug="tern", adapter="sandbox"))


async def buy_numbers(carrier: RunningCarrier, count: int) -> list[str]:
    """Order US local numbers and wait until they are held."""
    return await numbers_of(carrier, "tern", "US", count)


async def numbers_of(carrier: RunningCarrier, slug: str, country: str, count: int) -> list[str]:
    """Likewise local numbers of a carrier and country."""
    base = f"{carrier.http_url}/carriers/{slug}/v1"
    async with httpx.AsyncClient(base_url=base, headers=carrier.authorization) as client:
        wanted: dict[str, str | int] = {"country": country, "type": "local", "limit": count}
        offers = (await client.get("/offers", params=wanted)).json()["offers"]
        numbers = [offer["number"] for offer in offers][:count]
        order = (await client.post("/orders", json={"client_reference": "lab", "numbers": numbers})).json()
        while order["state"] != "complete":
            await asyncio.sleep(0.1)
            order = (await client.get(f"/orders/{order['id']}")).json()
    return numbers


async def break_number(carrier: RunningCarrier, number: str, fault: dict[str, Any]) -> None:
    async with httpx.AsyncClient(base_url=carrier.http_url, headers=carrier.authorization) as client:
        body = {"kind": fault["kind"], "severity": fault["severity"]}
        (await client.put(f"/sandbox/v1/numbers/{number}/fault", json=body)).raise_for_status()


def line(number: str, attempt: int = 0) -> Line:
    sold, reference = Capability.VOICE | Capability.SMS, REFERENCES[int(number) % len(REFERENCES)]
    return Line(E164.parse(number), E164.parse(reference), sold, f"test:{number}.{attempt}")


async def reports_of(tests: dict[str, Tests], lab: Equipment, make: MakeLine = line) -> dict[str, SuiteReport]:
    """As the daemon does: what is inconclusive is tried again, and fewer at once if this machine was too busy."""
    reports: dict[str, SuiteReport] = {}
    waiting, tries, pace = deque(tests), Counter[str](), FastPace(MOST_AT_ONCE)
    running: dict[asyncio.Task[SuiteReport], str] = {}
    while waiting or running:
        while waiting and len(running) < pace.room:
            number = waiting.popleft()
            suite = run_suite(make(number, tries[number]), lab, tests[number])
            running[asyncio.create_task(suite)] = number
            tries[number] += 1
        done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            number, report = running.pop(task), task.result()
            reports[number] = report
            again = not is_judged(report)
            pace.note(sick=again and report.our_trouble)
            waiting.extend([number] if again and tries[number] < TRIES else [])
    return reports


def is_judged(report: SuiteReport) -> bool:
    """Whether there is a verdict, and no test went without one because this machine was too busy to measure."""
    sick = any(finding.detail.startswith("instrument:") for finding in report.findings.values())
    return report.verdict is not None and not sick


def told(report: SuiteReport) -> str:
    return "; ".join(f"{code} {f.outcome} {f.value} {f.detail}" for code, f in report.findings.items())


@pytest.mark.parametrize("duration", ["short", "long"])
async def test_every_fault_is_found_and_the_healthy_pass(
    carrier: RunningCarrier, inbound: tuple[str, int], duration: str
) -> None:
    """A call that is held for 50 s is placed where a fault is about that, and on healthy numbers."""
    is_long = duration == "long"
    faults = [fault for fault in FAULTS if is_long == bool(set(fault["fails"]) & LONG)]
    tests = [test for test in all_tests() if is_long or test.code not in LONG]
    numbers = await buy_numbers(carrier, len(faults) + HEALTHY)
    for number, fault in zip(numbers, faults, strict=False):
        await break_number(carrier, number, fault)
    async with equipment(carrier, inbound) as lab:
        reports = await reports_of(dict.fromkeys(numbers, tests), lab)
    wrong = [told(reports[number]) for number in numbers[len(faults) :] if reports[number].verdict is not True]
    for fault, number in zip(faults, numbers, strict=False):
        report = reports[number]
        found, must = set(report.failing), set(fault["fails"]) & OURS
        if not must <= found or not found <= must | set(fault.get("may_fail", [])):
            wrong.append(f"{fault['kind']} {fault['severity']} should fail {must}: {told(report)}")
    assert not wrong, "\n".join(wrong)


async def test_an_smsc_that_is_away_is_inconclusive(carrier: RunningCarrier, inbound: tuple[str, int]) -> None:
    [number] = await buy_numbers(carrier, 1)
    async with equipment(carrier, inbound) as lab:
        carrier.kill()
        report = await run_suite(line(number), lab, [test for test in all_tests() if test.code == "S01"])
        carrier.restart()
    assert report.findings["S01"].outcome == Outcome.INCONCLUSIVE, told(report)


async def test_a_trunk_that_is_down_is_our_trouble_and_fails_no_number(
    carrier: RunningCarrier, inbound: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbound_call, "ANSWER_LIMIT_S", 10.0)
    [number] = await buy_numbers(carrier, 1)
    async with equipment(carrier, inbound) as lab:
        carrier.kill()
        report = await run_suite(line(number), lab, [test for test in all_tests() if test.code in ("S01", "V01")])
        carrier.restart()
    assert report.verdict is None, told(report)
    assert report.our_trouble


@pytest.mark.parametrize("moment", ["ringing", "talking"])
async def test_a_trunk_that_is_restarted_in_the_middle_of_a_call_fails_no_number(
    carrier: RunningCarrier, inbound: tuple[str, int], moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbound_call, "ANSWER_LIMIT_S", 5.0)
    [number] = await buy_numbers(carrier, 1)
    voice = [test for test in all_tests() if test.exchanges == (inbound_call.InboundCall,)]
    async with equipment(carrier, inbound) as lab:
        suite = asyncio.create_task(run_suite(line(number), lab, voice))
        await until(lambda: any(stands(call) == (moment == "talking") for call in arrived(lab)))
        await asyncio.to_thread(carrier.kill)
        await asyncio.to_thread(carrier.restart)
        report = await suite
    assert (report.verdict, report.our_trouble) == (None, True), told(report)


def arrived(lab: Equipment) -> list[IncomingCall]:
    return [call for call in lab.agent.calls if isinstance(call, IncomingCall)]


def stands(call: IncomingCall) -> bool:
    return any(entry.direction == "received" and entry.data.startswith(b"ACK ") for entry in call.trace.entries)


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not happened():
            await asyncio.sleep(0.02)


async def test_a_dead_calculator_is_replaced_and_fails_no_number(
    carrier: RunningCarrier, inbound: tuple[str, int]
) -> None:
    [number] = await buy_numbers(carrier, 1)
    voice = [test for test in all_tests() if test.code in ("V04", "V06")]
    async with equipment(carrier, inbound) as lab:
        os.kill(await lab.calculator.run(os.getpid), signal.SIGKILL)
        report = await run_suite(line(number), lab, voice)
        assert (report.verdict, report.our_trouble) == (None, True), told(report)
        assert await lab.calculator.run(os.getpid) > 0
