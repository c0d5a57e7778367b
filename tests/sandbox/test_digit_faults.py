"""What a bad line does to keys: telephone events and tones in band, packet by packet."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Sequence

import pytest

from sandbox.sip import digits
from sandbox.sip.impairments import Impairment
from tests.sandbox.phone import packet

EVENT = 101
ROWS, COLUMNS = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
QUIET = b"\xff" * 160


def types() -> frozenset[int]:
    return frozenset({EVENT})


def event(code: int, stamp: int, duration: int, *, end: bool = False) -> bytes:
    body = struct.pack("!BBH", code, 10 | (0x80 if end else 0), duration)
    return packet(1, body, EVENT)[:4] + stamp.to_bytes(4, "big") + b"ssrc" + body


def pressed(codes: Sequence[int]) -> list[bytes]:
    """Keys of 100 ms, 200 ms apart."""
    packets = []
    for stamp, code in enumerate(codes):
        packets += [event(code, stamp * 1600, duration) for duration in (160, 320, 480, 640)]
        packets += [event(code, stamp * 1600, 800, end=True)] * 3
    return packets


def through(harm: Impairment, packets: Iterable[bytes]) -> list[bytes]:
    return [copy for one in packets for _, copy in harm(one)]


def keys(packets: Iterable[bytes]) -> list[tuple[int, int]]:
    """Code and longest duration of each event, by its timestamp."""
    found: dict[bytes, tuple[int, int]] = {}
    for one in packets:
        code, _, duration = struct.unpack("!BBH", one[12:16])
        found[one[4:8]] = code, max(duration, found.get(one[4:8], (0, 0))[1])
    return [found[stamp] for stamp in sorted(found)]


@pytest.mark.parametrize(
    ("harm", "codes"),
    [
        (digits.lost_events(types), []),
        (digits.lost_events(types, every=2), [1, 3]),
        (digits.repeated_events(types), [1, 1, 2, 2, 3, 3, 4, 4]),
        (digits.added_event(types, code=15), [1, 15, 2, 3, 4]),
    ],
)
def test_events_are_lost_repeated_and_added(harm: Impairment, codes: list[int]) -> None:
    assert keys(through(harm, pressed([1, 2, 3, 4]))) == [(code, 800) for code in codes]


def test_events_are_shortened() -> None:
    assert keys(through(digits.shortened_events(types, samples=160), pressed([1, 2]))) == [(1, 160), (2, 160)]


@pytest.mark.parametrize(
    "harm",
    [
        digits.lost_events(types),
        digits.repeated_events(types),
        digits.shortened_events(types, samples=160),
        digits.muted_tones(),
        digits.repeated_tones(),
    ],
)
@pytest.mark.parametrize("one", [packet(1), packet(1, b""), b"", b"\x80", packet(1, b"\1\2", EVENT)[:13]])
def test_whatever_else_passes_as_it_is(harm: Impairment, one: bytes) -> None:
    assert through(harm, [one]) in ([one], [])
    assert through(harm, [packet(7)]) == [packet(7)]


def tone(row: int, column: int, count: int = 5) -> list[bytes]:
    """A key in band by the test's own arithmetic, in mu-law by a search of the law's definition."""
    return [_mu_law([_wave(row, column, 160 * i + n) for n in range(160)]) for i in range(count)]


def _wave(row: int, column: int, sample: int) -> float:
    return 8000 * sum(math.sin(2 * math.pi * hertz * sample / 8000) for hertz in (ROWS[row], COLUMNS[column]))


def _mu_law(samples: Sequence[float]) -> bytes:
    octets = []
    for sample in samples:
        magnitude = int(min(abs(sample), 32635)) + 132
        exponent = magnitude.bit_length() - 8
        octets.append(~((0x80 if sample < 0 else 0) | exponent << 4 | magnitude >> (exponent + 3) & 0x0F) & 0xFF)
    return bytes(octets)


def played() -> list[bytes]:
    """The keys 1 and 5, 100 ms each, 200 ms apart, as RTP."""
    payloads = [*tone(0, 0), *[QUIET] * 10, *tone(1, 1), *[QUIET] * 10]
    return [packet(i, payload) for i, payload in enumerate(payloads)]


def sounding(packets: Iterable[bytes]) -> list[int]:
    """Which packets are not silent."""
    return [i for i, one in enumerate(packets) if one[12:] != QUIET]


@pytest.mark.parametrize(
    ("harm", "where"),
    [
        (digits.muted_tones(), []),
        (digits.muted_tones(every=2), [0, 1, 2, 3, 4]),
        (digits.muted_tones(after=1), [0, 15]),
        (digits.repeated_tones(), [*range(5), *range(9, 13), *range(15, 20), *range(24, 28)]),
        (digits.added_tone(row=3, column=3), [*range(5), *range(9, 13), *range(15, 20)]),
    ],
)
def test_tones_are_muted_cut_short_repeated_and_added(harm: Impairment, where: list[int]) -> None:
    sent = played()
    got = through(harm, sent)
    assert sounding(got) == where
    assert [one[:12] for one in got] == [one[:12] for one in sent], "headers stay"


def test_what_is_repeated_is_what_was_played() -> None:
    got = through(digits.repeated_tones(), played())
    assert [one[12:] for one in got[9:13]] == tone(0, 0)[:4]


def test_a_voice_is_no_key() -> None:
    voice = [packet(i, _mu_law([9000 * math.sin(0.11 * n + i) for n in range(160)])) for i in range(20)]
    assert through(digits.muted_tones(), voice) == voice


def test_the_added_key_is_one_steady_tone() -> None:
    got = through(digits.added_tone(row=3, column=3), played())
    wanted = [_mu_law([9 / 8 * _wave(3, 3, 160 * i + n) for n in range(160)]) for i in range(4)]
    for one, tone_packet in zip(got[9:13], wanted, strict=True):
        assert sum(a == b for a, b in zip(one[12:], tone_packet, strict=True)) > 150  # rounding aside
