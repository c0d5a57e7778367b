"""A call that the first route would not have goes over the second, and what was found says over which route it was."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from numbering.e164 import E164
from numbering.types import Capability
from testing_lab.applicability import Demand
from testing_lab.equipment import Equipment
from testing_lab.exchanges.inbound_call import InboundCall
from testing_lab.exchanges.withheld_call import WithheldCall, judge_busy
from testing_lab.line import Line
from testing_lab.models import Outcome
from testing_lab.registry import LabTest
from testing_lab.sip import IncomingCall, UserAgent
from testing_lab.suite_runner import PAUSE_S, run_suite
from testing_lab.trunks.health import Health
from testing_lab.trunks.limits import OwnLimits
from testing_lab.trunks.route import Route
from tests.testing_lab.exchanges.test_placed_calls import refuses_as_the_far_end_does
from tests.testing_lab.sip.peer import ScriptedPeer

BUSY = LabTest("X01", "busy", (WithheldCall,), Demand(Capability.VOICE), "", "", "", judge_busy)


@pytest.fixture
async def second() -> AsyncIterator[UserAgent]:
    agent = await UserAgent.start("127.0.0.1", 0)
    yield agent
    await agent.close(grace=0.2)


@pytest.fixture
def both(lab: Equipment, trunk: UserAgent, second: UserAgent) -> Equipment:
    return lab.over(*(Route(name, agent.address, OwnLimits(1000)) for name, agent in _named(trunk, second)))


def _named(trunk: UserAgent, second: UserAgent) -> list[tuple[str, UserAgent]]:
    return [("first", trunk), ("second", second)]


@pytest.mark.parametrize("status", [500, 503, 401, 407])
async def test_what_the_first_route_refuses_for_its_own_reasons_goes_over_the_second(
    both: Equipment, line: Line, trunk: UserAgent, second: UserAgent, status: int
) -> None:
    trunk.on_invite = lambda call: call.reject(status)
    second.on_invite = refuses_as_the_far_end_does(second, both, "anonymous")
    report = await run_suite(line, both, [BUSY])
    assert (report.findings["X01"].outcome, report.routes) == (Outcome.PASS, {"WithheldCall": "second"})
    assert f"SIP/2.0 {status}" in report.passed_over["WithheldCall"][0].trace
    assert (report.our_trouble, report.sick) == (True, False)
    assert [route.in_doubt for route in both.routes] == [True, False]


async def test_a_route_that_says_nothing_at_all_is_given_up_for_the_second(
    both: Equipment, line: Line, second: UserAgent, far_end: ScriptedPeer
) -> None:
    second.on_invite = refuses_as_the_far_end_does(second, both, "anonymous")
    silent = Route("silent", far_end.address, OwnLimits(1000))
    report = await run_suite(line, both.over(silent, both.routes[1]), [BUSY])
    assert (report.findings["X01"].outcome, report.routes) == (Outcome.PASS, {"WithheldCall": "second"})


@pytest.mark.parametrize("status", [404, 480, 486, 603])
async def test_what_the_first_route_says_of_the_number_stands(
    both: Equipment, line: Line, trunk: UserAgent, second: UserAgent, status: int
) -> None:
    called: list[object] = []
    trunk.on_invite = lambda call: call.reject(status)
    second.on_invite = called.append  # type: ignore[assignment]  # it must not be called at all
    report = await run_suite(line, both, [BUSY])
    assert (report.routes, called, report.passed_over) == ({"WithheldCall": "first"}, [], {})


async def test_a_route_that_is_known_to_be_down_is_not_tried(
    both: Equipment, line: Line, trunk: UserAgent, second: UserAgent
) -> None:
    both.routes[0].health.note("no answer to OPTIONS")
    second.on_invite = refuses_as_the_far_end_does(second, both, "anonymous")
    report = await run_suite(line, both, [BUSY])
    assert (report.findings["X01"].outcome, report.passed_over) == (Outcome.PASS, {})


async def test_after_a_refusal_of_the_trunk_the_next_call_waits_and_other_numbers_are_looked_at(
    lab: Equipment, line: Line, trunk: UserAgent
) -> None:
    async def refuse(call: IncomingCall) -> None:
        came.append(asyncio.get_running_loop().time())
        await call.reject(503)

    came: list[float] = []
    trunk.on_invite = refuse
    two_calls = replace(BUSY, exchanges=(InboundCall, WithheldCall), judge=lambda _, third: judge_busy(third))
    alone = await run_suite(line, lab, [two_calls])
    assert came[1] - came[0] >= PAUSE_S
    [seen] = alone.observations["WithheldCall"]
    assert isinstance(seen, WithheldCall)
    assert not seen.others_refused
    other = await run_suite(replace(line, number=E164.parse("+14155550124")), lab, [BUSY])
    [seen] = other.observations["WithheldCall"]
    assert isinstance(seen, WithheldCall)
    assert seen.others_refused


async def test_when_no_route_will_have_the_call_it_is_our_trouble(
    both: Equipment, line: Line, trunk: UserAgent, second: UserAgent
) -> None:
    trunk.on_invite = second.on_invite = lambda call: call.reject(503)
    report = await run_suite(line, both, [BUSY])
    assert (report.findings["X01"].outcome, report.our_trouble) == (Outcome.INCONCLUSIVE, True)


async def test_a_lab_without_a_trunk_is_our_trouble(lab: Equipment, line: Line) -> None:
    report = await run_suite(line, lab.over(), [BUSY])
    assert (report.findings["X01"].outcome, report.our_trouble) == (Outcome.INCONCLUSIVE, True)


def test_one_lost_answer_closes_no_door_and_one_lucky_answer_opens_none() -> None:
    health = Health()
    told = [health.note(trouble) for trouble in ("", "silence", "", "silence", "silence", "", "silence", "", "")]
    assert told == [True, False, False, False, True, False, False, False, True]
    assert (health.is_up, health.trouble) == (True, "")


@pytest.mark.parametrize("trouble", ["", "silence"])
def test_the_first_answer_or_silence_decides(trouble: str) -> None:
    health = Health()
    assert health.note(trouble)
    assert health.is_up == (not trouble)


async def test_any_answer_to_options_tells_of_life_but_that_of_a_trunk_out_of_service(
    trunk: UserAgent, far_end: ScriptedPeer
) -> None:
    agent = await UserAgent.start("127.0.0.1", 0)
    assert await Route("first", trunk.address, OwnLimits(1)).ask(agent) == ""
    assert "OPTIONS" in await Route("silent", far_end.address, OwnLimits(1)).ask(agent)
    await agent.close(0.1)
