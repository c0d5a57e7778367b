"""The sandbox's trunks as their owners may run them: with passwords, in pairs, out of order. No number suffers."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from testing_lab.equipment import Equipment
from testing_lab.exchanges.long_call import LongCall
from testing_lab.models import Outcome
from testing_lab.registry import all_tests
from testing_lab.sip import Credentials, UserAgent, sdp
from testing_lab.suite_runner import SuiteReport, run_suite
from testing_lab.trunks.limits import OwnLimits
from testing_lab.trunks.route import Route
from tests.carrier import Address, RunningCarrier, start_carrier
from tests.ports import reserve
from tests.testing_lab.exchanges.test_failover import BUSY
from tests.testing_lab.test_against_a_carrier import REFERENCES, buy_numbers, equipment, line, told

RIGHT, WRONG = Credentials("yard", "right"), Credentials("yard", "wrong")
SHORT = [test for test in all_tests() if LongCall not in test.exchanges]
REACH = [test for test in all_tests() if test.code == "V01"]
NOT_OVER_THE_SECOND = {"kind": "unreachable", "severity": "unassigned"}
ROWS = [NOT_OVER_THE_SECOND | {"parameters": {"status": 404, "reason": "Not Found", "trunk": "second"}}]


@pytest.fixture
def inbound() -> Address:
    return "127.0.0.1", reserve()


@pytest.fixture
def second() -> Address:
    return "127.0.0.1", reserve()


@pytest.fixture
def guarded(tmp_path: Path, inbound: Address) -> Iterator[RunningCarrier]:
    with start_carrier(
        tmp_path,
        inbound_sip=inbound,
        reference_numbers=REFERENCES,
        SANDBOX_SIP_USER="yard",
        SANDBOX_SIP_PASSWORD="right",
    ) as running:
        yield running


@pytest.fixture
def pair(tmp_path: Path, inbound: Address, second: Address) -> Iterator[RunningCarrier]:
    with start_carrier(
        tmp_path,
        inbound_sip=inbound,
        reference_numbers=REFERENCES,
        number_faults=ROWS,
        SANDBOX_SIP_SECOND="{}:{}".format(*second),
    ) as running:
        yield running


@asynccontextmanager
async def over_both(carrier: RunningCarrier, inbound: Address, second: Address) -> AsyncIterator[Equipment]:
    async with equipment(carrier, inbound) as lab:
        yield lab.over(*lab.routes, Route("second", second, OwnLimits(20)))


async def trouble(carrier: RunningCarrier, trunk: str, what: str | None) -> None:
    async with httpx.AsyncClient(base_url=carrier.http_url, headers=carrier.authorization) as client:
        answer = await client.put(f"/sandbox/v1/trunks/{trunk}/trouble", json={"trouble": what})
        answer.raise_for_status()


async def calls(carrier: RunningCarrier) -> list[dict[str, Any]]:
    async with httpx.AsyncClient(base_url=carrier.http_url, headers=carrier.authorization) as client:
        carried: list[dict[str, Any]] = (await client.get("/sandbox/v1/calls")).json()["calls"]
        return carried


async def until_judged(number: str, lab: Equipment) -> SuiteReport:
    """The whole suite but for the long call; again while this machine is too busy to measure."""
    for attempt in range(10):
        report = await run_suite(line(number, attempt), lab, SHORT)
        if report.verdict is not None:
            break
    return report


async def test_a_suite_passes_over_a_trunk_that_wants_a_password(guarded: RunningCarrier, inbound: Address) -> None:
    [number] = await buy_numbers(guarded, 1)
    async with equipment(guarded, inbound) as lab:
        lab.agent.log_in(guarded.sip_address, RIGHT)
        assert await lab.route.ask(lab.agent) == ""
        report = await until_judged(number, lab)
    assert report.verdict is True, told(report)


async def test_every_request_of_a_call_is_authorised_and_only_the_first_is_asked(
    guarded: RunningCarrier, inbound: Address
) -> None:
    [number] = await buy_numbers(guarded, 1)
    caller, callee = await UserAgent.start("127.0.0.1", 0), await UserAgent.start(*inbound)
    for agent in (caller, callee):
        agent.log_in(guarded.sip_address, RIGHT)
    offer = sdp.offer("127.0.0.1", 9)
    arrived = []

    async def answer(call: Any) -> None:
        arrived.append(call)
        await call.answer(sdp.answer(call.remote_sdp, "127.0.0.1", 9))

    callee.on_invite = answer
    call = await caller.invite(f"sip:{number}@sandbox", via=guarded.sip_address, caller="+12025550142", sdp=offer)
    assert (await call.final(30)).status == 200
    assert (await call.ask("UPDATE", timeout=30)).status == 200
    assert (await call.reinvite(offer)).status == 200
    assert (await arrived[0].bye(timeout=30)).status == 200  # from the end that was called
    said = b"".join({entry.data for entry in call.trace.entries})  # once, what a busy machine makes us say again
    assert [said.count(each) for each in (b" 407 ", b"nc=00000001,", b"nc=00000003,")] == [1, 2, 2], said
    await caller.close(0.1)
    await callee.close(0.1)


async def test_a_wrong_password_is_our_trouble_and_never_the_numbers(guarded: RunningCarrier, inbound: Address) -> None:
    [number] = await buy_numbers(guarded, 1)
    async with equipment(guarded, inbound) as lab:
        lab.agent.log_in(guarded.sip_address, WRONG)
        assert await lab.route.ask(lab.agent) == "407: it does not accept our user name and password"
        report = await run_suite(line(number), lab, REACH)
    assert (report.findings["V01"].outcome, report.our_trouble) == (Outcome.INCONCLUSIVE, True), told(report)
    assert await calls(guarded) == []


@pytest.mark.parametrize("what", ["down", "unavailable"])
async def test_the_second_route_carries_what_the_first_would_not(
    pair: RunningCarrier, inbound: Address, second: Address, what: str
) -> None:
    [number] = await buy_numbers(pair, 1)
    await trouble(pair, "first", what)
    async with over_both(pair, inbound, second) as lab:
        report = await run_suite(line(number), lab, [BUSY])
        assert report.findings["X01"].outcome == Outcome.PASS, told(report)
        assert report.routes == {"WithheldCall": "second"}
        for _ in range(2):
            lab.routes[0].health.note(await lab.routes[0].ask(lab.agent))
        assert not lab.routes[0].is_up
        report = await run_suite(line(number, 1), lab, [BUSY])
    assert (report.findings["X01"].outcome, report.passed_over) == (Outcome.PASS, {}), told(report)
    assert {call["trunk"] for call in await calls(pair)} == {"second"}


async def test_a_trunk_that_answers_too_late_is_down_until_it_answers_twice(
    pair: RunningCarrier, inbound: Address, second: Address
) -> None:
    async with over_both(pair, inbound, second) as lab:
        first = lab.route
        assert first.health.note(await first.ask(lab.agent))
        await trouble(pair, "first", "slow")
        assert [first.health.note(await first.ask(lab.agent)) for _ in range(2)] == [False, True]
        assert (first.is_up, [way.route.name for way in lab.ways()]) == (False, ["second"])
        await trouble(pair, "first", None)
        assert [first.health.note(await first.ask(lab.agent)) for _ in range(2)] == [False, True]
        assert first.is_up


async def test_a_number_that_passes_over_one_route_and_fails_over_the_other_is_told_as_such(
    pair: RunningCarrier, inbound: Address, second: Address
) -> None:
    [number] = await buy_numbers(pair, 1)
    async with httpx.AsyncClient(base_url=pair.http_url, headers=pair.authorization) as client:
        answer = await client.put(f"/sandbox/v1/numbers/{number}/fault", json=NOT_OVER_THE_SECOND)
        answer.raise_for_status()
    async with over_both(pair, inbound, second) as lab:
        found: dict[str, Outcome] = {}
        for attempt, route in enumerate(lab.routes):
            report = await run_suite(line(number, attempt), lab.over(route), REACH)
            found |= dict.fromkeys(report.routes.values(), report.findings["V01"].outcome)
    assert found == {"trunk": Outcome.PASS, "second": Outcome.FAIL}
