"""The SMPP link against a real SMSC on a loopback socket."""

import asyncio
import contextlib
import random
import struct
from collections import deque
from collections.abc import AsyncIterator, Callable

import pytest

from testing_lab.messages import alphabet, concatenation, session
from testing_lab.messages.delivery import OK
from testing_lab.messages.link import NO_ANSWER, RECEIPT_REQUESTED, REFUSED_FOR_GOOD, SmscLink, Submission
from tests.patience import PATIENCE
from tests.ports import reserve
from tests.testing_lab.messages.smsc import INVALID_DESTINATION, THROTTLED, Smsc, link_to, running

A, B = "+12025550142", "+14155550123"


@pytest.fixture
async def smsc() -> AsyncIterator[Smsc]:
    async with running(Smsc(reserve())) as smsc:
        yield smsc


@pytest.fixture
async def link(smsc: Smsc) -> AsyncIterator[SmscLink]:
    async with link_to(smsc.port) as link:
        assert await link.wait_bound(PATIENCE)
        yield link


async def test_a_message_arrives_as_it_was_sent(link: SmscLink) -> None:
    waiting = link.expect(B, token="7f3a")
    result = await link.send(A, B, "Hello [7f3a] costs 3 €")
    delivery = await asyncio.wait_for(waiting, PATIENCE)
    assert (result.outcome, result.message_id) == (Submission.ACCEPTED, "00000001")
    assert (delivery.source, delivery.destination) == (A[1:], B[1:])
    assert delivery.text == "Hello [7f3a] costs 3 €"
    assert delivery.body == alphabet.encode_gsm("Hello [7f3a] costs 3 €")
    assert delivery.at >= result.submitted_at
    assert link.unclaimed == ()


@pytest.mark.parametrize("text", ["Grüße, 你好 😀", "kurz", "x" * 300])
async def test_any_text_comes_back_whole(link: SmscLink, text: str) -> None:
    waiting = link.expect(B)
    assert (await link.send(A, B, text)).outcome is Submission.ACCEPTED
    assert (await asyncio.wait_for(waiting, PATIENCE)).text == text


async def test_octets_and_header_of_a_part_are_kept(link: SmscLink) -> None:
    waiting = link.expect(B)
    part = concatenation.split(b"\x00\xff" * 100, reference=9, room=concatenation.OCTETS_PER_PART)[1]
    await link.send(A, B, part, data_coding=alphabet.BINARY, esm_class=concatenation.ESM_UDHI)
    delivery = await asyncio.wait_for(waiting, PATIENCE)
    assert (delivery.body, delivery.data_coding) == (part, alphabet.BINARY)
    assert delivery.part == concatenation.Part(9, 2, 2, (b"\x00\xff" * 100)[134:])


async def test_an_alphanumeric_sender_is_marked_as_one(link: SmscLink, smsc: Smsc) -> None:
    await link.send("Numberyard", B, "hi")
    await link.send(A, B, "hi")
    assert [(m.source_addr, m.source_addr_ton) for m in smsc.submitted] == [("Numberyard", 5), (A[1:], 1)]


async def test_each_waiter_gets_its_own_message_and_the_rest_is_kept(link: SmscLink) -> None:
    first, second = link.expect(B, token="one"), link.expect(B, lambda delivery: delivery.body == b"two")
    elsewhere = link.expect(A)
    for text in ("two", "stray", "one"):
        await link.send(A, B, text)
    assert (await asyncio.wait_for(first, PATIENCE)).text == "one"
    assert (await asyncio.wait_for(second, PATIENCE)).text == "two"
    await _until(lambda: [delivery.text for delivery in link.unclaimed] == ["stray"])
    assert not elsewhere.done()


async def test_a_cancelled_waiter_takes_nothing(link: SmscLink) -> None:
    link.expect(B).cancel()
    await asyncio.sleep(0)
    waiting = link.expect(B)
    await link.send(A, B, "for the second")
    assert (await asyncio.wait_for(waiting, PATIENCE)).text == "for the second"


