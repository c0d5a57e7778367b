"""Strangers may call a number at the very moment at which it is tested: they are told from our own call."""

import asyncio
from dataclasses import dataclass
from typing import cast

import numpy as np
import pytest

from testing_lab.equipment import Equipment
from testing_lab.exchanges import inbound_call
from testing_lab.exchanges.arrivals import DOUBT_S, Arrivals
from testing_lab.exchanges.inbound_call import InboundCall
from testing_lab.line import Line
from testing_lab.media import ringback
from testing_lab.models import Outcome
from testing_lab.registry import all_tests
from testing_lab.sip import IncomingCall, UserAgent
from testing_lab.sip.outgoing import OutgoingCall
from testing_lab.suite_runner import run_suite
from tests.testing_lab.exchanges.routes import passes_on
from tests.testing_lab.sip.peer import SOME_SDP

OURS, STRANGER, ANONYMOUS = "+12025550142", "+13105550199", "anonymous"
REACH = [test for test in all_tests() if test.code in {"V01", "V10"}]


@dataclass(eq=False)
class Shown:
    """A call, as far as it shows who calls."""

    caller: str
    asserted_identity: str | None = None


def brought(*callers: str, to: Arrivals) -> tuple[list[str], str]:
    """The calls come one after the other: who is turned away, and whose call is taken for ours."""
    calls = [cast("IncomingCall", Shown(caller)) for caller in callers]
    turned_away = [call.caller for call in map(to.add, calls) if call is not None]
    return turned_away, to.first.caller if to.first else ""


@pytest.mark.parametrize(
    ("callers", "turned_away", "taken", "count"),
    [
        ([OURS], [], OURS, 1),
        ([STRANGER], [], STRANGER, 1),
        ([OURS, STRANGER], [STRANGER], OURS, 1),
        ([STRANGER, OURS], [STRANGER], OURS, 1),
        ([STRANGER, OURS, STRANGER], [STRANGER, STRANGER], OURS, 1),
        ([STRANGER, STRANGER, OURS], [STRANGER, STRANGER], OURS, 1),
        ([OURS, OURS], [OURS], OURS, 2),
        (["02025550142", STRANGER], [STRANGER], "02025550142", 1),
    ],
)
def test_our_call_is_told_from_strangers_and_counted_when_it_comes_twice(
    callers: list[str], turned_away: list[str], taken: str, count: int
) -> None:
    arrivals = Arrivals(OURS)
    assert brought(*callers, to=arrivals) == (turned_away, taken)
    assert (arrivals.count, arrivals.mistaken, arrivals.perhaps_twice) == (count, False, False)


@pytest.mark.parametrize("first", [OURS, STRANGER, ANONYMOUS])
def test_a_further_call_that_shows_nobody_may_be_ours_come_twice_or_a_stranger_s(first: str) -> None:
    arrivals = Arrivals(OURS)
    assert brought(first, ANONYMOUS, to=arrivals) == ([ANONYMOUS], first)
    assert (arrivals.count, arrivals.perhaps_twice) == (1, True)


def test_a_call_of_another_number_that_is_overdue_is_nobody_s_unless_it_shows_us() -> None:
    arrivals = Arrivals(OURS, overdue=["14155550124", OURS[1:]])
    assert brought("04155550124", OURS, "+14155550124", to=arrivals) == (["04155550124", "+14155550124"], OURS)
    assert arrivals.count == 1


def test_a_withheld_call_of_ours_shows_nobody() -> None:
    assert brought(STRANGER, ANONYMOUS, to=Arrivals("sip:anonymous@anonymous.invalid")) == ([STRANGER], ANONYMOUS)


async def test_a_call_of_ours_that_comes_after_all_doubt_is_over_spoils_what_was_seen() -> None:
    arrivals = Arrivals(OURS)
    brought(STRANGER, to=arrivals)
    await arrivals.settle()
    assert brought(OURS, to=arrivals) == ([OURS], STRANGER)
    assert arrivals.mistaken


@pytest.mark.parametrize("stranger_first", [True, False])
async def test_a_stranger_who_calls_during_the_test_finds_the_number_busy_and_costs_it_nothing(
    trunk: UserAgent, lab: Equipment, line: Line, monkeypatch: pytest.MonkeyPatch, stranger_first: bool
) -> None:
    async def stranger_calls() -> None:
        strangers.append(
            await trunk.invite(f"sip:{line.number}@lab.example", via=lab.agent.address, caller=STRANGER, sdp=SOME_SDP)
        )

    async def take(call: IncomingCall) -> None:
        if stranger_first:
            await stranger_calls()
        await bring_on(call)

    async def seen_ringing(call: IncomingCall) -> None:
        await receive(call)
        if not stranger_first and not strangers:
            await stranger_calls()

    strangers: list[OutgoingCall] = []
    monkeypatch.setattr(inbound_call, "RING_S", 0.1)
    monkeypatch.setattr(ringback, "tone", lambda: np.zeros(1600, dtype=np.int16))
    bring_on, receive = (
        passes_on(trunk, lab, line, answer=SOME_SDP.replace(b"audio 4000", b"audio 0")),
        lab.switchboard.receive,
    )
    trunk.on_invite, lab.agent.on_invite = take, seen_ringing
    report = await run_suite(line, lab, REACH)
    assert {code: each.outcome for code, each in report.findings.items()} == dict.fromkeys(("V01", "V10"), Outcome.PASS)
    [seen] = report.observations["InboundCall"]
    assert isinstance(seen, InboundCall)
    assert seen.arrivals == 1
    assert [heard.status for stranger in strangers for heard in stranger.responses if heard.status >= 200] == [486]


async def test_a_stranger_who_is_taken_for_us_fails_no_number_and_makes_the_lab_no_slower(
    trunk: UserAgent, lab: Equipment, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def take(call: IncomingCall) -> None:
        await trunk.invite(f"sip:{line.number}@lab.example", via=lab.agent.address, caller=STRANGER, sdp=SOME_SDP)
        await asyncio.sleep(DOUBT_S + 1)
        await bring_on(call)

    monkeypatch.setattr(ringback, "tone", lambda: np.zeros(1600, dtype=np.int16))
    bring_on = passes_on(trunk, lab, line, answer=SOME_SDP)
    trunk.on_invite = take
    report = await run_suite(line, lab, REACH)
    assert {each.outcome for each in report.findings.values()} == {Outcome.INCONCLUSIVE}
    assert "was taken for us" in report.findings["V01"].detail
    assert (report.our_trouble, report.sick) == (True, False)
