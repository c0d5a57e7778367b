"""What goes on the wire when we are the client: RFC 3261 17.1."""

from __future__ import annotations

import asyncio
import gc
from itertools import pairwise

import pytest

from testing_lab.sip import CallTimeout, OutgoingCall, Timers, UserAgent
from testing_lab.sip.values import Peer

from .conftest import eventually
from .peer import SOME_SDP, ScriptedPeer

T1 = Timers().t1


async def place(agent: UserAgent, via: Peer, **options: object) -> OutgoingCall:
    settings = {"caller": "+12025550142", "sdp": SOME_SDP, **options}
    return await agent.invite("sip:+14155550123@trunk.example", via=via, **settings)  # type: ignore[arg-type]


async def test_an_unanswered_invite_is_sent_again_with_doubling_intervals(agent: UserAgent, peer: ScriptedPeer) -> None:
    await place(agent, peer.address)
    for _ in range(7):
        await peer.request("INVITE")
    gaps = [later - earlier for earlier, later in pairwise(peer.times)]
    assert gaps == pytest.approx([T1 * 2**n for n in range(6)])
    assert await peer.silence(600)


async def test_every_copy_of_an_invite_is_the_same_datagram(agent: UserAgent, peer: ScriptedPeer) -> None:
    await place(agent, peer.address)
    first, second = await peer.request("INVITE"), await peer.request("INVITE")
    assert first.raw == second.raw


async def test_a_provisional_response_stops_the_copies(agent: UserAgent, peer: ScriptedPeer) -> None:
    call = await place(agent, peer.address)
    peer.answer(await peer.request("INVITE"), 100)
    await eventually(lambda: call.responses)
    while not peer.heard.empty():
        peer.heard.get_nowait()
    assert await peer.silence(64 * T1)


async def test_an_invite_without_any_answer_times_out_after_64_t1(agent: UserAgent, peer: ScriptedPeer) -> None:
    call = await place(agent, peer.address)
    began = asyncio.get_running_loop().time()
    with pytest.raises(CallTimeout):
        await call.final(600)
    assert call.ended_by == "timeout"
    assert asyncio.get_running_loop().time() - began == pytest.approx(64 * T1)


@pytest.mark.parametrize("status", [302, 404, 486, 503, 603])
async def test_a_refusal_is_acknowledged_hop_by_hop(agent: UserAgent, peer: ScriptedPeer, status: int) -> None:
    call = await place(agent, peer.address)
    invite = await peer.request("INVITE")
    peer.answer(invite, status)
    ack = await peer.request("ACK")
    assert (await call.final(30)).status == status
    assert ack.via.branch == invite.via.branch
    assert ack.uri == invite.uri
    assert ack.recipient.tag == "peer"
    assert ack.cseq.number == invite.cseq.number


async def test_a_copy_of_a_refusal_is_acknowledged_again_and_heard_once(agent: UserAgent, peer: ScriptedPeer) -> None:
    call = await place(agent, peer.address)
    invite = await peer.request("INVITE")
    for _ in range(3):
        peer.answer(invite, 486)
        await peer.request("ACK")
    assert [heard.status for heard in call.responses] == [486]


async def test_every_copy_of_a_2xx_is_acknowledged(agent: UserAgent, peer: ScriptedPeer) -> None:
    call = await place(agent, peer.address)
    invite = await peer.request("INVITE")
    acks = []
    for _ in range(3):
        peer.answer(invite, 200, body=SOME_SDP)
        acks.append((await peer.request("ACK")).raw)
    assert acks[0] == acks[1] == acks[2]
    assert call.remote_sdp == SOME_SDP


async def test_the_ack_of_a_2xx_is_a_transaction_of_its_own(agent: UserAgent, peer: ScriptedPeer) -> None:
    await place(agent, peer.address)
    invite = await peer.request("INVITE")
    peer.answer(invite, 200, body=SOME_SDP)
    ack = await peer.request("ACK")
    assert ack.via.branch != invite.via.branch
    assert ack.cseq.number == invite.cseq.number


async def test_another_branchs_2xx_is_acknowledged_and_hung_up(agent: UserAgent, peer: ScriptedPeer) -> None:
    call = await place(agent, peer.address)
    invite = await peer.request("INVITE")
    peer.answer(invite, 200, tag="first", body=SOME_SDP)
    await peer.request("ACK")
    peer.answer(invite, 200, tag="second", body=SOME_SDP)
    assert (await peer.request("ACK")).recipient.tag == "second"
    bye = await peer.request("BYE")
    assert bye.recipient.tag == "second"
    peer.answer(bye, 200)
    assert not call.ended.is_set()


async def test_a_response_that_comes_after_the_end_is_ignored(agent: UserAgent, peer: ScriptedPeer) -> None:
    call = await place(agent, peer.address)
    invite = await peer.request("INVITE")
    peer.answer(invite, 486)
    await call.final(30)
    peer.answer(invite, 180)
    peer.answer(invite, 200, body=SOME_SDP)
    await asyncio.sleep(T1)
    assert [heard.status for heard in call.responses] == [486]
    assert call.answered_at is None


async def test_a_request_other_than_invite_is_repeated_until_its_final_response(
    agent: UserAgent, peer: ScriptedPeer
) -> None:
    asking = asyncio.create_task(agent.options("sip:trunk.example", via=peer.address, timeout=60))
    copies = [await peer.request("OPTIONS") for _ in range(7)]
    assert len({copy.raw for copy in copies}) == 1
    assert [later - earlier for earlier, later in pairwise(peer.times)] == pytest.approx([0.5, 1, 2, 4, 4, 4])  # T2
    peer.answer(copies[-1], 200)
    assert (await asking).status == 200
    assert await peer.silence(600)


async def test_options_without_answer_times_out(agent: UserAgent, peer: ScriptedPeer) -> None:
    with pytest.raises(CallTimeout):
        await agent.options("sip:trunk.example", via=peer.address, timeout=0.1)


@pytest.mark.parametrize("host", ["a..b", "x" * 64])
async def test_a_host_without_address_is_silent_like_any_other(
    agent: UserAgent, host: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(CallTimeout):
        await agent.options("sip:trunk.example", via=(host, 5060))
    lookups = agent.endpoint._transport._lookups
    await eventually(lambda: not lookups)
    gc.collect()  # a task that failed unheard complains when it is collected
    assert [record.message for record in caplog.records if record.name == "asyncio"] == []
    assert f"no address for {host}" in caplog.text


async def test_a_response_meant_for_somebody_else_is_dropped(agent: UserAgent, peer: ScriptedPeer) -> None:
    call = await place(agent, peer.address)
    invite = await peer.request("INVITE")
    invite.headers.replace("Via", "SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKforeign")
    response = peer.answer(invite, 486)
    peer.send(response.serialise(), agent.address)
    await asyncio.sleep(T1)
    assert call.responses == []


async def test_every_request_asks_for_rport(agent: UserAgent, peer: ScriptedPeer) -> None:
    await place(agent, peer.address)
    assert "rport" in (await peer.request("INVITE")).via.params


async def test_nothing_is_left_once_a_call_was_refused(agent: UserAgent, peer: ScriptedPeer) -> None:
    call = await place(agent, peer.address)
    peer.answer(await peer.request("INVITE"), 486)
    await call.ended.wait()
    assert agent.calls == set()
    assert agent.endpoint.dialogs == {}
    await eventually(lambda: not agent.endpoint.clients)
