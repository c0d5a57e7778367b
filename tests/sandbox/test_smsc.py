"""The SMSC against the client of smpp34 and against plain sockets."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Callable

import pytest
import smpp34

from sandbox.sms.store import e164, validity_seconds
from tests.carrier import Address, RunningCarrier
from tests.patience import PATIENCE, eventually
from tests.sandbox.conftest import Client
from tests.sandbox.smpp import ENQUIRE_LINK, ENQUIRE_LINK_RESP, answer_to

REFERENCE = "12025550142"
ALWAYS, ON_FAILURE = 1, 2
MESSAGE_PAYLOAD, RECEIPTED_MESSAGE_ID, MESSAGE_STATE = 0x0424, 0x001E, 0x0427  # SMPP 3.4 5.3.2
THROTTLED, BAD_DESTINATION, BAD_PASSWORD, BAD_STATE = 0x58, 0xB, 0xE, 0x4


class Esme:
    """A bound client that sorts what comes in into messages and receipts."""

    def __init__(self, smsc: smpp34.Smsc) -> None:
        self.smsc = smsc

    async def next(self, timeout: float = PATIENCE) -> smpp34.DeliverSmEvent:
        received = await asyncio.wait_for(self.smsc.next(), timeout)
        assert isinstance(received, smpp34.DeliverSmEvent)
        return received

    async def messages(self, count: int) -> list[smpp34.DeliverSmEvent]:
        return [await self.next() for _ in range(count)]

    async def silence(self, seconds: float = 0.4) -> bool:
        try:
            await self.next(seconds)
        except TimeoutError:
            return True
        return False


async def bind(carrier: RunningCarrier, kind: str = "TRX") -> Esme:
    host, port = carrier.smpp_address
    client = smpp34.Client(host, port, carrier.system_id, carrier.password, bind_type=kind)
    return Esme(await client.connect())


@pytest.fixture
async def esme(carrier: RunningCarrier) -> AsyncIterator[Esme]:
    bound = await bind(carrier)
    yield bound
    await bound.smsc.unbind()


@pytest.fixture
def mobile(http: Client) -> str:
    """A healthy GB mobile number that we hold, as digits."""
    numbers = http.offers("petrel", country="GB", type="mobile", limit=1)
    http.buy("sim", numbers, "petrel")
    return numbers[0].removeprefix("+")


async def test_a_message_to_a_held_number_arrives_octet_by_octet(esme: Esme, mobile: str) -> None:
    answer = await esme.smsc.submit_sm(mobile, b"hello", source_addr=REFERENCE, source_addr_ton=1, dest_addr_ton=1)
    assert answer.is_success
    assert answer.message_id
    got = await esme.next()
    assert (got.source_addr, got.destination_addr, got.short_message) == (REFERENCE, mobile, b"hello")
    assert (got.source_addr_ton, got.esm_class, got.data_coding) == (1, 0, 0)
    assert await esme.silence(), "no receipt was asked for"


async def test_a_message_from_a_held_number_reaches_the_reference_number(esme: Esme, mobile: str) -> None:
    await esme.smsc.submit_sm(f"+{REFERENCE}", b"hi", source_addr=f"+{mobile}")
    got = await esme.next()
    assert (got.source_addr, got.destination_addr) == (f"+{mobile}", f"+{REFERENCE}")


async def test_coding_and_user_data_header_are_kept(esme: Esme, mobile: str) -> None:
    part = b"\x05\x00\x03\x2a\x02\x01" + "Grüße 😀".encode("utf-16-be")
    await esme.smsc.submit_sm(mobile, part, source_addr=REFERENCE, esm_class=0x40, data_coding=8)
    got = await esme.next()
    assert (got.esm_class, got.data_coding, got.short_message) == (0x40, 8, part)


async def test_optional_parameters_are_kept(esme: Esme, mobile: str) -> None:
    payload = smpp34.Tlv(MESSAGE_PAYLOAD, b"x" * 300)
    await esme.smsc.submit_sm(mobile, b"", source_addr=REFERENCE, tlvs=[payload])
    got = await esme.next()
    assert [(tlv.tag, tlv.value) for tlv in got.tlvs] == [(payload.tag, payload.value)]


async def test_a_receipt_says_delivered_after_the_delivery(esme: Esme, mobile: str) -> None:
    answer = await esme.smsc.submit_sm(mobile, b"x", source_addr=REFERENCE, registered_delivery=ALWAYS)
    message, receipt = await esme.messages(2)
    assert message.short_message == b"x"
    assert receipt.esm_class & 0x3C == 0x04
    assert (receipt.source_addr, receipt.destination_addr) == (mobile, REFERENCE)
    assert f"id:{answer.message_id} " in receipt.short_message.decode()
    assert " stat:DELIVRD err:000" in receipt.short_message.decode()
    tlvs = {tlv.tag: tlv for tlv in receipt.tlvs}
    assert tlvs[RECEIPTED_MESSAGE_ID].as_string() == answer.message_id
    assert tlvs[MESSAGE_STATE].as_int() == 2


async def test_a_message_to_nobody_is_reported_undelivered(esme: Esme) -> None:
    answer = await esme.smsc.submit_sm("447400129999", b"x", source_addr=REFERENCE, registered_delivery=ON_FAILURE)
    receipt = await esme.next()
    assert f"id:{answer.message_id} " in receipt.short_message.decode()
    assert " stat:UNDELIV err:001" in receipt.short_message.decode()


async def test_a_landline_gets_no_messages(esme: Esme, http: Client) -> None:
    numbers = http.offers("petrel", country="GB", type="local", limit=1)
    http.buy("landline", numbers, "petrel")
    await esme.smsc.submit_sm(numbers[0], b"x", source_addr=REFERENCE, registered_delivery=ALWAYS)
    assert b"stat:UNDELIV" in (await esme.next()).short_message


async def test_a_destination_that_is_no_number_is_refused(esme: Esme) -> None:
    answer = await esme.smsc.submit_sm("12", b"x", source_addr=REFERENCE)
    assert answer.command_status == BAD_DESTINATION


async def test_messages_wait_for_a_receiver(carrier: RunningCarrier, mobile: str) -> None:
    transmitter = await bind(carrier, "TX")
    for turn in range(3):
        await transmitter.smsc.submit_sm(mobile, b"%d" % turn, source_addr=REFERENCE)
    assert await transmitter.silence()
    receiver = await bind(carrier, "RX")
    assert {m.short_message for m in await receiver.messages(3)} == {b"0", b"1", b"2"}
    await receiver.smsc.unbind()
    await transmitter.smsc.unbind()


async def test_a_message_that_waits_too_long_expires(carrier: RunningCarrier, mobile: str, http: Client) -> None:
    transmitter = await bind(carrier, "TX")
    await transmitter.smsc.submit_sm(mobile, b"x", source_addr=REFERENCE, validity_period="000000000001000R")
    await asyncio.to_thread(eventually, lambda: states_of_messages(http) != ["queued"])
    assert states_of_messages(http) == ["expired"]
    await transmitter.smsc.unbind()


async def test_accepted_messages_survive_a_crash(start: Callable[..., RunningCarrier]) -> None:
    carrier = start()
    transmitter = await bind(carrier, "TX")
    await transmitter.smsc.submit_sm(REFERENCE, b"still here", source_addr="447400120000")
    carrier.kill()
    carrier.restart()
    receiver = await bind(carrier, "RX")
    assert (await receiver.next()).short_message == b"still here"


async def test_throttling_strikes_when_forced(esme: Esme, http: Client, mobile: str) -> None:
    http.force("throttled_submit")
    assert (await esme.smsc.submit_sm(mobile, b"x", source_addr=REFERENCE)).command_status == THROTTLED
    assert (await esme.smsc.submit_sm(mobile, b"x", source_addr=REFERENCE)).is_success


async def submit_to_faulty(esme: Esme, http: Client, mobile: str, kind: str, text: bytes = b"a" * 40) -> None:
    http.give_fault(f"+{mobile}", kind)
    answer = await esme.smsc.submit_sm(mobile, text, source_addr=REFERENCE, registered_delivery=ALWAYS)
    assert answer.is_success


@pytest.mark.parametrize(("kind", "claim"), [("sms_lost", b"UNDELIV"), ("sms_lying_receipt", b"DELIVRD")])
async def test_a_lost_message(esme: Esme, http: Client, mobile: str, kind: str, claim: bytes) -> None:
    await submit_to_faulty(esme, http, mobile, kind)
    receipt = await esme.next()
    assert b"stat:" + claim in receipt.short_message
    assert await esme.silence()


async def test_a_late_message_is_not_there_yet(esme: Esme, http: Client, mobile: str) -> None:
    await submit_to_faulty(esme, http, mobile, "sms_late")
    assert await esme.silence(1.0)
    assert states_of_messages(http) == ["queued"]


async def test_a_garbled_message_keeps_its_length(esme: Esme, http: Client, mobile: str) -> None:
    await submit_to_faulty(esme, http, mobile, "sms_garbled")
    got = (await esme.next()).short_message
    assert len(got) == 40
    assert 0 < got.count(b"?") < 40


async def test_a_truncated_message_keeps_its_header(esme: Esme, http: Client, mobile: str) -> None:
    http.give_fault(f"+{mobile}", "sms_truncated")
    header = b"\x05\x00\x03\x01\x02\x01"
    await esme.smsc.submit_sm(mobile, header + b"a" * 40, source_addr=REFERENCE, esm_class=0x40)
    assert (await esme.next()).short_message == header + b"a" * 10


async def test_a_wrong_sender(esme: Esme, http: Client, mobile: str) -> None:
    http.give_fault(f"+{mobile}", "sms_wrong_sender")
    await esme.smsc.submit_sm(REFERENCE, b"x", source_addr=mobile)
    assert (await esme.next()).source_addr == "72345"


HEADER = b"\x05\x00\x03\x2a\x03"


async def submit_parts(esme: Esme, mobile: str) -> None:
    """Three parts of a long message, to the number."""
    for n in (1, 2, 3):
        part = HEADER + bytes([n]) + b"text %d" % n
        await esme.smsc.submit_sm(mobile, part, source_addr=REFERENCE, esm_class=0x40)


SPOILT_PARTS = {
    "sms_parts_swapped/first_two": [HEADER + b"\1text 2", HEADER + b"\2text 1", HEADER + b"\3text 3"],
    "sms_parts_swapped/last_two": [HEADER + b"\1text 1", HEADER + b"\2text 3", HEADER + b"\3text 2"],
    "sms_part_lost/second": [HEADER + b"\1text 1", HEADER + b"\3text 3"],
    "sms_part_doubled/second": [HEADER + b"%ctext %d" % (n, n) for n in (1, 2, 2, 3)],
    "sms_header_lost/all_parts": [b"text 1", b"text 2", b"text 3"],
}


@pytest.mark.parametrize("fault", SPOILT_PARTS)
async def test_parts_are_spoilt(esme: Esme, http: Client, mobile: str, fault: str) -> None:
    http.give_fault(f"+{mobile}", *fault.split("/"))
    await submit_parts(esme, mobile)
    arrive = SPOILT_PARTS[fault]
    came = await esme.messages(len(arrive))
    assert sorted(message.short_message for message in came) == sorted(arrive)
    assert {message.esm_class for message in came} == {0x40 if arrive[0].startswith(HEADER) else 0}
    assert await esme.silence()


async def test_one_part_has_another_sender(esme: Esme, http: Client, mobile: str) -> None:
    http.give_fault(f"+{mobile}", "sms_part_sender")
    await submit_parts(esme, mobile)
    senders = {message.short_message[5]: message.source_addr for message in await esme.messages(3)}
    assert senders == {1: REFERENCE, 2: "72345", 3: REFERENCE}


GREETING = "Grüße 😀!"


SPOILT_GREETINGS = {
    "sms_unicode/octets_swapped": (GREETING.encode("utf-16-le"), 8),
    "sms_unicode/to_ascii": (b"Gr??e ?!", 0),
    "sms_emoji/replaced": ("Grüße ?!".encode("utf-16-be"), 8),
    "sms_emoji/removed": ("Grüße !".encode("utf-16-be"), 8),
}


@pytest.mark.parametrize("fault", SPOILT_GREETINGS)
async def test_only_unicode_is_spoilt(esme: Esme, http: Client, mobile: str, fault: str) -> None:
    http.give_fault(f"+{mobile}", *fault.split("/"))
    await esme.smsc.submit_sm(mobile, GREETING.encode("utf-16-be"), source_addr=REFERENCE, data_coding=8)
    got = await esme.next()
    assert (got.short_message, got.data_coding) == SPOILT_GREETINGS[fault]
    await esme.smsc.submit_sm(mobile, b"plain", source_addr=REFERENCE)
    assert (await esme.next()).short_message == b"plain"


async def test_a_receipt_lies_about_a_message_that_arrived(esme: Esme, http: Client, mobile: str) -> None:
    http.give_fault(f"+{mobile}", "sms_lying_receipt", "never_delivered")
    await esme.smsc.submit_sm(mobile, b"x", source_addr=REFERENCE, registered_delivery=ALWAYS)
    message, receipt = await esme.messages(2)
    assert message.short_message == b"x"
    assert b"stat:UNDELIV" in receipt.short_message


@pytest.mark.parametrize("kind", ["sms_no_receipt", "sms_late_receipt"])
async def test_a_receipt_does_not_come_in_time(esme: Esme, http: Client, mobile: str, kind: str) -> None:
    http.give_fault(f"+{mobile}", kind)
    await esme.smsc.submit_sm(mobile, b"x", source_addr=REFERENCE, registered_delivery=ALWAYS)
    assert (await esme.next()).short_message == b"x"
    assert await esme.silence(1.0)


async def test_a_voice_fault_leaves_messages_alone(esme: Esme, http: Client, mobile: str) -> None:
    await submit_to_faulty(esme, http, mobile, "packet_loss", b"clear")
    assert (await esme.next()).short_message == b"clear"


def test_a_wrong_password_is_refused(carrier: RunningCarrier) -> None:
    for system_id, password in ((carrier.system_id, "guess"), ("guess", carrier.password), ("", "")):
        assert _bind_status(carrier.smpp_address, system_id, password) == BAD_PASSWORD
    assert _bind_status(carrier.smpp_address, carrier.system_id, carrier.password) == 0


def test_nobody_submits_unbound_and_links_can_be_checked(carrier: RunningCarrier) -> None:
    with socket.create_connection(carrier.smpp_address, PATIENCE) as sock:
        submit = smpp34.SubmitSm(REFERENCE, REFERENCE, b"x", sequence_number=7).encode()
        assert answer_to(sock, submit) == (0x80000004, BAD_STATE, 7)
        assert answer_to(sock, ENQUIRE_LINK) == ENQUIRE_LINK_RESP
        assert answer_to(sock, struct.pack(">IIII", 16, 0x77, 0, 9)) == (0x80000000, 0x3, 9)
        assert answer_to(sock, struct.pack(">IIII", 16, 0x6, 0, 10)) == (0x80000006, 0, 10)
        assert sock.recv(1) == b"", "closed after unbind"


@pytest.mark.parametrize(
    ("period", "seconds"),
    [("", 300), ("000000000010000R", 10), ("000001020304000R", 93_784), ("261121000000000+", 300), ("x", 300)],
)
def test_validity_periods(period: str, seconds: float) -> None:
    assert validity_seconds(period) == seconds


@pytest.mark.parametrize(
    ("address", "number"),
    [("+447400120000", "+447400120000"), ("447400120000", "+447400120000"), ("72345", None), ("Bank", None)],
)
def test_addresses(address: str, number: str | None) -> None:
    assert e164(address) == number


def states_of_messages(http: Client) -> list[str]:
    return [message["state"] for message in http.get("/sandbox/v1/messages").json()["messages"]]


def _bind_status(address: Address, system_id: str, password: str) -> int:
    body = f"{system_id}\0{password}\0\0".encode() + b"\x34\0\0\0"
    with socket.create_connection(address, PATIENCE) as sock:
        return answer_to(sock, struct.pack(">IIII", 16 + len(body), 0x9, 0, 1) + body)[1]
