"""SIPp as the other side, by the rules and at their edges: RFC 3261 and the extensions that carriers use.

The strangers are in `callees_...` and `callers`; all of them call, or are called, at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from testing_lab.sip import Call, IncomingCall, SipError, Timers, UserAgent
from testing_lab.sip import sdp as description
from tests.testing_lab.strangers.capture import Capture
from tests.testing_lab.strangers.dissection import complaints, protocols

from .callee import Callee
from .callees_ringing import REFUSING, RINGING
from .callees_talking import ROUTES, STANDING, WRITING
from .callers import CALLERS, Caller
from .conftest import AgentFactory, eventually
from .peer import SOME_SDP
from .referee import Sipp, run_sipp
from .script import scenario

CALLEES = [*RINGING, *REFUSING, *ROUTES, *WRITING, *STANDING]
UNHURRIED = Timers(t1=5.0)  # a busy machine then brings about no copies, which SIPp would count as faults


@asynccontextmanager
async def stranger(sipp: str, directory: Path, steps: Sequence[str], *arguments: str) -> AsyncIterator[Sipp]:
    directory.mkdir()
    script = directory / "script.xml"
    script.write_text(scenario(steps))
    running = await run_sipp(sipp, directory, "-sf", str(script), "-m", "1", *arguments)
    try:
        yield running
    finally:
        await running.stop()


async def call_one(callee: Callee, agent: UserAgent, sipp: str, directory: Path) -> tuple[Call, str]:
    """The call, and what was wrong, to either side's mind; "" if nothing."""
    async with stranger(sipp, directory, callee.script) as running:
        call = await agent.invite(
            "sip:+14155550123@trunk.example",
            via=running.address,
            caller="+12025550142",
            sdp=SOME_SDP,
            headers=callee.headers,
        )
        wrong = ""
        try:
            await callee.drive(call)
        except (SipError, AssertionError, TimeoutError) as fault:
            wrong = f"{fault!r}\n{call.trace.as_text()}"
        code, log = await running.verdict(1 if wrong else 60)
    heard = [each.status for each in call.responses]
    if code or wrong:
        return call, f"{wrong}{log}"
    return call, "" if heard == list(callee.heard) else f"heard {heard}"


def description_wrong(call: Call, due: Callee | Caller) -> str:
    port = description.parse(call.remote_sdp).port if call.remote_sdp else None
    seen, wanted = (port, len(call.refreshes)), (due.port, due.refreshes)
    return "" if seen == wanted else f"audio at and refreshes: {seen}, not {wanted}"


async def test_whom_we_call_may_be_strange(start_agent: AgentFactory, sipp: str, tshark: str, tmp_path: Path) -> None:
    agent = await start_agent(timers=UNHURRIED)
    results = await asyncio.gather(
        *(call_one(callee, agent, sipp, tmp_path / str(index)) for index, callee in enumerate(CALLEES))
    )
    judged = zip(CALLEES, results, strict=True)
    wrong = {callee.name: fault or description_wrong(call, callee) for callee, (call, fault) in judged}
    assert told(wrong) == ""
    assert not agent.calls
    assert not agent.endpoint.dialogs
    await assert_well_formed([call for call, _ in results], agent, tshark, tmp_path)


async def test_who_calls_us_may_be_strange(start_agent: AgentFactory, sipp: str, tshark: str, tmp_path: Path) -> None:
    agent = await start_agent(timers=UNHURRIED)
    calls: dict[str, IncomingCall] = {}
    wrong: dict[str, str] = {}

    async def take(call: IncomingCall) -> None:
        caller = CALLERS[int(call.called[-2:])]
        calls[caller.name] = call
        try:
            await caller.take(call)
        except (SipError, AssertionError, TimeoutError) as fault:
            wrong[caller.name] = f"{fault!r}\n{call.trace.as_text()}"

    agent.on_invite = take
    logs = await asyncio.gather(
        *(be_called(caller, f"+141555501{index:02}", agent, sipp, tmp_path) for index, caller in enumerate(CALLERS))
    )
    await eventually(lambda: not agent.calls)
    for caller, log in zip(CALLERS, logs, strict=True):
        call = calls.get(caller.name)
        wrong.setdefault(caller.name, log or (description_wrong(call, caller) if call else ""))
        assert call is None or (call.caller, call.called[:9]) == ("+12025550142", "+14155550"), caller.name
    assert told(wrong) == ""
    assert not agent.endpoint.dialogs
    await assert_well_formed(calls.values(), agent, tshark, tmp_path)


async def be_called(caller: Caller, number: str, agent: UserAgent, sipp: str, directory: Path) -> str:
    own, us = directory / number, f"127.0.0.1:{agent.address[1]}"
    async with stranger(sipp, own, caller.script, "-s", number, us) as running:
        code, log = await running.verdict()
        return log if code else ""


def told(wrong: dict[str, str]) -> str:
    return "\n".join(f"{name}: {fault}" for name, fault in wrong.items() if fault)


async def assert_well_formed(calls: Iterable[Call], agent: UserAgent, tshark: str, directory: Path) -> None:
    """tshark finds no fault with anything that we have sent."""
    path = directory / "sent.pcap"
    capture = Capture(path)
    for call in calls:
        for entry in call.trace.entries:
            if entry.direction == "sent":
                capture.note_datagram(agent.address, entry.peer, entry.data)
    as_sip = "-d", f"udp.port=={agent.address[1]},sip"
    seen = await protocols(tshark, path, *as_sip)
    assert seen["sip"] > 50
    assert seen["sip"] == seen["udp"], seen
    assert await complaints(tshark, path, *as_sip) == []
