"""The SIP trunk against telephones made of plain sockets, and against stock SIPp."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.carrier import Address, RunningCarrier
from tests.patience import eventually
from tests.ports import reserve
from tests.sandbox.calls import REFERENCE, connect, end, options, relayed
from tests.sandbox.conftest import Client, client_of
from tests.sandbox.phone import Invitation, Phone, packet

pytestmark = pytest.mark.usefixtures("quiet")


def test_a_call_reaches_our_inbound_trunk_with_number_and_cli_intact(
    phone: Phone, inbound: Phone, carrier: RunningCarrier, number: str
) -> None:
    asserted = f"P-Asserted-Identity: <sip:{REFERENCE}@lab>"
    call, invite, ok = connect(phone, inbound, carrier.sip_address, number, extra=asserted)
    assert invite.lines[0] == "INVITE sip:{}@{}:{} SIP/2.0".format(number, *inbound.address)
    assert f"<sip:{REFERENCE}@" in invite.header("From")
    assert invite.header("P-Asserted-Identity") == f"<sip:{REFERENCE}@lab>"
    assert invite.header("Max-Forwards") == "69"
    assert len(invite.headers("Via")) == 2
    assert "lr" in invite.header("Record-Route")
    assert f"tag={call.tag}" in ok.header("From")
    assert len(ok.headers("Via")) == 1
    end(call, inbound, ok)


def test_media_goes_through_the_relay_both_ways(
    phone: Phone, inbound: Phone, carrier: RunningCarrier, number: str, http: Client
) -> None:
    call, invite, ok = connect(phone, inbound, carrier.sip_address, number)
    direct = {phone.rtp.getsockname(), inbound.rtp.getsockname()}
    assert not {invite.media, ok.media} & direct, "nobody sees the other's address"
    assert invite.media[1] % 2 == ok.media[1] % 2 == 0
    for sequence in range(20):
        phone.rtp.sendto(packet(sequence, b"A" * 160), ok.media)
        inbound.rtp.sendto(packet(sequence, b"B" * 160), invite.media)
    assert [inbound.rtp.recv(2048) for _ in range(20)] == [packet(i, b"A" * 160) for i in range(20)]
    assert [phone.rtp.recv(2048) for _ in range(20)] == [packet(i, b"B" * 160) for i in range(20)]
    assert relayed(http, call) == (20, 20)
    end(call, inbound, ok)


def test_rtcp_goes_one_port_higher(phone: Phone, inbound: Phone, carrier: RunningCarrier, number: str) -> None:
    call, invite, ok = connect(phone, inbound, carrier.sip_address, number)
    rtcp = (ok.media[0], ok.media[1] + 1)
    phone.rtp.sendto(b"\x80\xc8 a sender report", rtcp)  # latches: the answer comes back here
    inbound.rtp.sendto(b"\x80\xc9 a receiver report", (invite.media[0], invite.media[1] + 1))
    assert phone.rtp.recv(2048) == b"\x80\xc9 a receiver report"
    end(call, inbound, ok)


def test_the_relay_is_closed_after_the_bye(phone: Phone, inbound: Phone, carrier: RunningCarrier, number: str) -> None:
    call, invite, ok = connect(phone, inbound, carrier.sip_address, number)
    relay = [(host, port + above) for host, port in (invite.media, ok.media) for above in (0, 1)]
    assert not any(_is_free(address) for address in relay)
    end(call, inbound, ok)
    eventually(lambda: all(_is_free(address) for address in relay))


def test_the_callee_may_hang_up(phone: Phone, inbound: Phone, carrier: RunningCarrier, number: str) -> None:
    call, invite, ok = connect(phone, inbound, carrier.sip_address, number)
    host, port = phone.address
    bye = [
        f"BYE sip:{host}:{port} SIP/2.0",
        "Via: SIP/2.0/UDP {}:{};branch=z9hG4bKbye{}".format(*inbound.address, call.call_id),
        *(f"Route: {route}" for route in invite.headers("Record-Route")),
        f"From: {ok.header('To')}",
        f"To: {invite.header('From')}",
        f"Call-ID: {call.call_id}",
        "CSeq: 1 BYE",
    ]
    inbound.send("\r\n".join([*bye, "", ""]), carrier.sip_address)
    letter = phone.wait_for("BYE", call.call_id)
    assert not letter.headers("Route")
    phone.answer(letter, "200 OK")
    assert inbound.wait_for("SIP/2.0 200", call.call_id).header("CSeq") == "1 BYE"


def test_a_call_from_a_held_number_reaches_the_reference_number(
    phone: Phone, inbound: Phone, carrier: RunningCarrier, number: str
) -> None:
    call, invite, ok = connect(phone, inbound, carrier.sip_address, REFERENCE, caller=number)
    assert invite.lines[0].startswith(f"INVITE sip:{REFERENCE}@")
    assert f"<sip:{number}@" in invite.header("From")
    end(call, inbound, ok)


def test_numbers_that_nobody_holds_are_not_found(phone: Phone, carrier: RunningCarrier, http: Client) -> None:
    for unknown in (http.offers(limit=1)[0], "+9990000000", "nonsense"):
        call = phone.invite(carrier.sip_address, unknown)
        refusal = call.final()
        assert refusal.status == 404
        assert "tag=" in refusal.header("To")
        call.acknowledge(refusal)


def test_a_message_only_number_takes_no_calls(phone: Phone, carrier: RunningCarrier, http: Client) -> None:
    numbers = http.offers("petrel", type="machine_to_machine", country="FR", limit=1)
    http.buy("meter", numbers, "petrel")
    call = phone.invite(carrier.sip_address, numbers[0])
    assert call.final().status == 404


def test_the_trunk_says_trying_at_once_and_answers_retransmissions(
    phone: Phone, inbound: Phone, carrier: RunningCarrier, number: str
) -> None:
    call = phone.invite(carrier.sip_address, number)
    call.expect(100)
    inbound.answer(inbound.wait_for("INVITE", call.call_id), "180 Ringing")
    call.expect(180)
    inbound.drain()  # the trunk's own retransmissions end with the 180
    phone.send(call.text, carrier.sip_address)
    call.expect(180)
    with pytest.raises(TimeoutError):
        inbound.wait_for("INVITE", call.call_id, timeout=0.3)


def test_an_unanswered_invite_is_sent_again(phone: Phone, inbound: Phone, carrier: RunningCarrier, number: str) -> None:
    call = phone.invite(carrier.sip_address, number)
    first, again = (inbound.wait_for("INVITE", call.call_id) for _ in range(2))
    assert first.text == again.text
    inbound.answer(again, "486 Busy Here")
    assert call.final().status == 486


def test_a_refusal_keeps_its_cause_and_is_acknowledged_hop_by_hop(
    phone: Phone, inbound: Phone, carrier: RunningCarrier, number: str
) -> None:
    call = phone.invite(carrier.sip_address, number)
    invite = inbound.wait_for("INVITE", call.call_id)
    inbound.answer(invite, "486 Busy Here")
    ack = inbound.wait_for("ACK", call.call_id)
    assert ack.header("Via") == invite.headers("Via")[0]
    first, again = call.final(), call.final()
    assert first.lines[0] == "SIP/2.0 486 Busy Here"
    assert again.text == first.text, "repeated until we acknowledge it"
    call.acknowledge(first)
    assert options(phone, carrier.sip_address) == 200  # and with that in hand, we know that the ACK was read before
    with pytest.raises(TimeoutError):
        call.final(timeout=1.2)


def test_a_cancelled_call_stops_ringing(phone: Phone, inbound: Phone, carrier: RunningCarrier, number: str) -> None:
    call = phone.invite(carrier.sip_address, number)
    invite = inbound.wait_for("INVITE", call.call_id)
    inbound.answer(invite, "180 Ringing")
    call.expect(180)
    call.cancel()
    assert call.expect(200).header("CSeq") == "1 CANCEL"
    cancel = inbound.wait_for("CANCEL", call.call_id)
    assert cancel.header("Via") == invite.headers("Via")[0]
    inbound.answer(cancel, "200 OK")
    inbound.answer(invite, "487 Request Terminated")
    assert call.final().status == 487


def test_a_cancel_for_nothing_is_481(phone: Phone, carrier: RunningCarrier) -> None:
    call = Invitation(phone, carrier.sip_address, "+14155550100", REFERENCE, "")
    call.cancel()
    assert call.final().status == 481


def test_a_repeated_200_is_passed_on_until_it_is_acknowledged(
    phone: Phone, inbound: Phone, carrier: RunningCarrier, number: str
) -> None:
    call = phone.invite(carrier.sip_address, number)
    invite = inbound.wait_for("INVITE", call.call_id)
    for _ in range(2):
        inbound.answer(invite, "200 OK", inbound.description())
        ok = call.expect(200)
    call.acknowledge(ok)
    inbound.wait_for("ACK", call.call_id)
    end(call, inbound, ok)


def test_a_withheld_identity_is_not_passed_on(
    phone: Phone, inbound: Phone, carrier: RunningCarrier, number: str
) -> None:
    extra = f"Privacy: id\r\nP-Asserted-Identity: <sip:{number}@lab>"
    call = phone.invite(carrier.sip_address, REFERENCE, "anonymous", extra)
    invite = inbound.wait_for("INVITE", call.call_id)
    assert not invite.headers("P-Asserted-Identity")
    assert invite.header("Privacy") == "id"


def test_options_are_answered(phone: Phone, carrier: RunningCarrier) -> None:
    assert options(phone, carrier.sip_address) == 200


@pytest.mark.parametrize(("hops", "status"), [(0, 483), (1, 404)])
def test_too_many_hops_are_refused(phone: Phone, carrier: RunningCarrier, hops: int, status: int) -> None:
    call = Invitation(phone, carrier.sip_address, "+9990000000", REFERENCE, "")
    phone.send(call.text.replace("Max-Forwards: 70", f"Max-Forwards: {hops}"), carrier.sip_address)
    assert call.final().status == status


def test_a_request_outside_of_any_call_is_refused(phone: Phone, carrier: RunningCarrier) -> None:
    call = Invitation(phone, carrier.sip_address, "+14155550100", REFERENCE, "")
    phone.send(call.request("REGISTER", 1), carrier.sip_address)
    assert call.final().status == 405
    phone.send(call.request("BYE", 2, to="<sip:x@y>;tag=z", branch="bye"), carrier.sip_address)
    assert call.expect(481)


def test_responses_go_where_rport_says(phone: Phone, carrier: RunningCarrier) -> None:
    call = Invitation(phone, carrier.sip_address, "+9990000000", REFERENCE, "")
    host, port = phone.address
    behind_nat = call.text.replace(f"UDP {host}:{port};", "UDP 192.0.2.7:5060;rport;")
    phone.send(behind_nat, carrier.sip_address)
    via = call.final().header("Via")
    assert f"rport={port}" in via
    assert f"received={host}" in via


def test_stock_sipp_completes_every_call(tmp_path: Path, start: Callable[..., RunningCarrier], sipp: str) -> None:
    far, near = reserve(), reserve()
    carrier = start(inbound_sip=("127.0.0.1", far))
    # SIPp 3.6 takes a copy of the INVITE for a fault once it has answered: see tests/testing_lab/sip/test_sipp.py
    uas = [sipp, "-sn", "uas", "-default_behaviors", "all,-abortunexp", "-i", "127.0.0.1", "-p", str(far), "-nostdin"]
    trunk = "{}:{}".format(*carrier.sip_address)
    uac = [sipp, trunk, "-sn", "uac", "-s", REFERENCE, "-i", "127.0.0.1", "-p", str(near), "-nostdin"]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(uas, cwd=tmp_path, stdout=quiet, stderr=quiet) as callee:
        load = [*uac, "-m", "100", "-r", "50", "-d", "200", "-timeout", "120s"]
        caller = subprocess.run(load, cwd=tmp_path, stdout=quiet, stderr=quiet, timeout=150, check=False)
        callee.terminate()
    assert caller.returncode == 0
    with client_of(carrier) as http:
        calls = http.get("/sandbox/v1/calls").json()["calls"]
    assert [call["status"] for call in calls] == [200] * 100


def test_fifty_calls_at_20_ms_lose_nothing_and_are_a_fraction_of_one_core(
    phone: Phone, inbound: Phone, carrier: RunningCarrier, http: Client, number: str
) -> None:
    calls = [connect(phone, inbound, carrier.sip_address, number) for _ in range(50)]
    targets = [(phone.rtp, ok.media) for _, _, ok in calls] + [(inbound.rtp, invite.media) for _, invite, _ in calls]
    before = _cpu_seconds(carrier)
    _pace(targets, seconds=2)
    eventually(lambda: all(relayed(http, call) == (100, 100) for call, _, _ in calls))
    assert _cpu_seconds(carrier) - before < 2, "seconds of processor time, for what takes two seconds"
    for call, _, ok in calls:
        end(call, inbound, ok)


def _pace(targets: list[tuple[socket.socket, Address]], seconds: float) -> None:
    begun = time.monotonic()
    for tick in range(int(seconds * 50)):
        for sock, media in targets:
            sock.sendto(packet(tick), media)
        time.sleep(max(0.0, begun + (tick + 1) * 0.02 - time.monotonic()))


def _cpu_seconds(carrier: RunningCarrier) -> float:
    fields = Path(f"/proc/{carrier.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def _is_free(address: Address) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.bind(address)
        except OSError:
            return False
    return True
