"""What a faulty number does to calls from it, to withheld callers, and to calls that last or come together."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from sandbox.sip import sdp
from tests.carrier import RunningCarrier
from tests.sandbox.calls import REFERENCE, connect, end
from tests.sandbox.conftest import Client, client_of
from tests.sandbox.phone import Invitation, Letter, Phone, packet

WITHHELD = f"P-Asserted-Identity: <sip:{REFERENCE}@lab>\r\nPrivacy: id"

pytestmark = pytest.mark.usefixtures("quiet")


def arrival(phone: Phone, inbound: Phone, carrier: RunningCarrier, callee: str, **how: str) -> Letter:
    """The INVITE as the far end gets it; the call is then refused."""
    call = phone.invite(carrier.sip_address, callee, **how)
    invite = inbound.wait_for("INVITE", call.call_id)
    inbound.answer(invite, "486 Busy Here")
    call.acknowledge(call.final())
    return invite


def part(text: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return document


def verifies(token: str, certificate: bytes) -> bool:
    signed, _, signature = token.rpartition(".")
    octets = base64.urlsafe_b64decode(signature + "==")
    der = utils.encode_dss_signature(int.from_bytes(octets[:32], "big"), int.from_bytes(octets[32:], "big"))
    key = x509.load_pem_x509_certificate(certificate).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    try:
        key.verify(der, signed.encode(), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


@pytest.mark.parametrize(
    ("severity", "orig", "attestation", "intact"),
    [
        (None, "", "A", True),
        ("tampered", "", "A", False),
        ("wrong_number", "12025550199", "A", True),
        ("run_out", "", "A", True),
        ("gateway", "", "C", True),
    ],
)
def test_a_call_from_a_number_is_signed(  # noqa: PLR0917 - five fixtures and four values
    phone: Phone,
    inbound: Phone,
    carrier: RunningCarrier,
    http: Client,
    number: str,
    severity: str | None,
    orig: str,
    attestation: str,
    intact: bool,
) -> None:
    if severity:
        http.give_fault(number, "identity", severity)
    invite = arrival(phone, inbound, carrier, REFERENCE, caller=number)
    (identity,) = invite.headers("Identity")
    token = identity.partition(";")[0]
    header, claims = (part(each) for each in token.split(".")[:2])
    assert claims["orig"] == {"tn": orig or number[1:]}
    assert claims["dest"] == {"tn": [REFERENCE[1:]]}
    assert claims["attest"] == attestation
    assert verifies(token, httpx.get(header["x5u"]).raise_for_status().content) is intact


def test_a_call_is_not_signed_to_the_number_or_across_frameworks_or_when_the_fault_says_so(
    phone: Phone, inbound: Phone, carrier: RunningCarrier, http: Client, number: str
) -> None:
    assert not arrival(phone, inbound, carrier, number).headers("Identity")
    london = http.offers("petrel", country="GB", type="local", area_code="20", limit=1)
    http.buy("london", london, "petrel")
    assert not arrival(phone, inbound, carrier, REFERENCE, caller=london[0]).headers("Identity")
    http.give_fault(number, "identity", "missing")
    assert not arrival(phone, inbound, carrier, REFERENCE, caller=number).headers("Identity")


@pytest.mark.parametrize(("severity", "valid"), [(None, True), ("run_out", False)])
def test_the_certificate_is_valid_unless_the_fault_lets_it_run_out(  # noqa: PLR0917 - five fixtures and two values
    phone: Phone,
    inbound: Phone,
    carrier: RunningCarrier,
    http: Client,
    number: str,
    severity: str | None,
    valid: bool,
) -> None:
    if severity:
        http.give_fault(number, "identity", severity)
    (identity,) = arrival(phone, inbound, carrier, REFERENCE, caller=number).headers("Identity")
    signer = x509.load_pem_x509_certificate(httpx.get(part(identity.split(".")[0])["x5u"]).raise_for_status().content)
    assert signer.not_valid_before_utc < datetime.now(UTC)
    assert (datetime.now(UTC) < signer.not_valid_after_utc) is valid


def test_certificates_are_open_and_only_those_of_this_process(carrier: RunningCarrier) -> None:
    assert httpx.get(f"{carrier.http_url}/certificates/{'0' * 64}.pem").status_code == 404


@pytest.mark.parametrize(
    ("severity", "header"),
    [("asserted", "P-Asserted-Identity"), ("from", "From"), ("remote_party", "Remote-Party-ID")],
)
def test_a_withheld_caller_is_hidden_unless_the_fault_tells(  # noqa: PLR0917 - four fixtures and two values
    phone: Phone, inbound: Phone, carrier: RunningCarrier, http: Client, number: str, severity: str, header: str
) -> None:
    hidden = arrival(phone, inbound, carrier, number, caller="anonymous", extra=WITHHELD)
    assert REFERENCE not in hidden.text
    http.give_fault(number, "cli_not_withheld", severity)
    told = arrival(phone, inbound, carrier, number, caller="anonymous", extra=WITHHELD)
    assert [line.partition(":")[0] for line in told.lines if REFERENCE in line] == [header]


def test_a_fault_of_calls_from_the_number_leaves_calls_to_it_alone(
    phone: Phone, inbound: Phone, carrier: RunningCarrier, http: Client, number: str
) -> None:
    http.give_fault(number, "cli_out", "wrong")
    assert f"<sip:{REFERENCE}@" in arrival(phone, inbound, carrier, number).header("From")
    assert "<sip:+12025550199@" in arrival(phone, inbound, carrier, REFERENCE, caller=number).header("From")


def test_busy_may_keep_its_status_and_lose_its_cause(
    phone: Phone, inbound: Phone, carrier: RunningCarrier, http: Client, number: str
) -> None:
    http.give_fault(number, "wrong_release", "busy_as_cleared")
    call = phone.invite(carrier.sip_address, number)
    inbound.answer(inbound.wait_for("INVITE", call.call_id), "486 Busy Here")
    refusal = call.final()
    assert (refusal.status, refusal.header("Reason")) == (486, "Q.850;cause=16")
    call.acknowledge(refusal)


def test_a_codec_is_taken_out_of_an_offer_and_an_offer_of_nothing_else_is_refused(
    phone: Phone, inbound: Phone, carrier: RunningCarrier, http: Client, number: str
) -> None:
    http.give_fault(number, "codec_refusal", "pcma")
    assert "RTP/AVP 0 101" in arrival(phone, inbound, carrier, number).body
    http.give_fault(number, "codec_refusal", "pcmu")
    call = phone.invite(carrier.sip_address, number)
    refusal = call.final()
    assert refusal.status == 488
    call.acknowledge(refusal)


OFFER = (
    b"v=0\r\nm=audio 4000 RTP/AVP 8 96 0 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:96 opus/48000/2\r\n"
    b"a=fmtp:96 useinbandfec=1\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n"
)


def test_a_codec_goes_with_all_that_is_said_of_it() -> None:
    assert sdp.without(OFFER, "opus") == OFFER.replace(b"8 96 0", b"8 0").replace(
        b"a=rtpmap:96 opus/48000/2\r\na=fmtp:96 useinbandfec=1\r\n", b""
    )
    assert b"AVP 96 0 101" in sdp.without(OFFER, "PCMA")
    assert sdp.without(OFFER, "G729") == OFFER
    with pytest.raises(ValueError, match="no codec"):
        sdp.without(OFFER.replace(b"8 96 0 101", b"0 101"), "PCMU")


@pytest.mark.parametrize(("severity", "status"), [("one_busy", 486), ("one_unavailable", 503)])
def test_a_second_call_meets_the_limit_until_the_first_is_over(  # noqa: PLR0917 - four fixtures and two values
    phone: Phone, inbound: Phone, carrier: RunningCarrier, http: Client, number: str, severity: str, status: int
) -> None:
    http.give_fault(number, "channels", severity)
    first, _, ok = connect(phone, inbound, carrier.sip_address, number)
    second = phone.invite(carrier.sip_address, REFERENCE, caller=number)
    refusal = second.final()
    assert refusal.status == status
    second.acknowledge(refusal)
    end(first, inbound, ok)
    third, _, ok = connect(phone, inbound, carrier.sip_address, number)
    end(third, inbound, ok)


def again(call: Invitation, ok: Letter, method: str, sequence: int, body: str = "") -> None:
    """A request of the caller inside the dialog."""
    text = call.request(
        method,
        sequence,
        to=ok.header("To"),
        branch=secrets.token_hex(6),
        routes=ok.headers("Record-Route"),
        uri=ok.header("Contact").strip("<>"),
        body=body,
    )
    call.phone.send(text, call.trunk)


def hold(call: Invitation, inbound: Phone, ok: Letter) -> None:
    again(call, ok, "INVITE", 2, call.phone.description("sendonly"))
    inbound.answer(inbound.wait_for("INVITE", call.call_id), "200 OK", inbound.description("recvonly"))
    call.expect(200)


def test_the_refresh_of_a_session_may_be_refused(
    phone: Phone, inbound: Phone, carrier: RunningCarrier, http: Client, number: str
) -> None:
    http.give_fault(number, "session", "refresh_refused")
    call, _, ok = connect(phone, inbound, carrier.sip_address, number)
    again(call, ok, "UPDATE", 2)
    call.expect(481)
    end(call, inbound, ok)


def test_a_refresh_may_end_the_call_at_both_ends(
    phone: Phone, inbound: Phone, carrier: RunningCarrier, http: Client, number: str
) -> None:
    http.give_fault(number, "session", "refresh_hangs_up")
    call, _, ok = connect(phone, inbound, carrier.sip_address, number)
    again(call, ok, "UPDATE", 2)
    at_caller = phone.wait_for("BYE", call.call_id)
    assert at_caller.header("To").endswith(f";tag={call.tag}")
    assert at_caller.header("From").endswith(";tag=callee")
    at_number = inbound.wait_for("BYE", call.call_id)
    assert at_number.header("To").endswith(";tag=callee")
    assert at_number.header("From").endswith(f";tag={call.tag}")


def test_a_call_on_hold_may_be_dropped(phone: Phone, inbound: Phone, start: Callable[..., RunningCarrier]) -> None:
    row = {"kind": "hold", "severity": "dropped", "parameters": {"after": 0.1}}
    quick = start(inbound_sip=inbound.address, number_faults=[row], faulty_share=1.0)
    with client_of(quick) as client:
        numbers = client.offers(country="US", type="local", limit=1)
        client.buy("a line", numbers)
    call, _, ok = connect(phone, inbound, quick.sip_address, numbers[0])
    hold(call, inbound, ok)
    byes = phone.wait_for("BYE", call.call_id), inbound.wait_for("BYE", call.call_id)
    assert [f"tag={call.tag}" in bye.header(to) for bye, to in zip(byes, ("To", "From"), strict=True)] == [True, True]


def test_a_call_may_be_silent_once_it_was_held(
    phone: Phone, inbound: Phone, carrier: RunningCarrier, http: Client, number: str
) -> None:
    http.give_fault(number, "hold", "unheard_afterwards")
    call, invite, ok = connect(phone, inbound, carrier.sip_address, number)
    inbound.rtp.sendto(packet(1), invite.media)
    assert phone.rtp.recv(2048) == packet(1)
    hold(call, inbound, ok)
    inbound.rtp.sendto(packet(2), invite.media)
    phone.rtp.sendto(packet(3), ok.media)
    assert inbound.rtp.recv(2048) == packet(3), "the other way is open"
    phone.rtp.settimeout(0.1)
    with pytest.raises(TimeoutError):
        phone.rtp.recv(2048)
    end(call, inbound, ok)
