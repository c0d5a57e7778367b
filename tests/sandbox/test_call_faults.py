"""What a faulty number does to its calls, as the far ends see it."""

from __future__ import annotations

import itertools
import time
from random import Random

import pytest

from sandbox.sip import impairments
from tests.carrier import RunningCarrier
from tests.patience import PATIENCE, eventually
from tests.sandbox.calls import REFERENCE, connect, end, relayed
from tests.sandbox.conftest import Client, client_of
from tests.sandbox.phone import Phone, packet

SATELLITE_S = 0.35

pytestmark = pytest.mark.usefixtures("quiet")


@pytest.mark.parametrize(
    ("kind", "severity", "status"),
    [("unreachable", "unassigned", 404), ("unreachable", "unavailable", 480), ("codec_refusal", None, 488)],
)
def test_a_rejecting_number(  # noqa: PLR0917 - three fixtures and three values
    phone: Phone, carrier: RunningCarrier, http: Client, number: str, kind: str, severity: str, status: int
) -> None:
    http.give_fault(number, kind, severity)
    call = phone.invite(carrier.sip_address, number)
    refusal = call.final()
    assert refusal.status == status
    call.acknowledge(refusal)
    (record,) = http.get("/sandbox/v1/calls").json()["calls"]
    assert record["fault"].startswith(f"{kind}/")


def test_a_number_that_rings_out(
    phone: Phone, inbound: Phone, carrier: RunningCarrier, http: Client, number: str
) -> None:
    http.give_fault(number, "no_answer", "rings")
    call = phone.invite(carrier.sip_address, number)
    call.expect(180)
    call.cancel()
    call.expect(200)
    terminated = call.final()
    assert terminated.status == 487
    call.acknowledge(terminated)
    with pytest.raises(TimeoutError):  # it never reached us; a late repeat of another test's call may be there
        inbound.wait_for("INVITE", call.call_id, timeout=0.1)


def test_a_number_that_is_set_up_slowly(
    phone: Phone, inbound: Phone, carrier: RunningCarrier, http: Client, number: str
) -> None:
    http.give_fault(number, "slow_setup")
    call = phone.invite(carrier.sip_address, number)
    call.expect(100)
    with pytest.raises(TimeoutError):
        inbound.wait_for("INVITE", call.call_id, timeout=1.0)
    call.cancel()
    call.expect(200)
    assert call.final().status == 487


def test_a_number_with_a_wrong_release_cause(
    phone: Phone, inbound: Phone, carrier: RunningCarrier, http: Client, number: str
) -> None:
    http.give_fault(number, "wrong_release")
    call = phone.invite(carrier.sip_address, number)
    inbound.answer(inbound.wait_for("INVITE", call.call_id), "486 Busy Here")
    assert call.final().status == 503


def test_a_number_without_ringback(
    phone: Phone, inbound: Phone, carrier: RunningCarrier, http: Client, number: str
) -> None:
    http.give_fault(number, "no_ringback")
    call = phone.invite(carrier.sip_address, number)
    call.expect(100)
    invite = inbound.wait_for("INVITE", call.call_id)
    inbound.answer(invite, "180 Ringing")
    inbound.answer(invite, "200 OK", inbound.description())
    ok = phone.wait_for("SIP/2.0 ", call.call_id)
    assert ok.status == 200
    call.acknowledge(ok)
    end(call, inbound, ok)


def test_a_number_that_answers_before_it_does(
    phone: Phone, inbound: Phone, carrier: RunningCarrier, http: Client, number: str
) -> None:
    http.give_fault(number, "early_answer")
    call = phone.invite(carrier.sip_address, number)
    invite = inbound.wait_for("INVITE", call.call_id)
    inbound.answer(invite, "183 Session Progress", inbound.description())
    false = call.expect(200)
    call.acknowledge(false)
    assert false.media
    inbound.answer(invite, "200 OK", inbound.description())
    true = call.expect(200)
    assert true.header("To") == false.header("To"), "for the caller it is a repetition"
    call.acknowledge(true)
    end(call, inbound, true)


