"""A speech over a wire made of logs: its probe, its events and its tones are found, each in its place."""

import dataclasses

import numpy as np
import pytest

from testing_lab.media import g711, rtp, speech
from testing_lab.media.logs import ReceivedLog, SentLog, received_log
from testing_lab.media.pacer import PACKET_NS
from testing_lab.media.sending import Sending
from testing_lab.media.speech import Keys, Speech

TYPE = 101
SAYS = speech.compose("a seed", probe_s=1.0)


class Wire:
    """Stands for the socket: what is sent arrives 30 ms later."""

    def __init__(self) -> None:
        self.arrivals: list[tuple[int, bytes]] = []
        self.now_ns = 0

    def sendto(self, octets: "bytes | np.ndarray[tuple[int], np.dtype[np.uint8]]", _: object) -> None:
        self.arrivals.append((self.now_ns + 30_000_000, bytes(octets)))


def say(says: Speech, event_type: int | None = TYPE) -> tuple[SentLog, list[tuple[int, bytes]]]:
    payloads = g711.encode(says.signal).reshape(-1, 160)
    stream = rtp.prepare(payloads, payload_type=0, ssrc=9, first_seq=65_500, first_timestamp=2**32 - 1000)
    sending, wire = Sending(stream, says.events, event_type), Wire()
    for row in range(len(stream)):
        wire.now_ns = row * PACKET_NS
        sending.send_next(wire, ("", 0), wire.now_ns)  # type: ignore[arg-type]  # all of a socket that it uses
    log = sending.log
    return dataclasses.replace(log, sent_ns=log.due_ns), wire.arrivals


def received(arrivals: list[tuple[int, bytes]]) -> ReceivedLog:
    return received_log(arrivals, opened_ns=0, closed_ns=10**11, refused=0, kernel_drops=0, stamped=True)


def test_a_speech_is_the_same_for_the_same_seed_only() -> None:
    again, other = speech.compose("a seed", 1.0), speech.compose("another", 1.0)
    assert np.array_equal(SAYS.signal, again.signal)
    assert (
        (again.event_keys, again.tone_keys) == (SAYS.event_keys, SAYS.tone_keys) != (other.event_keys, other.tone_keys)
    )


def test_its_eight_keys_differ_so_that_one_form_is_not_taken_for_the_other() -> None:
    assert len({*SAYS.event_keys, *SAYS.tone_keys}) == 8


def test_a_whole_speech_takes_less_than_ten_seconds() -> None:
    assert speech.compose("x").seconds < 10


def test_a_clean_route_keeps_everything() -> None:
    sent, arrivals = say(SAYS)
    hearing = speech.hear(SAYS, sent, received(arrivals), TYPE)
    assert hearing.events == Keys(SAYS.event_keys, SAYS.event_keys, (0.1,) * 4)
    assert hearing.tones.heard == SAYS.tone_keys
    assert hearing.way.loss_percent == 0.0
    assert hearing.way.delay_ms == pytest.approx(30)
    assert hearing.way.jitter_ms == pytest.approx(0)
    assert hearing.way.match > 0.9


def test_lost_events_are_no_lost_audio() -> None:
    sent, arrivals = say(SAYS)
    audio = [(at, octets) for at, octets in arrivals if octets[1] & 0x7F != TYPE]
    hearing = speech.hear(SAYS, sent, received(audio), TYPE)
    assert hearing.events == Keys(SAYS.event_keys)
    assert hearing.way.loss_percent == 0.0


def test_without_an_agreed_payload_type_no_event_is_sent_and_none_is_judged() -> None:
    sent, arrivals = say(SAYS, event_type=None)
    hearing = speech.hear(SAYS, sent, received(arrivals), None)
    assert hearing.events is None
    assert hearing.way.packets_received == len(sent) == len(SAYS.signal) // 160


def test_nothing_heard_is_no_key() -> None:
    sent, _ = say(SAYS)
    hearing = speech.hear(SAYS, sent, received([]), TYPE)
    assert (hearing.events, hearing.tones.heard) == (Keys(SAYS.event_keys), "")


@pytest.mark.parametrize(
    ("heard", "right"), [("1234", 4), ("", 0), ("12341234", 4), ("2134", 3), ("9994", 1), ("134", 3), ("4321", 1)]
)
def test_right_keys_are_those_that_came_in_their_order(heard: str, right: int) -> None:
    assert Keys("1234", heard).right == right
