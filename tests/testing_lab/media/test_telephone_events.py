"""Keys as events, RFC 4733: what goes out, and what is made of what comes in."""

import struct
from collections.abc import Sequence

import pytest

from testing_lab.media import rtp, telephone_events
from testing_lab.media.logs import ReceivedLog, received_log

TYPE = 101
MS = 1_000_000


def received(packets: Sequence[rtp.Packet]) -> ReceivedLog:
    arrivals = [(i * 20 * MS, rtp.pack(packet)) for i, packet in enumerate(packets)]
    return received_log(arrivals, opened_ns=0, closed_ns=10**10, refused=0, kernel_drops=0, stamped=True)


def event(code: int, duration: int, *, stamp: int, end: bool = False, kind: int = TYPE) -> rtp.Packet:
    return rtp.Packet(kind, 1, stamp, 7, struct.pack("!BBH", code, 0x80 if end else 0, duration))


def sent(keys: str) -> list[rtp.Packet]:
    """The packets of a schedule, at 8 kHz, in their order."""
    rows = telephone_events.schedule(keys, first=5)
    return [rtp.Packet(TYPE, row, p.begun * 160, 7, p.payload, p.marker) for row, p in sorted(rows.items())]


def heard(packets: Sequence[rtp.Packet]) -> list[tuple[str, float]]:
    return [(key.key, key.length_s) for key in telephone_events.heard(received(packets), TYPE)]


def test_a_key_grows_for_100_ms_and_its_end_comes_three_times() -> None:
    packets = sent("9")
    assert [struct.unpack("!BBH", p.payload) for p in packets] == [
        *((9, 10, duration) for duration in (160, 320, 480, 640)),
        *[(9, 0x80 | 10, 800)] * 3,
    ]
    assert {p.timestamp for p in packets} == {800}
    assert [p.marker for p in packets] == [True] + [False] * 6


def test_what_was_sent_is_heard() -> None:
    assert heard(sent("159*0#AD")) == [(key, 0.1) for key in "159*0#AD"]


def test_what_is_no_key_cannot_be_sent() -> None:
    with pytest.raises(ValueError, match="substring"):
        telephone_events.schedule("E", first=0)


def test_one_packet_of_a_key_is_enough_and_copies_and_disorder_change_nothing() -> None:
    packets = sent("15")
    assert heard([packets[6], packets[13]]) == heard(packets[::-1])[::-1] == [("1", 0.1), ("5", 0.1)]
    assert heard([*packets, *packets]) == [("1", 0.1), ("5", 0.1)]


def test_the_same_key_again_is_another_event() -> None:
    assert [key for key, _ in heard(sent("11"))] == ["1", "1"]


def test_a_key_cut_short_shows_its_length() -> None:
    assert heard([event(3, 160, stamp=0), event(3, 160, stamp=0, end=True)]) == [("3", 0.02)]


def test_other_payload_types_are_no_events_and_rubbish_is_no_key() -> None:
    assert heard([event(1, 800, stamp=0, kind=0), rtp.Packet(TYPE, 1, 0, 7, b"\1\2\3")]) == []
    assert heard([event(16, 800, stamp=0)]) == [("?", 0.1)]  # a hook flash, RFC 4733 3.2
