"""Whatever strangers send, the carrier answers the next caller and writes no traceback."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from random import Random

import pytest
import smpp34
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sandbox.sip import sdp
from sandbox.sip.message import BadMessage, parse
from tests.carrier import RunningCarrier
from tests.damage import mutations
from tests.patience import PATIENCE
from tests.sandbox.calls import REFERENCE, options
from tests.sandbox.conftest import Client, client_of
from tests.sandbox.phone import Invitation, Phone
from tests.sandbox.smpp import ENQUIRE_LINK, ENQUIRE_LINK_RESP, answer_to

GARBAGE = [b"", b"\r\n\r\n", b"\0" * 40, b"SIP/2.0 200 OK\r\n\r\n", b"INVITE sip:a@b SIP/2.0\r\n\r\n", b"\xff" * 1400]


@pytest.fixture(scope="module")
def client(carrier: RunningCarrier) -> Iterator[Client]:
    with client_of(carrier) as connected:
        yield connected


@pytest.fixture(autouse=True)
def unharmed(carrier: RunningCarrier) -> Iterator[None]:
    """No onslaught ends the process, or is a bug of ours in its log."""
    yield
    assert carrier.process.poll() is None
    assert not [line for line in carrier.log.splitlines() if "Z error " in line or "Traceback" in line]


def answers(carrier: RunningCarrier) -> dict[str, object]:
    """What the next caller hears at every door."""
    with client_of(carrier) as http, Phone() as phone:
        with socket.create_connection(carrier.smpp_address, PATIENCE) as sock:
            link = answer_to(sock, ENQUIRE_LINK)
        return {"HTTP": len(http.offers(limit=1)), "SIP": options(phone, carrier.sip_address), "SMPP": link}


HEALTHY = {"HTTP": 1, "SIP": 200, "SMPP": ENQUIRE_LINK_RESP}


def test_damaged_sip_harms_nobody(phone: Phone, carrier: RunningCarrier) -> None:
    chance = Random(7)
    call = Invitation(phone, carrier.sip_address, REFERENCE, "+447400120000", "Privacy: id")
    requests = [call.text, *(call.request(m, 2, to="<sip:a@b>;tag=c") for m in ("BYE", "ACK", "CANCEL", "INFO"))]
    response = "SIP/2.0 200 OK" + call.text[call.text.index("\r\n") :].replace("INVITE", "BYE")
    for datagram in GARBAGE:
        phone.sip.sendto(datagram, carrier.sip_address)
    for text in (*requests, response):
        for datagram in mutations(text.encode(), chance, 80):
            phone.sip.sendto(datagram[:60_000], carrier.sip_address)
        phone.drain()
    assert answers(carrier) == HEALTHY


def test_damaged_answers_of_the_far_end_harm_nobody(phone: Phone, inbound: Phone, carrier: RunningCarrier) -> None:
    chance = Random(8)
    call = phone.invite(carrier.sip_address, REFERENCE, "+447400120000")
    invite = inbound.wait_for("INVITE", call.call_id)
    sent: list[str] = []
    inbound.send, keep = lambda text, to: sent.append(text), inbound.send  # type: ignore[method-assign]  # eavesdrop
    inbound.answer(invite, "200 OK", inbound.description())
    inbound.send = keep  # type: ignore[method-assign]  # as it was
    for datagram in mutations(sent[0].encode(), chance, 300):
        inbound.sip.sendto(datagram, carrier.sip_address)
    inbound.drain()
    assert answers(carrier) == HEALTHY


def test_damaged_smpp_harms_nobody(carrier: RunningCarrier) -> None:
    chance = Random(9)
    body = f"{carrier.system_id}\0{carrier.password}\0\0".encode() + b"\x34\0\0\0"
    bind = struct.pack(">IIII", 16 + len(body), 0x9, 0, 1) + body
    submit = smpp34.SubmitSm("447400120000", REFERENCE, b"hello", esm_class=0x40, sequence_number=2).encode()
    for packet in mutations(submit, chance, 60):
        with socket.create_connection(carrier.smpp_address, PATIENCE) as sock:
            sock.sendall(bind + packet)
            honest = struct.pack(">I", len(packet)) + packet[4:]
            sock.sendall(bind if len(packet) < 16 else honest)
    for octets in (b"\0\0\0\x10", b"\xff" * 64, b"\0\0\0\0" * 8, bind[:20]):
        with socket.create_connection(carrier.smpp_address, PATIENCE) as sock:
            sock.sendall(octets)
    assert answers(carrier) == HEALTHY


def test_damaged_http_harms_nobody(carrier: RunningCarrier) -> None:
    chance = Random(10)
    host, port = carrier.http_url.removeprefix("http://").split(":")
    request = (
        b"POST /carriers/tern/v1/orders HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer test-carrier-key\r\n"
        b'Content-Length: 60\r\n\r\n{"client_reference": "x", "numbers": ["+14155550101"]}'
    )
    for octets in mutations(request, chance, 120):
        with socket.create_connection((host, int(port)), PATIENCE) as sock:
            sock.sendall(octets)
    assert answers(carrier) == HEALTHY


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=300) | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(repr))
def test_any_body_gets_an_answer(client: Client, body: bytes | str) -> None:
    answer = client.post("/carriers/tern/v1/orders", content=body)
    assert answer.status_code == 400
    assert set(answer.json()["error"]) == {"code", "message"}


@given(st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
@example(b"INVITE sip:a SIP/2.0\r\nVia: ,\r\nf: a\r\nt: b\r\ni: c\r\nCSeq: 1 INVITE\r\n\r\n")
def test_a_datagram_is_a_message_or_refused(datagram: bytes) -> None:
    try:
        message = parse(datagram)
    except BadMessage:
        return
    assert parse(message.encode()).encode() == message.encode()


@given(st.lists(st.sampled_from(["m=audio 4000 RTP/AVP 0", "c=IN IP4 1.2.3.4", "m=audio 0 x y", "a=rtcp:9", "m="])))
def test_a_redirected_description_names_only_the_relay(lines: list[str]) -> None:
    body = sdp.redirect("\r\n".join(lines).encode(), "127.0.0.1", [10_000, 10_002])
    hosts = {stream.address[0] for stream in sdp.streams(body) if stream.address}
    assert hosts <= {"127.0.0.1"}
    assert b"rtcp" not in body