def test_a_number_whose_answer_comes_late(
    phone: Phone, inbound: Phone, carrier: RunningCarrier, http: Client, number: str
) -> None:
    http.give_fault(number, "late_answer", "two_seconds")
    call = phone.invite(carrier.sip_address, number)
    invite = inbound.wait_for("INVITE", call.call_id)
    begun = time.monotonic()
    inbound.answer(invite, "200 OK", inbound.description())
    ok = call.expect(200)
    assert time.monotonic() - begun >= 2.0
    call.acknowledge(ok)
    end(call, inbound, ok)


def test_a_number_without_early_media(
    phone: Phone, inbound: Phone, carrier: RunningCarrier, http: Client, number: str
) -> None:
    http.give_fault(number, "no_early_media")
    call = phone.invite(carrier.sip_address, number)
    invite = inbound.wait_for("INVITE", call.call_id)
    inbound.rtp.sendto(packet(1), invite.media)
    eventually(lambda: relayed(http, call) == (0, 1))
    inbound.answer(invite, "200 OK", inbound.description())
    ok = call.expect(200)
    call.acknowledge(ok)
    inbound.rtp.sendto(packet(2), invite.media)
    assert phone.rtp.recv(2048) == packet(2)
    end(call, inbound, ok)


@pytest.mark.parametrize(("severity", "reasons"), [("cause_changed", ["Q.850;cause=41"]), ("cause_dropped", [])])
def test_a_number_that_loses_the_cause(  # noqa: PLR0917 - four fixtures and two values
    phone: Phone, inbound: Phone, carrier: RunningCarrier, http: Client, number: str, severity: str, reasons: list[str]
) -> None:
    http.give_fault(number, "wrong_release", severity)
    call, _, ok = connect(phone, inbound, carrier.sip_address, number)
    call.hang_up(ok, "Reason: Q.850;cause=16")
    bye = inbound.wait_for("BYE", call.call_id)
    assert bye.headers("Reason") == reasons
    inbound.answer(bye, "200 OK")
    call.expect(200)


def test_the_cause_of_a_healthy_number_is_kept(
    phone: Phone, inbound: Phone, carrier: RunningCarrier, number: str
) -> None:
    call, _, ok = connect(phone, inbound, carrier.sip_address, number)
    call.hang_up(ok, "Reason: Q.850;cause=16")
    bye = inbound.wait_for("BYE", call.call_id)
    assert bye.headers("Reason") == ["Q.850;cause=16"]
    inbound.answer(bye, "200 OK")
    call.expect(200)


def test_a_number_whose_trunk_answers_the_bye_itself(
    phone: Phone, inbound: Phone, carrier: RunningCarrier, http: Client, number: str
) -> None:
    http.give_fault(number, "lost_release", "swallowed")
    call, _, ok = connect(phone, inbound, carrier.sip_address, number)
    call.hang_up(ok)
    call.expect(200)
    with pytest.raises(TimeoutError):
        inbound.wait_for("BYE", call.call_id, timeout=0.3)


def test_a_number_whose_bye_gets_no_answer_until_it_is_tried_again(
    phone: Phone, inbound: Phone, carrier: RunningCarrier, http: Client, number: str
) -> None:
    http.give_fault(number, "lost_release", "unanswered")
    call, _, ok = connect(phone, inbound, carrier.sip_address, number)
    call.hang_up(ok)
    with pytest.raises(TimeoutError):
        call.expect(200, timeout=0.3)
    call.hang_up(ok, sequence=3)
    inbound.answer(inbound.wait_for("BYE", call.call_id), "200 OK")
    assert call.expect(200).header("CSeq") == "3 BYE"


def test_a_number_whose_release_comes_late(
    phone: Phone, inbound: Phone, carrier: RunningCarrier, http: Client, number: str
) -> None:
    http.give_fault(number, "late_release", "two_seconds")
    call, _, ok = connect(phone, inbound, carrier.sip_address, number)
    begun = time.monotonic()
    end(call, inbound, ok)
    assert time.monotonic() - begun >= 2.0


