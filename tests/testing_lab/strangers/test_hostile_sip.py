"""Whatever strangers send to the lab's SIP port, nobody's call is harmed by it, and no table grows without bound."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from random import Random

import pytest

from testing_lab.admission import Admission, of_carrier
from testing_lab.sip import IncomingCall, OutgoingCall, UserAgent, endpoint
from tests.damage import mutations
from tests.patience import PATIENCE
from tests.testing_lab.sip.peer import SOME_SDP, ScriptedPeer, inside, invite_text

EVERYBODY = ["203.0.113.9", "2001:db8::1", "192.0.2.7", "198.51.100.7"]


@pytest.fixture
async def callee() -> AsyncIterator[UserAgent]:
    agent = await UserAgent.start("127.0.0.1", 0)

    async def take(call: IncomingCall) -> None:
        await call.ring()
        await call.answer(SOME_SDP)
        await call.ended.wait()

    agent.on_invite = take
    yield agent
    await agent.close(grace=0.2)


@pytest.fixture
async def caller() -> AsyncIterator[UserAgent]:
    agent = await UserAgent.start("127.0.0.1", 0)
    yield agent
    await agent.close(grace=0.2)


@pytest.fixture
async def stranger() -> AsyncIterator[ScriptedPeer]:
    peer = await ScriptedPeer.start()
    yield peer
    peer.close()


@pytest.fixture(autouse=True)
def no_failure_of_ours(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


async def dial(caller: UserAgent, callee: UserAgent) -> OutgoingCall:
    call = await caller.invite("sip:+14155550123@lab.example", via=callee.address, caller="+12025550142", sdp=SOME_SDP)
    assert (await call.final(PATIENCE)).status == 200
    return call


@asynccontextmanager
async def a_call_through_it_all(caller: UserAgent, callee: UserAgent) -> AsyncIterator[OutgoingCall]:
    """It is up before, and stands afterwards; and the next one is answered."""
    call = await dial(caller, callee)
    yield call
    assert not call.ended.is_set()
    assert (await call.ask("OPTIONS", timeout=PATIENCE)).status == 200
    assert (await call.bye(timeout=PATIENCE)).status == 200
    assert (await (await dial(caller, callee)).bye(timeout=PATIENCE)).status == 200


def monsters(port: int, to: int) -> list[bytes]:
    """Each a message that somebody has brought a stack down with."""
    sound = invite_text(port, to)
    body = SOME_SDP + b"a=rtpmap:0 PCMU/8000\r\n" * 600
    return [
        b"\0" * 65_000,
        b"INVITE " + b"sip:" * 16_000,
        sound.replace(b"Max-Forwards: 69", b"Max-Forwards: 69\r\nX: " + b"a" * 60_000),
        sound.replace(b"Max-Forwards: 69", b"Max-Forwards: 69" + b"\r\nX: y" * 9_000),
        sound.replace(b"Via: ", b"Via: " + b"SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx, " * 190),
        sound.replace(b"Via: ", b"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx\r\nVia: " * 199),
        sound.replace(b"CSeq: 1", b"CSeq: -1"),
        sound.replace(b"CSeq: 1", b"CSeq: 99999999999"),
        sound.replace(b"Content-Length: ", b"Content-Length: 9999"),
        sound.replace(b"Content-Length: ", b"Content-Length: -"),
        sound.replace(b"Content-Length: ", b"Content-Length: 1\r\nContent-Length: "),
        sound.replace(SOME_SDP, body).replace(b"Content-Length: %d" % len(SOME_SDP), b"Content-Length: %d" % len(body)),
        sound.replace(b"rport", b"rport=0;received=255.255.255.255;maddr=224.0.0.1"),
        sound.replace(b"127.0.0.1:%d;branch" % port, b"127.0.0.1:0;branch"),
        sound.replace(b"<sip:alice@127.0.0.1", b"<sip:alice@[::::::1]"),
        sound.replace(b'"Alice" ', b'"' + b"\\" * 4001 + b'" '),
        sound.replace(b"Call-ID: hand-made", b"Call-ID: a\r\n b\r\n\tc" + b"\r\n " * 2_000),
        sound.replace(b"INVITE", b"ACK"),
        sound.replace(b"SIP/2.0\r\n", b"SIP/7.0\r\n", 1),
        b"SIP/2.0 200 OK\r\n" + sound.partition(b"\r\n")[2],
        b"SIP/2.0 699 \xff\xfe\r\n" + sound.partition(b"\r\n")[2],
    ]


async def test_damaged_and_monstrous_messages_harm_no_call(
    caller: UserAgent, callee: UserAgent, stranger: ScriptedPeer
) -> None:
    chance, (_, to) = Random(11), callee.address
    async with a_call_through_it_all(caller, callee) as call:
        real = [entry.data for entry in call.trace.entries]
        for agent in (callee, caller):
            for monster in monsters(stranger.address[1], to):
                stranger.send(monster[:65_507], agent.address)
            for octets in (invite_text(stranger.address[1], to), *real):
                for damaged in mutations(octets, chance, 60):
                    stranger.send(damaged, agent.address)
                await asyncio.sleep(0)
        await asyncio.sleep(0.1)
    assert callee.endpoint.malformed > 100


async def test_half_open_calls_without_end_are_not_answered_and_the_others_go_on(
    caller: UserAgent, callee: UserAgent, stranger: ScriptedPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint, "MAX_SERVERS", 50)
    call = await dial(caller, callee)
    for n in range(400):
        text = invite_text(stranger.address[1], callee.address[1], branch=f"z9hG4bK{n}")
        stranger.send(text.replace(b"hand-made", b"flood-%d" % n), callee.address)
        if n % 50 == 0:
            await asyncio.sleep(0.01)
    assert (await call.ask("OPTIONS", timeout=PATIENCE)).status == 200
    assert len(callee.endpoint.servers) <= 60
    assert len(callee.calls) <= 51
    assert (await call.bye(timeout=PATIENCE)).status == 200


async def test_who_guesses_at_a_call_does_not_get_into_it(
    caller: UserAgent, callee: UserAgent, stranger: ScriptedPeer
) -> None:
    """Even one who has seen the Call-ID: the tags are 64 bits of chance each, and so is the branch of an answer."""
    port = stranger.address[1]
    async with a_call_through_it_all(caller, callee) as call:
        seen = call.call_id.encode()
        for agent in (caller, callee):
            for method in (b"BYE", b"CANCEL", b"INVITE", b"UPDATE", b"INFO"):
                forged = invite_text(port, agent.address[1], branch=f"z9hG4bK{method.decode()}", cseq=70)
                forged = forged.replace(b"INVITE", method).replace(b"hand-made", seen)
                forged = forged.replace(b"To: <sip:+14155550123@127.0.0.1>", b"To: <sip:x@y>;tag=guess")
                stranger.send(forged, agent.address)
                assert (await stranger.response(481)).call_id == call.call_id
            answer = b"SIP/2.0 603 Decline\r\n" + invite_text(port, 1).partition(b"\r\n")[2]
            stranger.send(answer.replace(b"hand-made", seen), agent.address)


async def test_what_is_replayed_begins_and_ends_nothing(
    caller: UserAgent, callee: UserAgent, stranger: ScriptedPeer
) -> None:
    """Every datagram of a whole call once more, from elsewhere, while another is up."""
    first = await dial(caller, callee)
    await first.bye(timeout=PATIENCE)
    recorded = [entry.data for entry in first.trace.entries if entry.direction == "sent"]
    async with a_call_through_it_all(caller, callee):
        before = len(callee.calls)
        for data in recorded:
            stranger.send(data, callee.address)
        await asyncio.sleep(0.2)
        assert len(callee.calls) == before


async def test_only_the_carrier_is_heard(callee: UserAgent, stranger: ScriptedPeer) -> None:
    callee.endpoint.admit(Admission(["192.0.2.0/24", "2001:db8::/32"]))
    stranger.send(invite_text(stranger.address[1], callee.address[1]), callee.address)
    stranger.send(b"OPTIONS rubbish", callee.address)
    async with asyncio.timeout(PATIENCE):
        while callee.endpoint.unwelcome < 2:
            await asyncio.sleep(0.01)
    assert not callee.calls
    assert callee.endpoint.malformed == 0
    callee.endpoint.admit(Admission(["127.0.0.1"]))
    stranger.send(invite_text(stranger.address[1], callee.address[1]), callee.address)
    answered = await stranger.response(200)
    stranger.send(inside("ACK", answered, port=stranger.address[1], cseq=1), callee.address)
    stranger.send(inside("BYE", answered, port=stranger.address[1], cseq=2), callee.address)
    await stranger.response(200, "BYE")


@pytest.mark.parametrize(
    ("sources", "host", "admitted"),
    [
        ([], "203.0.113.9", True),
        (["203.0.113.9"], "203.0.113.9", True),
        (["203.0.113.0/24"], "::ffff:203.0.113.9", True),
        (["203.0.113.0/24"], "203.0.114.9", False),
        (["2001:db8::/32"], "2001:db8::1%eth0", True),
        (["2001:db8::/32"], "203.0.113.9", False),
    ],
)
def test_networks(sources: list[str], host: str, admitted: bool) -> None:
    assert Admission(sources).admits(host) is admitted


@pytest.mark.parametrize(
    ("sources", "doors", "heard"),
    [
        ([], ["203.0.113.9", "[2001:db8::1]"], ["203.0.113.9", "2001:db8::1"]),
        (["192.0.2.0/24"], ["203.0.113.9"], ["203.0.113.9", "192.0.2.7"]),
        (["192.0.2.0/24"], ["203.0.113.9", "sip.carrier.example"], ["203.0.113.9", "192.0.2.7"]),
        ([], ["203.0.113.9", "sip.carrier.example"], EVERYBODY),
        ([], ["sip.carrier.example"], EVERYBODY),
    ],
)
def test_the_carrier_s_doors_are_heard_whatever_other_sources_are_named(
    sources: list[str], doors: list[str], heard: list[str]
) -> None:
    admission = of_carrier(sources, doors)
    assert [host for host in EVERYBODY if admission.admits(host)] == heard
