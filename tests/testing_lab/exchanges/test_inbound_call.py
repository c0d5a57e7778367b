"""C1 against trunks that behave badly: what is the number's fault is found, and what was seen is kept."""

import asyncio
from dataclasses import replace

import numpy as np
import pytest

from testing_lab.admission import Admission
from testing_lab.equipment import Equipment
from testing_lab.evidence import dialogue
from testing_lab.exchanges import inbound_call
from testing_lab.exchanges.inbound_call import InboundCall
from testing_lab.line import Line
from testing_lab.media import ringback
from testing_lab.models import Outcome
from testing_lab.registry import all_tests
from testing_lab.sip import IncomingCall, UserAgent, sdp
from testing_lab.suite_runner import SuiteReport, run_suite
from testing_lab.trunks.route import Route
from tests.testing_lab.exchanges.routes import passes_on
from tests.testing_lab.sip.peer import SOME_SDP, ScriptedPeer, inside, invite_text

VOICE = [test for test in all_tests() if test.exchanges == (InboundCall,)]
IP6 = SOME_SDP.replace(b"IP4 127.0.0.1", b"IP6 ::1")


@pytest.fixture(autouse=True)
def rings_shortly(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pacer of the early media lives by the world's clock, and not by the loop's."""
    monkeypatch.setattr(inbound_call, "RING_S", 0.1)
    monkeypatch.setattr(ringback, "tone", lambda: np.zeros(1600, dtype=np.int16))


def outcomes(report: SuiteReport) -> dict[str, Outcome]:
    return {code: finding.outcome for code, finding in report.findings.items()}


def trace(report: SuiteReport) -> str:
    [seen] = report.observations["InboundCall"]
    said = [each for each in dialogue.read(seen.trace)[0] if isinstance(each, dialogue.Said)]
    return "\n".join(f"at the {each.end}: {each.text}" for each in said)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (SOME_SDP.replace(b"audio 4000", b"audio 0"), "port is 0"),
        (IP6, "wants the audio at ::1"),
        (SOME_SDP.replace(b"c=IN IP4 127.0.0.1", b"c=IN IP4 0.0.0.0"), "wants the audio at 0.0.0.0"),
        (SOME_SDP.replace(b"c=IN IP4 127.0.0.1", b"c=IN IP4 255.255.255.255"), "wants the audio at 255.255.255.255"),
        (SOME_SDP.replace(b"AVP 0", b"AVP 18"), "payload type 18"),
        (b"rubbish", "no audio stream"),
        (b"", "no audio stream"),
    ],
)
async def test_an_answer_without_usable_audio_is_the_numbers_fault(
    trunk: UserAgent, lab: Equipment, line: Line, answer: bytes, why: str
) -> None:
    trunk.on_invite = passes_on(trunk, lab, line, answer=answer)
    report = await run_suite(line, lab, VOICE)
    assert (report.failing, report.our_trouble) == (["V04"], False)
    assert why in report.findings["V04"].detail
    assert answer.decode() in trace(report)


async def test_an_offer_of_audio_at_an_address_that_we_cannot_reach_is_the_numbers_fault(
    trunk: UserAgent, lab: Equipment, line: Line
) -> None:
    trunk.on_invite = passes_on(trunk, lab, line, offer=IP6, answer=sdp.offer("127.0.0.1", 4000))
    report = await run_suite(line, lab, VOICE)
    assert (report.failing, report.our_trouble) == (["V04"], False)


@pytest.mark.parametrize("offer", [b"rubbish", SOME_SDP.replace(b"audio 4000", b"audio 0")])
async def test_an_offer_that_cannot_be_answered_is_refused_with_488(
    trunk: UserAgent, lab: Equipment, line: Line, offer: bytes
) -> None:
    trunk.on_invite = passes_on(trunk, lab, line, offer=offer, answer=SOME_SDP)
    report = await run_suite(line, lab, VOICE)
    assert (report.failing, report.our_trouble) == (["V01"], False)
    assert report.findings["V01"].detail == "the caller heard 488"


async def test_a_call_whose_answer_is_never_acknowledged_is_inconclusive_and_leaves_its_trace(
    trunk: UserAgent, lab: Equipment, far_end: ScriptedPeer, line: Line
) -> None:
    async def take(call: IncomingCall) -> None:
        far_end.send(invite_text(far_end.address[1], lab.agent.address[1]), lab.agent.address)
        await far_end.response(200)
        await call.answer(SOME_SDP)

    trunk.on_invite = take
    report = await run_suite(line, lab, VOICE)
    assert set(outcomes(report).values()) == {Outcome.INCONCLUSIVE}
    assert "AckTimeout" in report.findings["V01"].detail
    assert "at the number" in trace(report)
    assert trace(report).count("SIP/2.0 200 OK") > 2


async def test_a_caller_shown_in_octets_that_are_no_text_is_found_and_readable(
    trunk: UserAgent, lab: Equipment, far_end: ScriptedPeer, line: Line
) -> None:
    async def take(call: IncomingCall) -> None:
        invite = invite_text(far_end.address[1], lab.agent.address[1])
        far_end.send(invite.replace(b"sip:+12025550142@", b"sip:+1\xff2@"), lab.agent.address)
        answered = await far_end.response(200)
        far_end.send(inside("ACK", answered, port=far_end.address[1], cseq=1), lab.agent.address)
        await call.answer(b"")

    trunk.on_invite = take
    report = await run_suite(line, lab, VOICE)
    assert report.failing == ["V04", "V10"]
    assert report.findings["V10"].detail == "shown: +1\N{REPLACEMENT CHARACTER}2"


@pytest.mark.parametrize("status", [407, 500, 501, 503, 504])
async def test_a_trunk_that_fails_before_the_call_arrives_is_our_trouble_and_fails_no_number(
    trunk: UserAgent, lab: Equipment, line: Line, status: int
) -> None:
    trunk.on_invite = lambda call: call.reject(status)
    report = await run_suite(line, lab, VOICE)
    assert (report.verdict, report.our_trouble, report.sick) == (None, True, False)
    assert report.findings["V01"].detail == f"the trunk answered {status}"


async def test_a_call_that_comes_from_where_we_do_not_listen_fails_no_number_and_says_whence(
    trunk: UserAgent, lab: Equipment, far_end: ScriptedPeer, line: Line
) -> None:
    async def take(call: IncomingCall) -> None:
        lab.agent.endpoint.admit(Admission(["192.0.2.0/24"]))
        far_end.send(invite_text(far_end.address[1], lab.agent.address[1]), lab.agent.address)
        while not lab.agent.endpoint.unwelcome:
            await asyncio.sleep(0.01)
        lab.agent.endpoint.admit(Admission())
        await call.reject(480)

    trunk.on_invite = take
    report = await run_suite(line, lab, VOICE)
    assert (report.verdict, report.our_trouble, report.sick) == (None, True, False)
    assert report.findings["V01"].detail.startswith("it came from 127.0.0.1, which LAB_CARRIER_SOURCES")


@pytest.mark.parametrize("trouble", ["OPTIONS was answered 403 Forbidden", ""])
async def test_a_trunk_that_lets_us_do_nothing_any_more_fails_no_number(
    trunk: UserAgent, lab: Equipment, line: Line, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    async def ask(route: Route, agent: UserAgent) -> str:
        return trouble

    monkeypatch.setattr(Route, "ask", ask)
    trunk.on_invite = lambda call: call.reject(403)
    report = await run_suite(line, lab, VOICE)
    assert (report.verdict, report.our_trouble, lab.route.in_doubt) == (None if trouble else False, bool(trouble), True)
    assert not report.sick


@pytest.mark.parametrize("status", [404, 480, 603])
async def test_what_the_trunk_says_of_the_number_counts_against_it(
    trunk: UserAgent, lab: Equipment, line: Line, status: int
) -> None:
    trunk.on_invite = lambda call: call.reject(status)
    report = await run_suite(line, lab, VOICE)
    assert (report.failing, report.our_trouble) == (["V01"], False)


@pytest.mark.parametrize("host", ["192.0.2.1", "lab.example"])
async def test_media_sockets_that_cannot_be_opened_are_our_trouble(lab: Equipment, line: Line, host: str) -> None:
    """192.0.2.1 is nobody's address (RFC 5737), so not this machine's either."""
    report = await run_suite(line, replace(lab, host=host), VOICE)
    assert (report.verdict, report.our_trouble) == (None, True)
    assert "no socket for the media" in report.findings["V01"].detail