def test_a_number_that_refuses_telephone_events(
    phone: Phone, inbound: Phone, carrier: RunningCarrier, http: Client, number: str
) -> None:
    http.give_fault(number, "lost_digits", "events_refused")
    call, invite, ok = connect(phone, inbound, carrier.sip_address, number)
    for letter in (invite, ok):
        assert "telephone-event" not in letter.body
        assert " RTP/AVP 0\r\n" in letter.body
    end(call, inbound, ok)


@pytest.mark.parametrize(
    ("severity", "shown"),
    [("missing", "sip:anonymous@anonymous.invalid"), ("wrong", "sip:+12025550199@"), ("national", "sip:2025550142@")],
)
def test_a_number_that_loses_the_cli(  # noqa: PLR0917 - four fixtures and two values
    phone: Phone, inbound: Phone, carrier: RunningCarrier, http: Client, number: str, severity: str, shown: str
) -> None:
    http.give_fault(number, "cli", severity)
    extra = f"P-Asserted-Identity: <sip:{REFERENCE}@lab>"
    call, invite, ok = connect(phone, inbound, carrier.sip_address, number, extra=extra)
    assert shown in invite.header("From")
    assert f"tag={call.tag}" in invite.header("From")
    assert REFERENCE not in invite.text.partition("Contact:")[0].partition("From:")[2].partition("To:")[0]
    assert not any(REFERENCE in value for value in invite.headers("P-Asserted-Identity"))
    assert REFERENCE in ok.header("From"), "the caller's own dialog is undisturbed"
    end(call, inbound, ok)


def test_the_cli_of_a_british_number_turns_national(
    phone: Phone, inbound: Phone, carrier: RunningCarrier, http: Client
) -> None:
    numbers = http.offers("petrel", country="GB", type="local", area_code="20", limit=1)
    http.buy("london", numbers, "petrel")
    http.give_fault(numbers[0], "cli", "national")
    call = phone.invite(carrier.sip_address, REFERENCE, caller=numbers[0])
    invite = inbound.wait_for("INVITE", call.call_id)
    assert f"<sip:0{numbers[0][3:]}@" in invite.header("From")


@pytest.mark.parametrize(("severity", "arrives"), [("to_number", (0, 50)), ("from_number", (50, 0))])
def test_one_way_audio(  # noqa: PLR0917 - four fixtures and two values
    phone: Phone, inbound: Phone, carrier: RunningCarrier, http: Client, number: str, severity: str,
    arrives: tuple[int, int],
) -> None:  # fmt: skip
    http.give_fault(number, "one_way_audio", severity)
    got = exchange(phone, inbound, carrier, number)
    assert (len(got[0]), len(got[1])) == arrives


def test_one_way_audio_follows_the_number_when_it_calls(
    phone: Phone, inbound: Phone, carrier: RunningCarrier, http: Client, number: str
) -> None:
    http.give_fault(number, "one_way_audio", "from_number")
    at_callee, at_caller = exchange(phone, inbound, carrier, REFERENCE, caller=number)
    assert (len(at_callee), len(at_caller)) == (0, 50)


def test_corrupted_payload_keeps_the_headers(
    phone: Phone, inbound: Phone, carrier: RunningCarrier, http: Client, number: str
) -> None:
    http.give_fault(number, "corrupted_payload")
    at_callee, _ = exchange(phone, inbound, carrier, number)
    assert len(at_callee) == 50
    assert {p[:12] for p in at_callee} == {packet(i)[:12] for i in range(50)}
    wrong = sum(octet != 0xFF for p in at_callee for octet in p[12:]) / (50 * 160)
    assert 0.45 < wrong < 0.55


def test_a_crossed_line_brings_a_strangers_voice(
    phone: Phone, inbound: Phone, carrier: RunningCarrier, http: Client, number: str
) -> None:
    http.give_fault(number, "crossed_line")
    at_callee, at_caller = exchange(phone, inbound, carrier, number)
    assert at_callee == [packet(i) for i in range(50)]
    assert len(at_caller) == 50
    assert len({p[12:] for p in at_caller}) > 40


