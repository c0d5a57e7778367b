"""What goes on the wire when we are the server: RFC 3261 17.2, 13.3.1.4, 18.2."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from testing_lab.sip import AckTimeout, CallCancelled, IncomingCall, Timers, UserAgent

from .conftest import eventually
from .peer import SOME_SDP, ScriptedPeer, inside, invite_text

T1, T2 = Timers().t1, Timers().t2


@pytest.fixture
def calls(agent: UserAgent) -> asyncio.Queue[IncomingCall]:
    arrived: asyncio.Queue[IncomingCall] = asyncio.Queue()
    agent.on_invite = arrived.put
    return arrived


def dial(peer: ScriptedPeer, agent: UserAgent, **parts: object) -> bytes:
    data = invite_text(peer.address[1], agent.address[1], **parts)  # type: ignore[arg-type]
    peer.send(data, agent.address)
    return data


async def test_a_call_shows_who_calls_whom(
    agent: UserAgent, peer: ScriptedPeer, calls: asyncio.Queue[IncomingCall]
) -> None:
    dial(peer, agent, extra="P-Asserted-Identity: <sip:+12025550199@carrier.example>\r\n")
    call = await calls.get()
    assert (call.called, call.caller, call.asserted_identity) == ("+14155550123", "+12025550142", "+12025550199")
    assert call.remote_sdp == SOME_SDP


async def test_without_a_handler_a_call_is_refused_with_480(agent: UserAgent, peer: ScriptedPeer) -> None:
    dial(peer, agent)
    assert (await peer.response(480)).recipient.tag


async def test_a_copy_of_the_invite_gets_the_last_response_and_makes_no_second_call(
    agent: UserAgent, peer: ScriptedPeer, calls: asyncio.Queue[IncomingCall]
) -> None:
    data = dial(peer, agent)
    call = await calls.get()
    await call.ring()
    first = await peer.response(180)
    peer.send(data, agent.address)
    assert (await peer.response(180)).raw == first.raw
    assert calls.empty()


async def test_a_200_is_repeated_until_its_ack(
    agent: UserAgent, peer: ScriptedPeer, calls: asyncio.Queue[IncomingCall]
) -> None:
    dial(peer, agent)
    answering = asyncio.create_task((await calls.get()).answer(SOME_SDP))
    copies = [await peer.response(200) for _ in range(7)]
    assert copies[0].raw == copies[6].raw
    gaps = [later - earlier for earlier, later in pairwise(peer.times[-7:])]
    assert gaps == pytest.approx([T1, 2 * T1, 4 * T1, T2, T2, T2])
    assert not answering.done()
    peer.send(inside("ACK", copies[0], port=peer.address[1], cseq=1), agent.address)
    await asyncio.wait_for(answering, T1)
    while not peer.heard.empty():
        peer.heard.get_nowait()
    assert await peer.silence(64 * T1)


async def test_a_200_never_acknowledged_ends_in_ack_timeout_and_bye(
    agent: UserAgent, peer: ScriptedPeer, calls: asyncio.Queue[IncomingCall]
) -> None:
    dial(peer, agent)
    call = await calls.get()
    with pytest.raises(AckTimeout):
        await call.answer(SOME_SDP)
    assert call.ended_by == "timeout"
    await peer.request("BYE")


async def test_a_refusal_is_repeated_until_its_ack(
    agent: UserAgent, peer: ScriptedPeer, calls: asyncio.Queue[IncomingCall]
) -> None:
    dial(peer, agent)
    await (await calls.get()).reject(486, headers=[("Reason", "Q.850;cause=17")])
    first = await peer.response(486)
    await peer.response(486)
    assert first.headers.get("Reason") == "Q.850;cause=17"
    ack = inside("ACK", first, port=peer.address[1], cseq=1).replace(b"z9hG4bKACK1", b"z9hG4bKone")
    peer.send(ack.replace(b"ACK  SIP", b"ACK sip:+14155550123@127.0.0.1 SIP"), agent.address)
    await asyncio.sleep(T1)
    while not peer.heard.empty():
        peer.heard.get_nowait()
    assert await peer.silence(64 * T1)
    await eventually(lambda: not agent.endpoint.servers)


async def test_cancel_ends_the_invite_with_487_and_answers_the_cancel(
    agent: UserAgent, peer: ScriptedPeer, calls: asyncio.Queue[IncomingCall]
) -> None:
    data = dial(peer, agent)
    call = await calls.get()
    await call.ring()
    peer.send(as_cancel(data), agent.address)
    of_cancel, of_invite = await peer.response(200, "CANCEL"), await peer.response(487, "INVITE")
    assert of_cancel.recipient.tag == of_invite.recipient.tag  # 9.2
    assert call.cancelled.is_set()
    with pytest.raises(CallCancelled):
        await call.answer(SOME_SDP)


async def test_a_cancel_after_the_200_changes_nothing(
    agent: UserAgent, peer: ScriptedPeer, calls: asyncio.Queue[IncomingCall]
) -> None:
    data = dial(peer, agent)
    call = await calls.get()
    answering = asyncio.create_task(call.answer(SOME_SDP))
    answered = await peer.response(200)
    peer.send(as_cancel(data), agent.address)
    await peer.response(200, "CANCEL")
    peer.send(inside("ACK", answered, port=peer.address[1], cseq=1), agent.address)
    await answering
    assert not call.ended.is_set()


async def test_a_cancel_of_nothing_gets_481(agent: UserAgent, peer: ScriptedPeer) -> None:
    peer.send(as_cancel(invite_text(peer.address[1], agent.address[1])), agent.address)
    assert (await peer.response(481, "CANCEL")).cseq.method == "CANCEL"


async def test_a_request_in_an_unknown_dialog_gets_481(agent: UserAgent, peer: ScriptedPeer) -> None:
    data = invite_text(peer.address[1], agent.address[1]).replace(
        b"@127.0.0.1>\r\nCall", b"@127.0.0.1>;tag=gone\r\nCall"
    )
    peer.send(data.replace(b"INVITE", b"BYE"), agent.address)
    assert (await peer.response(481, "BYE")).cseq.method == "BYE"


async def test_the_same_call_over_a_second_path_gets_482(
    agent: UserAgent, peer: ScriptedPeer, calls: asyncio.Queue[IncomingCall]
) -> None:
    dial(peer, agent)
    await calls.get()
    dial(peer, agent, branch="z9hG4bKother")
    assert (await peer.response(482)).via.branch == "z9hG4bKother"
    assert calls.empty()


async def test_an_extension_that_we_do_not_know_gets_420(
    agent: UserAgent, peer: ScriptedPeer, calls: asyncio.Queue[IncomingCall]
) -> None:
    dial(peer, agent, extra="Require: 100rel, teleport\r\n")
    assert (await peer.response(420)).headers.get("Unsupported") == "teleport"
    assert calls.empty()


async def test_a_method_that_we_do_not_know_gets_405(agent: UserAgent, peer: ScriptedPeer) -> None:
    peer.send(invite_text(peer.address[1], agent.address[1]).replace(b"INVITE", b"REFER"), agent.address)
    assert "INVITE" in ((await peer.response(405)).headers.get("Allow") or "")


async def test_options_gets_our_abilities(agent: UserAgent, peer: ScriptedPeer) -> None:
    peer.send(invite_text(peer.address[1], agent.address[1]).replace(b"INVITE", b"OPTIONS"), agent.address)
    assert "timer" in (await peer.response(200)).headers.tokens("Supported")


async def test_responses_go_where_the_request_came_from_when_rport_is_asked_for(
    agent: UserAgent, peer: ScriptedPeer
) -> None:
    data = invite_text(9, agent.address[1]).replace(b"Via: SIP/2.0/UDP 127.0.0.1:9", b"v: SIP/2.0/UDP nat.invalid:9")
    peer.send(data, agent.address)
    via = (await peer.response(480)).via
    assert via.params["rport"] == str(peer.address[1])
    assert via.params["received"] == "127.0.0.1"


async def test_a_received_parameter_cannot_aim_our_answers_at_a_third_party(
    agent: UserAgent, peer: ScriptedPeer
) -> None:
    data = invite_text(peer.address[1], agent.address[1]).replace(b";rport", b";received=192.0.2.66")
    peer.send(data, agent.address)
    assert "192.0.2.66" not in str((await peer.response(480)).via)


async def test_a_bye_twice_gets_the_same_answer_twice(
    agent: UserAgent, peer: ScriptedPeer, calls: asyncio.Queue[IncomingCall]
) -> None:
    dial(peer, agent)
    call = await calls.get()
    answering = asyncio.create_task(call.answer(SOME_SDP))
    answered = await peer.response(200, "INVITE")
    peer.send(inside("ACK", answered, port=peer.address[1], cseq=1), agent.address)
    await answering
    bye = inside("BYE", answered, port=peer.address[1], cseq=2, extra="Reason: Q.850;cause=16\r\n")
    peer.send(bye, agent.address)
    peer.send(bye, agent.address)
    assert (await peer.response(200, "BYE")).raw == (await peer.response(200, "BYE")).raw
    assert (call.ended_by, call.end_reason) == ("remote", "Q.850;cause=16")


async def test_a_bye_instead_of_the_lost_ack_also_ends_the_repeats(
    agent: UserAgent, peer: ScriptedPeer, calls: asyncio.Queue[IncomingCall]
) -> None:
    dial(peer, agent)
    call = await calls.get()
    answering = asyncio.create_task(call.answer(SOME_SDP))
    answered = await peer.response(200, "INVITE")
    peer.send(inside("BYE", answered, port=peer.address[1], cseq=2), agent.address)
    await asyncio.wait_for(answering, T1)
    assert call.ended_by == "remote"


async def test_a_handler_that_fails_refuses_the_call_with_500(agent: UserAgent, peer: ScriptedPeer) -> None:
    async def broken(call: IncomingCall) -> None:
        raise RuntimeError("a fault of the lab")

    agent.on_invite = broken
    dial(peer, agent)
    assert (await peer.response(500)).cseq.method == "INVITE"
    await eventually(lambda: not agent.calls)


def as_cancel(invite: bytes) -> bytes:
    head = invite.partition(b"\r\n\r\n")[0].replace(b"INVITE", b"CANCEL")
    kept = [line for line in head.split(b"\r\n") if not line.startswith((b"Content-", b"Contact"))]
    return b"\r\n".join([*kept, b"Content-Length: 0", b"", b""])