async def test_a_predicate_that_raises_fails_only_its_own_waiter(link: SmscLink) -> None:
    broken = link.expect(B, lambda delivery: bool(1 // len(delivery.body[5:])))
    sound = link.expect(B)
    await link.send(A, B, "five!")
    assert (await asyncio.wait_for(sound, PATIENCE)).text == "five!"
    with pytest.raises(ZeroDivisionError):
        await broken


async def test_receipts_tell_delivered_from_not(link: SmscLink, smsc: Smsc) -> None:
    smsc.silent_about.add(b"refused by the handset")
    arrived = await link.send(A, B, "arrives", registered_delivery=RECEIPT_REQUESTED)
    vanished = await link.send(A, B, "refused by the handset", registered_delivery=RECEIPT_REQUESTED)
    claims = [await asyncio.wait_for(link.expect_receipt(r.message_id), PATIENCE) for r in (arrived, vanished)]
    assert [claim.delivered for claim in claims] == [True, False]
    assert [claim.state for claim in claims] == ["DELIVRD", "UNDELIV"]


async def test_a_receipt_waits_for_the_one_who_asks_late(link: SmscLink) -> None:
    result = await link.send(A, B, "quick", registered_delivery=RECEIPT_REQUESTED)
    await _until(lambda: link._receipts._receipts)
    assert (await asyncio.wait_for(link.expect_receipt(result.message_id), PATIENCE)).delivered
    assert [delivery.text for delivery in link.unclaimed] == ["quick"]  # a receipt is no message


async def test_a_delivery_can_be_refused_and_its_receipt_says_so(link: SmscLink, smsc: Smsc) -> None:
    end = link.listen(B, lambda delivery: REFUSED_FOR_GOOD if "not me" in delivery.text else None)
    refused = await link.send(A, B, "not me", registered_delivery=RECEIPT_REQUESTED)
    assert not (await asyncio.wait_for(link.expect_receipt(refused.message_id), PATIENCE)).delivered
    end()
    taken = await link.send(A, B, "not me again", registered_delivery=RECEIPT_REQUESTED)
    assert (await asyncio.wait_for(link.expect_receipt(taken.message_id), PATIENCE)).delivered
    assert smsc.answered == [REFUSED_FOR_GOOD, OK]


async def test_a_taker_that_raises_costs_nobody_the_session(link: SmscLink) -> None:
    link.listen(B, lambda delivery: 1 // len(delivery.body[5:]))
    waiting = link.expect(B)
    await link.send(A, B, "five!")
    assert (await asyncio.wait_for(waiting, PATIENCE)).text == "five!"
    assert link.bound


async def test_throttling_is_waited_out(link: SmscLink, smsc: Smsc) -> None:
    smsc.refusals.extend([THROTTLED, THROTTLED])
    result = await link.send(A, B, "patience")
    assert result.outcome is Submission.ACCEPTED
    assert len(smsc.submitted) == 3


async def test_throttling_to_the_end_is_inconclusive_and_a_refusal_is_not(smsc: Smsc) -> None:
    async with link_to(smsc.port, throttle_retries=1) as link:
        smsc.refusals = deque([THROTTLED, THROTTLED, INVALID_DESTINATION])
        throttled, refused = await link.send(A, B, "x"), await link.send(A, B, "x")
    assert (throttled.outcome, throttled.command_status) == (Submission.INCONCLUSIVE, THROTTLED)
    assert (refused.outcome, refused.command_status) == (Submission.REFUSED, INVALID_DESTINATION)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (0x04, Submission.INCONCLUSIVE),  # ESME_RINVBNDSTS
        (0x08, Submission.INCONCLUSIVE),  # ESME_RSYSERR
        (0x64, Submission.INCONCLUSIVE),  # ESME_RX_T_APPN
        (0xFF, Submission.INCONCLUSIVE),  # ESME_RUNKNOWNERR
        (0x0A, Submission.REFUSED),  # ESME_RINVSRCADR
        (0x45, Submission.REFUSED),  # ESME_RSUBMITFAIL
        (0x65, Submission.REFUSED),  # ESME_RX_P_APPN
        (0x66, Submission.REFUSED),  # ESME_RX_R_APPN
    ],
)
async def test_what_an_smsc_says_of_itself_refuses_no_message(
    link: SmscLink, smsc: Smsc, status: int, outcome: Submission
) -> None:
    smsc.refusals.append(status)
    answer = await link.send(A, B, "x")
    assert (answer.outcome, answer.command_status) == (outcome, status)
    assert len(smsc.submitted) == 1  # only a throttled one is sent again


async def test_the_rate_limit_of_the_carrier_is_kept(smsc: Smsc) -> None:
    async with link_to(smsc.port, messages_per_second=20) as link:
        assert await link.wait_bound(PATIENCE)
        begin = asyncio.get_running_loop().time()
        await asyncio.gather(*(link.send(A, B, str(i)) for i in range(9)))
        assert asyncio.get_running_loop().time() - begin >= 0.4 - 0.01


async def _sessions(smsc: Smsc, count: int) -> None:
    await _until(lambda: len(smsc.sessions) >= count)


async def _until(happened: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not happened():
            await asyncio.sleep(0.02)


async def test_a_lost_session_is_bound_again(link: SmscLink, smsc: Smsc) -> None:
    await _sessions(smsc, 1)
    await smsc.sessions[0].unbind()
    waiting = link.expect(B)
    await _sessions(smsc, 2)
    assert (await link.send(A, B, "again")).outcome is Submission.ACCEPTED
    assert (await asyncio.wait_for(waiting, PATIENCE)).text == "again"


async def test_an_smsc_that_comes_late_is_found() -> None:
    port = reserve()
    async with link_to(port, answer_timeout=0.1) as link:
        assert (await link.send(A, B, "too early")).outcome is Submission.INCONCLUSIVE
        async with running(Smsc(port)):
            assert await link.wait_bound(PATIENCE)


async def test_closing_unbinds_and_cancels_who_waits(smsc: Smsc) -> None:
    link = link_to(smsc.port)
    await link.open()
    assert await link.wait_bound(PATIENCE)
    message, receipt = link.expect(B), link.expect_receipt("1")
    await link.close()
    await link.close()
    assert message.cancelled()
    assert receipt.cancelled()
    assert not link.bound


@pytest.mark.parametrize("address", ["", "+123456789012345678901", "+1415\n5550123", "número"])
async def test_an_address_that_smpp_cannot_carry_is_refused_before_it_is_sent(link: SmscLink, address: str) -> None:
    with pytest.raises(ValueError, match="SMPP address"):
        await link.send(A, address, "x")
    with pytest.raises(ValueError, match="SMPP address"):
        await link.send(address, B, "x")


UNBIND = 0x06
BIND_RESP, GARBAGE = struct.pack(">IIII", 18, 0x80000009, 0, 1) + b"S\0", b"\xff" * 64


class RawSmsc:
    """Says exactly what it is told to, whether it is SMPP or not; `after_bind` is sent once a bind is answered."""

    def __init__(self, *after_bind: bytes, answer: bytes = BIND_RESP) -> None:
        self._after_bind, self._answer = deque(after_bind), answer
        self.binds = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.binds += 1
        head = await reader.readexactly(16)
        await reader.readexactly(int.from_bytes(head[:4], "big") - 16)
        writer.write(self._answer)
        if self._after_bind:
            writer.write(self._after_bind.popleft())
        await writer.drain()
        with contextlib.suppress(asyncio.CancelledError, asyncio.IncompleteReadError):  # the test, or the link, is over
            while True:
                length, command, _, sequence = struct.unpack(">IIII", await reader.readexactly(16))
                await reader.readexactly(length - 16)
                if command == UNBIND:
                    writer.write(struct.pack(">IIII", 16, 0x80000006, 0, sequence))
        writer.close()


async def _serve(raw: RawSmsc) -> tuple[asyncio.Server, int]:
    server = await asyncio.start_server(raw.talk, "127.0.0.1", 0)
    return server, server.sockets[0].getsockname()[1]


def _deliver_sm(body: bytes, *, esm_class: int = 0, data_coding: int = 0) -> bytes:
    fields = b"\0" + b"\1\1" + b"44\0" + b"\1\1" + B[1:].encode() + b"\0" + bytes([esm_class, 0, 0, 0, 0, 0, 0])
    rest = fields + bytes([data_coding, 0, len(body)]) + body
    return struct.pack(">IIII", 16 + len(rest), 5, 0, 1) + rest


async def test_garbage_from_the_smsc_costs_the_session_and_not_the_link() -> None:
    raw = RawSmsc(GARBAGE, _deliver_sm(b"sane again"))
    server, port = await _serve(raw)
    async with server, link_to(port) as link:
        delivery = await asyncio.wait_for(link.expect(B), PATIENCE)
        assert delivery.text == "sane again"
    assert raw.binds >= 2


def _mutated(chance: random.Random) -> bytes:
    """A deliver_sm with a few octets of it changed, its length among them now and then."""
    body = chance.randbytes(chance.randrange(120))
    octets = bytearray(_deliver_sm(body, esm_class=chance.choice([0, 4, 0x40, 0x44]), data_coding=chance.randrange(16)))
    first = 0 if chance.random() < 0.05 else 4
    for _ in range(chance.randrange(6)):
        octets[chance.randrange(first, len(octets))] = chance.randrange(256)
    return bytes(octets)


async def test_mutated_deliveries_cost_sessions_at_most() -> None:
    chance = random.Random(20)
    end = b"\xff" * 70_000  # whatever length was claimed last, it is reached, and the next is none
    streams = (b"".join(_mutated(chance) for _ in range(100)) + end for _ in range(15))
    raw = RawSmsc(*streams, _deliver_sm(b"sane again"))
    server, port = await _serve(raw)
    async with server, link_to(port) as link:
        assert await asyncio.wait_for(link.expect(B, token="sane again"), PATIENCE)
    assert raw.binds == 16


async def test_broken_bodies_and_receipts_are_only_what_they_are() -> None:
    raw = RawSmsc(
        _deliver_sm(b"stat:NONSENSE", esm_class=0x04)
        + _deliver_sm(b"\x06\x00\x03", esm_class=concatenation.ESM_UDHI)
        + _deliver_sm(b"\xd8\x3d\xde", data_coding=alphabet.UCS2)
    )
    server, port = await _serve(raw)
    async with server, link_to(port) as link:
        header = link.expect(B, lambda delivery: delivery.data_coding == alphabet.GSM_DEFAULT)
        text = link.expect(B, lambda delivery: delivery.data_coding == alphabet.UCS2)
        broken_header, broken_text = await asyncio.wait_for(asyncio.gather(header, text), PATIENCE)
    assert broken_header.part is None
    assert "\ufffd" in broken_text.text


async def test_a_deliver_sm_that_is_none_is_answered_with_an_error_and_the_session_stands() -> None:
    nonsense = struct.pack(">IIII", 20, 5, 0, 7) + b"\1\2\3\4"
    raw = RawSmsc(nonsense + struct.pack(">IIII", 16, 0x77, 0, 8) + _deliver_sm(b"sane"))
    server, port = await _serve(raw)
    async with server, link_to(port) as link:
        assert (await asyncio.wait_for(link.expect(B), PATIENCE)).text == "sane"
    assert raw.binds == 1


async def test_an_smsc_that_falls_silent_is_asked_for_a_sign_of_life_and_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(session, "_SILENCE_S", 0.2)
    monkeypatch.setattr(session, "_SIGN_OF_LIFE_S", 0.2)
    raw = RawSmsc()
    server, port = await _serve(raw)
    async with server, link_to(port):
        await _until(lambda: raw.binds >= 2)


async def test_an_smsc_that_answers_enquire_link_is_kept(smsc: Smsc, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "_SILENCE_S", 0.05)
    async with link_to(smsc.port) as link:
        assert await link.wait_bound(PATIENCE)
        await asyncio.sleep(0.5)
        assert len(smsc.sessions) == 1
        assert (await link.send(A, B, "still here")).outcome is Submission.ACCEPTED


async def test_a_refused_bind_is_tried_again_and_never_counts_as_bound() -> None:
    raw = RawSmsc(answer=struct.pack(">IIII", 16, 0x80000009, 0x0E, 1))  # ESME_RINVPASWD
    server, port = await _serve(raw)
    async with server, link_to(port, connect_timeout=5.0) as link:
        await _until(lambda: raw.binds >= 3)
        assert not link.bound


async def test_an_smsc_that_never_answers_leaves_the_message_inconclusive() -> None:
    server, port = await _serve(RawSmsc())
    async with server, link_to(port, answer_timeout=0.2) as link:
        assert await link.wait_bound(PATIENCE)
        result = await link.send(A, B, "anybody there?")
    assert (result.outcome, result.command_status) == (Submission.INCONCLUSIVE, NO_ANSWER)