def test_lost_digits_leave_the_audio_alone(
    phone: Phone, inbound: Phone, carrier: RunningCarrier, http: Client, number: str
) -> None:
    http.give_fault(number, "lost_digits", "all_events")
    call, _, ok = connect(phone, inbound, carrier.sip_address, number)
    for sequence in range(10):
        phone.rtp.sendto(packet(sequence, kind=101 if sequence % 2 else 0), ok.media)
    eventually(lambda: relayed(http, call) == (10, 0))
    assert [p[1] for p in collect(inbound)] == [0] * 5
    end(call, inbound, ok)


def test_a_satellite_hop_delays_every_packet(
    phone: Phone, inbound: Phone, carrier: RunningCarrier, http: Client, number: str
) -> None:
    http.give_fault(number, "delay")
    call, _, ok = connect(phone, inbound, carrier.sip_address, number)
    begun = time.monotonic()
    phone.rtp.sendto(packet(1), ok.media)
    assert inbound.rtp.recv(2048) == packet(1)
    assert time.monotonic() - begun >= SATELLITE_S
    end(call, inbound, ok)


def test_a_call_between_healthy_ends_is_untouched(
    phone: Phone, inbound: Phone, carrier: RunningCarrier, number: str
) -> None:
    assert exchange(phone, inbound, carrier, number) == ([packet(i) for i in range(50)],) * 2


def test_a_delay_is_the_same_for_every_packet() -> None:
    wait = impairments.delay(seconds=SATELLITE_S)
    assert [wait(packet(i)) for i in range(3)] == [[(SATELLITE_S, packet(i))] for i in range(3)]


def test_random_loss_has_the_share_that_it_says() -> None:
    lose = impairments.random_loss(Random(1), share=0.05)
    assert 0.045 < losses(lose) < 0.055


def test_bursty_loss_has_gilberts_share_and_burst_length() -> None:
    lose = impairments.bursty_loss(Random(1), p=0.02, q=0.2)
    fates = [bool(lose(packet(i))) for i in range(50_000)]
    bursts = sum(kept and not following for kept, following in itertools.pairwise(fates))
    lost = fates.count(False)
    assert lost / len(fates) == pytest.approx(0.02 / 0.22, rel=0.1)
    assert lost / bursts == pytest.approx(1 / 0.2, rel=0.1)


def test_jitter_is_uniform_up_to_its_limit() -> None:
    shake = impairments.jitter(Random(1), seconds=0.12)
    delays = [shake(packet(i))[0][0] for i in range(5000)]
    assert max(delays) <= 0.12
    assert sum(delays) / len(delays) == pytest.approx(0.06, rel=0.05)


def losses(impairment: impairments.Impairment, packets: int = 20_000) -> float:
    return sum(not impairment(packet(i)) for i in range(packets)) / packets


def exchange(
    phone: Phone, inbound: Phone, carrier: RunningCarrier, number: str, *, caller: str = REFERENCE
) -> tuple[list[bytes], list[bytes]]:
    """Fifty packets each way; returns what arrived at the callee and at the caller."""
    call, invite, ok = connect(phone, inbound, carrier.sip_address, number, caller=caller)
    for sequence in range(50):
        phone.rtp.sendto(packet(sequence), ok.media)
        inbound.rtp.sendto(packet(sequence), invite.media)
    with client_of(carrier) as http:
        eventually(lambda: relayed(http, call) == (50, 50))
    got = collect(inbound), collect(phone)
    end(call, inbound, ok)
    return got


def collect(phone: Phone) -> list[bytes]:
    """What has arrived, and what is about to."""
    packets = []
    phone.rtp.settimeout(0.3)
    try:
        while True:
            packets.append(phone.rtp.recv(2048))
    except TimeoutError:
        phone.rtp.settimeout(PATIENCE)
        return packets
