"""Whole calls: dialogs, CANCEL races, loss, reliable ringing, session timers, and that nothing is left behind."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

import pytest

from testing_lab.sip import (
    AgentClosed,
    CallState,
    CallTimeout,
    IncomingCall,
    MalformedMessage,
    OutgoingCall,
    UserAgent,
    sdp,
)
from testing_lab.sip.message import reply
from testing_lab.sip.values import Peer

from .conftest import AgentFactory, eventually
from .peer import SOME_SDP, ScriptedPeer, inside, invite_text

Handler = Callable[[IncomingCall], Awaitable[None]]


async def dial(agent: UserAgent, to: Peer, *headers: tuple[str, str]) -> OutgoingCall:
    return await agent.invite(
        "sip:+14155550123@trunk.example", via=to, caller="+12025550142", sdp=SOME_SDP, headers=headers
    )


async def answered_by_peer(agent: UserAgent, peer: ScriptedPeer, *headers: tuple[str, str]) -> OutgoingCall:
    call = await dial(agent, peer.address)
    peer.answer(await peer.request("INVITE"), 200, headers, body=SOME_SDP)
    await peer.request("ACK")
    await call.final(30)
    return call


async def answer_and_wait(call: IncomingCall) -> None:
    await call.answer(sdp.answer(call.remote_sdp or b"", "127.0.0.1", 4002) or b"")
    await call.ended.wait()


@pytest.fixture
async def callee(start_agent: AgentFactory) -> UserAgent:
    called = await start_agent()
    called.on_invite = answer_and_wait
    return called


def is_empty(agent: UserAgent) -> bool:
    endpoint = agent.endpoint
    return not (agent.calls or agent._origins or endpoint.dialogs or endpoint.clients or endpoint.servers)


# Ordinary life


async def test_a_call_is_answered_held_and_hung_up_with_its_cause(agent: UserAgent, callee: UserAgent) -> None:
    over: list[IncomingCall] = []

    async def take(call: IncomingCall) -> None:
        over.append(call)
        await answer_and_wait(call)

    callee.on_invite = take
    call = await dial(agent, callee.address)
    assert (await call.final(30)).status == 200
    assert sdp.parse(call.remote_sdp or b"").peer == ("127.0.0.1", 4002)
    assert (await call.bye("Q.850;cause=16")).status == 200
    await over[0].ended.wait()
    assert (over[0].ended_by, over[0].end_reason) == ("remote", "Q.850;cause=16")
    assert call.ended_by == "local"


async def test_the_callee_may_hang_up(agent: UserAgent, callee: UserAgent) -> None:
    async def take(call: IncomingCall) -> None:
        await call.answer(SOME_SDP)
        await call.bye("Q.850;cause=31")

    callee.on_invite = take
    call = await dial(agent, callee.address)
    await asyncio.wait_for(call.ended.wait(), 30)
    assert (call.ended_by, call.end_reason) == ("remote", "Q.850;cause=31")


async def test_a_refusal_keeps_its_reason(agent: UserAgent, callee: UserAgent) -> None:
    async def take(call: IncomingCall) -> None:
        await call.reject(486, headers=[("Reason", "Q.850;cause=17")])

    callee.on_invite = take
    call = await dial(agent, callee.address)
    final = await call.final(30)
    assert (final.status, final.header("reason"), call.end_reason) == (486, "Q.850;cause=17", "Q.850;cause=17")
    with pytest.raises(CallState):
        await call.bye()


async def test_100_is_no_progress(agent: UserAgent, peer: ScriptedPeer) -> None:
    call = await dial(agent, peer.address)
    invite = await peer.request("INVITE")
    for status in (100, 180):
        peer.answer(invite, status)
    await eventually(lambda: len(call.responses) == 2)
    assert [heard.status for heard in call.responses] == [100, 180]
    assert call.progress is call.responses[1]


async def test_waiting_too_long_raises_call_timeout(agent: UserAgent, peer: ScriptedPeer) -> None:
    call = await dial(agent, peer.address)
    with pytest.raises(CallTimeout):
        await call.final(0.05)


async def test_the_trace_holds_both_directions_and_is_bounded(agent: UserAgent, callee: UserAgent) -> None:
    call = await dial(agent, callee.address)
    await call.final(30)
    await call.bye()
    text = call.trace.as_text()
    assert [text.count(word) for word in ("INVITE sip:", "ACK sip:", "BYE sip:")] == [1, 1, 1]
    for _ in range(500):
        call.trace.note("sent", ("127.0.0.1", 5060), b"x" * 1000)
    assert len(call.trace.entries) <= call.trace.MAX_ENTRIES
    assert "left out" in call.trace.as_text()


async def test_a_call_after_close_raises(start_agent: AgentFactory) -> None:
    agent = await start_agent()
    await agent.close()
    with pytest.raises(AgentClosed):
        await dial(agent, ("127.0.0.1", 9))


async def test_close_hangs_up_what_is_still_up(start_agent: AgentFactory, callee: UserAgent) -> None:
    agent = await start_agent()
    call = await dial(agent, callee.address)
    await call.final(30)
    await agent.close()
    await eventually(lambda: not callee.calls)
    assert call.ended.is_set()


# Dialogs: 12


async def test_a_strict_router_is_put_into_the_request_uri(agent: UserAgent, peer: ScriptedPeer) -> None:
    route = f"<sip:127.0.0.1:{peer.address[1]}>"
    call = await answered_by_peer(agent, peer, ("Record-Route", route))
    hanging_up = asyncio.create_task(call.bye())
    bye = await peer.request("BYE")
    assert bye.uri == route.strip("<>")
    assert bye.headers.elements("Route") == [peer.contact]
    peer.answer(bye, 200)
    await hanging_up


async def test_the_route_set_of_the_2xx_replaces_that_of_the_ringing(agent: UserAgent, peer: ScriptedPeer) -> None:
    await dial(agent, peer.address)
    invite = await peer.request("INVITE")
    hop = f"<sip:127.0.0.1:{peer.address[1]};lr;hop"
    peer.answer(invite, 180, [("Record-Route", f"{hop}=early>")])
    peer.answer(invite, 200, [("Record-Route", f"{hop}=final>")], body=SOME_SDP)
    assert (await peer.request("ACK")).headers.elements("Route") == [f"{hop}=final>"]


async def test_cseq_grows_and_tags_stay_in_the_dialog(agent: UserAgent, peer: ScriptedPeer) -> None:
    call = await answered_by_peer(agent, peer)
    offering = asyncio.create_task(call.reinvite(SOME_SDP))
    invite = await peer.request("INVITE")
    assert (invite.cseq.number, invite.recipient.tag, invite.uri) == (2, "peer", peer.contact.strip("<>"))
    peer.answer(invite, 200, body=SOME_SDP.replace(b"4000", b"4444"))
    ack = await peer.request("ACK")
    assert ack.cseq.number == 2
    assert (await offering).status == 200
    assert b"4444" in (call.remote_sdp or b"")


async def test_a_re_invite_that_crosses_ours_gets_491(agent: UserAgent, peer: ScriptedPeer) -> None:
    call = await answered_by_peer(agent, peer)
    offering = asyncio.create_task(call.reinvite(SOME_SDP))
    invite = await peer.request("INVITE")
    theirs = invite_text(peer.address[1], 5060, branch="z9hG4bKtheirs").decode()
    theirs = theirs.replace('"Alice" <sip:+12025550142@127.0.0.1>;tag=alice', invite.headers.get("To") or "")
    theirs = theirs.replace("To: <sip:+14155550123@127.0.0.1>", f"To: {invite.headers.get('From')}")
    peer.send(theirs.replace("hand-made", invite.call_id).encode(), agent.address)
    await peer.response(491)
    peer.answer(invite, 491)
    peer.answer(await peer.request("INVITE"), 491)
    assert (await offering).status == 491, "twice is enough"
    assert not call.ended.is_set()


async def test_a_request_out_of_order_gets_500(agent: UserAgent, peer: ScriptedPeer) -> None:
    agent.on_invite = answer_and_wait
    peer.send(invite_text(peer.address[1], agent.address[1], cseq=7), agent.address)
    answered = await peer.response(200)
    peer.send(inside("ACK", answered, port=peer.address[1], cseq=7), agent.address)
    peer.send(inside("OPTIONS", answered, port=peer.address[1], cseq=6), agent.address)
    await peer.response(500, "OPTIONS")
    peer.send(inside("OPTIONS", answered, port=peer.address[1], cseq=8), agent.address)
    assert (await peer.response(200, "OPTIONS")).cseq.number == 8


async def test_an_offer_in_a_re_invite_is_answered_with_what_both_speak(agent: UserAgent, callee: UserAgent) -> None:
    call = await dial(agent, callee.address)
    await call.final(30)
    assert (await call.reinvite(sdp.offer("127.0.0.1", 3004, ["PCMU/8000"], direction="sendonly"))).status == 200
    answered = sdp.parse(call.remote_sdp or b"")
    assert (answered.port, answered.direction, answered.codec.encoding) == (4002, "recvonly", "PCMU/8000")
    assert (await call.reinvite(sdp.offer("127.0.0.1", 3004, ["PCMA/8000"]))).status == 488
    assert not call.ended.is_set()


async def test_a_lost_dialog_ends_the_call(agent: UserAgent, peer: ScriptedPeer) -> None:
    call = await answered_by_peer(agent, peer)
    offering = asyncio.create_task(call.reinvite(SOME_SDP))
    peer.answer(await peer.request("INVITE"), 481)
    await offering
    assert call.ended_by == "timeout"


# CANCEL: 9


async def test_cancel_while_ringing_ends_with_487(agent: UserAgent, callee: UserAgent) -> None:
    async def ring(call: IncomingCall) -> None:
        await call.ring()
        await call.cancelled.wait()

    callee.on_invite = ring
    call = await dial(agent, callee.address)
    await eventually(lambda: call.progress)
    assert (await call.cancel()).status == 487
    assert call.ended_by == "cancelled"


async def test_cancel_waits_for_the_first_provisional_response(agent: UserAgent, peer: ScriptedPeer) -> None:
    call = await dial(agent, peer.address)
    cancelling = asyncio.create_task(call.cancel())
    invite = await peer.request("INVITE")
    await asyncio.sleep(5)
    while not peer.heard.empty():
        message, _ = peer.heard.get_nowait()
        assert message.cseq.method == "INVITE"
    peer.answer(invite, 100)
    cancel = await peer.request("CANCEL")
    assert (cancel.via.branch, cancel.uri, cancel.cseq.number) == (invite.via.branch, invite.uri, 1)
    peer.answer(cancel, 200)
    peer.answer(invite, 487)
    assert (await cancelling).status == 487


async def test_a_200_that_crosses_the_cancel_is_acknowledged_and_hung_up(agent: UserAgent, peer: ScriptedPeer) -> None:
    call = await dial(agent, peer.address)
    invite = await peer.request("INVITE")
    peer.answer(invite, 180)
    await eventually(lambda: call.progress)
    cancelling = asyncio.create_task(call.cancel())
    await peer.request("CANCEL")
    peer.answer(invite, 200, body=SOME_SDP)
    await peer.request("ACK")
    peer.answer(await peer.request("BYE"), 200)
    assert (await cancelling).status == 200
    assert call.ended_by == "cancelled"


async def test_a_cancel_that_nobody_heeds_ends_in_timeout(agent: UserAgent, peer: ScriptedPeer) -> None:
    call = await dial(agent, peer.address)
    peer.answer(await peer.request("INVITE"), 180)
    await eventually(lambda: call.progress)
    with pytest.raises(CallTimeout):
        await call.cancel()
    assert call.ended_by == "timeout"


async def test_a_cancel_after_the_answer_is_refused_here(agent: UserAgent, peer: ScriptedPeer) -> None:
    call = await answered_by_peer(agent, peer)
    with pytest.raises(CallState):
        await call.cancel()


# Loss


@pytest.mark.parametrize("share", [0.1, 0.3])
async def test_calls_between_two_agents_survive_loss(agent: UserAgent, callee: UserAgent, share: float) -> None:
    for lossy in (agent, callee):
        lose(lossy, share)

    async def one() -> int:
        call = await dial(agent, callee.address)
        status = (await call.final(30)).status
        await call.hang_up(60)
        return status

    assert await asyncio.gather(*(one() for _ in range(40))) == [200] * 40
    await eventually(lambda: is_empty(agent) and is_empty(callee))


def lose(agent: UserAgent, share: float) -> None:
    """Drop a share of what the agent sends, but never the same datagram more than three times running."""
    chance, send, losses = random.Random(7), agent.endpoint.send, dict[bytes, int]()

    def lossy(data: bytes, to: Peer) -> None:
        if chance.random() < share and losses.get(data, 0) < 3:
            losses[data] = losses.get(data, 0) + 1
        else:
            send(data, to)

    agent.endpoint.send = lossy  # type: ignore[method-assign, assignment]  # the wire itself, made lossy


# 100rel: RFC 3262


async def test_a_reliable_ringing_waits_for_its_prack(agent: UserAgent, callee: UserAgent) -> None:
    async def take(call: IncomingCall) -> None:
        await call.progress(SOME_SDP, 183, reliable=True)
        await call.progress(None, 180, reliable=True)
        await answer_and_wait(call)

    callee.on_invite = take
    call = await dial(agent, callee.address)
    assert (await call.final(30)).status == 200
    rseqs = [int(heard.header("RSeq") or 0) for heard in call.responses if heard.status in {180, 183}]
    assert rseqs[1] == rseqs[0] + 1
    pracks = [entry for entry in call.trace.entries if entry.data.startswith(b"PRACK ")]
    assert len(pracks) == 2


async def test_a_callers_require_100rel_is_obeyed(agent: UserAgent, peer: ScriptedPeer) -> None:
    async def take(call: IncomingCall) -> None:
        await call.ring()

    agent.on_invite = take
    peer.send(invite_text(peer.address[1], agent.address[1], extra="Require: 100rel\r\n"), agent.address)
    ringing = await peer.response(180)
    assert "100rel" in ringing.headers.tokens("Require")
    rack = f"RAck: {ringing.headers.get('RSeq')} 1 INVITE\r\n"
    wrong = inside("PRACK", ringing, port=peer.address[1], cseq=2, extra="RAck: 1 1 INVITE\r\n")
    peer.send(wrong, agent.address)
    await peer.response(481, "PRACK")
    peer.send(inside("PRACK", ringing, port=peer.address[1], cseq=3, extra=rack), agent.address)
    await peer.response(200, "PRACK")


async def test_a_copy_of_a_reliable_response_is_not_acknowledged_twice(agent: UserAgent, peer: ScriptedPeer) -> None:
    await dial(agent, peer.address)
    invite = await peer.request("INVITE")
    reliable = [("Require", "100rel"), ("RSeq", "5")]
    peer.answer(invite, 183, reliable)
    prack = await peer.request("PRACK")
    assert prack.headers.get("RAck") == "5 1 INVITE"
    peer.answer(prack, 200)
    peer.answer(invite, 183, reliable)
    peer.answer(invite, 183, [("Require", "100rel"), ("RSeq", "9")])
    with pytest.raises(TimeoutError):
        await peer.request("PRACK", timeout=60)


# Session timers: RFC 4028


@pytest.mark.parametrize("refresher", ["uac", "uas"])
async def test_either_side_keeps_the_session_alive(agent: UserAgent, callee: UserAgent, refresher: str) -> None:
    call = await dial(agent, callee.address, ("Session-Expires", f"90;refresher={refresher}"))
    await call.final(30)
    await asyncio.sleep(460)
    assert len(call.refreshes) == 10  # every 45 s (RFC 4028 10)
    assert not call.ended.is_set()
    await call.bye()


async def test_a_session_that_nobody_refreshes_is_hung_up(agent: UserAgent, peer: ScriptedPeer) -> None:
    call = await answered_by_peer(agent, peer, ("Session-Expires", "90;refresher=uas"), ("Require", "timer"))
    began = asyncio.get_running_loop().time()
    await peer.request("BYE")
    assert peer.times[-1] - began == pytest.approx(60)  # a third before the end (RFC 4028 10)
    assert call.ended_by == "timeout"


async def test_too_short_a_session_is_refused_with_422_and_tried_again_longer(
    agent: UserAgent, callee: UserAgent
) -> None:
    call = await dial(agent, callee.address, ("Session-Expires", "30"))
    assert (await call.final(30)).header("Session-Expires") == "90;refresher=uac"
    assert [heard.status for heard in call.responses if heard.status > 100] == [422, 200]


# Nothing leaks


async def test_after_the_calls_nothing_is_left_on_either_side(agent: UserAgent, callee: UserAgent) -> None:
    async def one(number: int) -> None:
        call = await dial(agent, callee.address)
        if number % 3:
            await call.final(30)
        await call.hang_up(60)

    await asyncio.gather(*(one(number) for number in range(60)))
    assert not agent.calls
    assert not agent.endpoint.dialogs
    await eventually(lambda: is_empty(agent) and is_empty(callee))
    timers = [handle for handle in asyncio.get_running_loop()._scheduled if not handle.cancelled()]  # type: ignore[attr-defined]
    assert len(timers) <= 2  # pytest's and this test's own


async def test_close_ends_an_answer_that_nobody_acknowledges(start_agent: AgentFactory, peer: ScriptedPeer) -> None:
    agent = await start_agent()
    agent.on_invite = answer_and_wait
    peer.send(invite_text(peer.address[1], agent.address[1]), agent.address)
    await peer.response(200)
    (call,) = agent.calls
    await agent.close(grace=0.05)
    assert call.ended.is_set()
    assert is_empty(agent)


# Strange company


@pytest.mark.parametrize("contact", ["<sip:>", "tel:+14155550123", "rubbish <<>"])
async def test_an_unusable_contact_in_the_answer_still_gets_ack_and_bye(
    agent: UserAgent, peer: ScriptedPeer, contact: str
) -> None:
    call = await agent.invite(
        f"sip:+14155550123@127.0.0.1:{peer.address[1]}", via=peer.address, caller="+12025550142", sdp=SOME_SDP
    )
    invite = await peer.request("INVITE")
    response = reply(invite, 200, tag="peer")
    response.headers.add("Contact", contact)
    response.headers.add("Record-Route", "<nonsense>")
    peer.send(response.serialise(), agent.address)
    await peer.request("ACK")
    assert (await call.final(30)).status == 200
    hanging_up = asyncio.create_task(call.bye())
    peer.answer(await peer.request("BYE"), 200)
    await hanging_up


async def test_a_call_without_contact_is_refused_with_400(agent: UserAgent, peer: ScriptedPeer) -> None:
    agent.on_invite = answer_and_wait
    data = invite_text(peer.address[1], agent.address[1])
    peer.send(data.replace(b"Contact:", b"X-Contact:"), agent.address)
    await peer.response(400)
    assert not agent.calls


async def test_a_reason_phrase_cannot_smuggle_a_line(agent: UserAgent, peer: ScriptedPeer) -> None:
    refused: asyncio.Queue[BaseException] = asyncio.Queue()

    async def take(call: IncomingCall) -> None:
        try:
            await call.reject(486, "Busy\r\nEvil: yes")
        except MalformedMessage as fault:
            refused.put_nowait(fault)
            raise

    agent.on_invite = take
    peer.send(invite_text(peer.address[1], agent.address[1]), agent.address)
    assert await asyncio.wait_for(refused.get(), 30)
    assert "Evil" not in (await peer.response(500)).headers
