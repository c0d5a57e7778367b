"""What a bad line does to the keys that a caller presses: telephone events (RFC 4733), and tones in band (ITU-T Q.23).

Each harm is one small impairment. Packets that it adds go out under the sequence number of the packet that they
accompany, so that the audio around them stays as it was.
"""

from __future__ import annotations

import math
import struct
from bisect import bisect
from collections.abc import Callable
from functools import cache

from sandbox.sip.impairments import G711_SAMPLES_PER_SECOND, HEADER, Delivery, Impairment

EventTypes = Callable[[], frozenset[int]]
EVENT = struct.Struct("!BBH")  # code; end bit, reserved bit, volume; duration in samples
END = 0x80
EVENT_SAMPLES = 800

LOW_HZ, HIGH_HZ = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
SHARE = 0.7  # of a packet's power that one low and one high frequency hold together when a key sounds
AUDIBLE = 300.0**2  # mean square of 16-bit samples
TONE_AMPLITUDE = 9000
PCMU, PCMA = 0, 8
SILENCE = {PCMU: 0xFF, PCMA: 0xD5}
SAMPLES = 160  # of a packet
ECHO_AFTER, ECHO_PACKETS = 9, 4  # an unwanted key sounds for 80 ms, 180 ms after the beginning of the one before it


def lost_events(types: EventTypes, *, every: int = 1) -> Impairment:
    """Lose each event, or each second (third...) of them; their payload types are known once the SDP has passed."""
    numbers: dict[bytes, int] = {}

    def pass_on(packet: bytes) -> Delivery:
        if len(packet) < HEADER or packet[1] & 0x7F not in types():
            return [(0.0, packet)]
        number = numbers.setdefault(_stamp(packet), len(numbers) + 1)
        return [(0.0, packet)] if number % every else []

    return pass_on


def repeated_events(types: EventTypes) -> Impairment:
    """Each event comes twice, as from a gateway that hears the key as an event and in band too."""
    return _after_each_event(types, lambda code: code)


def added_event(types: EventTypes, *, code: int) -> Impairment:
    """After the first event comes one that nobody sent."""
    left = iter([code])
    return _after_each_event(types, lambda _: next(left, None))


def shortened_events(types: EventTypes, *, samples: int) -> Impairment:
    """Each event says that it lasts no longer than this."""

    def pass_on(packet: bytes) -> Delivery:
        if not _is_event(packet, types):
            return [(0.0, packet)]
        code, flags, duration = EVENT.unpack_from(packet, HEADER)
        return [(0.0, packet[:HEADER] + EVENT.pack(code, flags, min(duration, samples)))]

    return pass_on


def _after_each_event(types: EventTypes, follower: Callable[[int], int | None]) -> Impairment:
    """Once an event has ended, the one that `follower` names for it, if it does."""
    ended: set[bytes] = set()

    def pass_on(packet: bytes) -> Delivery:
        if not _is_event(packet, types) or not packet[HEADER + 1] & END or _stamp(packet) in ended:
            return [(0.0, packet)]
        ended.add(_stamp(packet))
        code = follower(packet[HEADER])
        return [(0.0, packet)] + ([] if code is None else [(0.0, _event_after(packet, code))] * 3)

    return pass_on


def _is_event(packet: bytes, types: EventTypes) -> bool:
    return len(packet) >= HEADER + EVENT.size and packet[1] & 0x7F in types()


def _stamp(packet: bytes) -> bytes:
    return packet[4:8]


def _event_after(packet: bytes, code: int) -> bytes:
    """An event of its own that begins where this one has ended."""
    stamp = (int.from_bytes(packet[4:8], "big") + EVENT_SAMPLES) % (1 << 32)
    body = EVENT.pack(code, packet[HEADER + 1], EVENT_SAMPLES)
    return packet[:4] + stamp.to_bytes(4, "big") + packet[8:HEADER] + body


Key = tuple[int, int]  # row and column


class Strokes:
    """Counts keys in band, packet by packet: `number` of the stroke that sounds (from 1), `packets` of it so far."""

    def __init__(self) -> None:
        self.number = self.packets = 0
        self._key: Key | None = None

    def hears(self, packet: bytes) -> bool:
        """Whether a key sounds in this packet."""
        key = _key_in(packet)
        if key is not None and key != self._key:
            self.number, self.packets = self.number + 1, 0
        self._key = key
        self.packets += 1
        return key is not None


def muted_tones(*, every: int = 1, after: int = 0) -> Impairment:
    """Each key in band, or each second (third...), falls silent; its first `after` packets still sound."""
    strokes = Strokes()

    def pass_on(packet: bytes) -> Delivery:
        mute = strokes.hears(packet) and strokes.number % every == 0 and strokes.packets > after
        return [(0.0, _silenced(packet) if mute else packet)]

    return pass_on


def muted_frequency(hertz: float) -> Impairment:
    """Packets that hold one steady tone fall silent."""
    return lambda packet: [(0.0, _silenced(packet) if _sounds(packet, hertz) else packet)]


def _sounds(packet: bytes, hertz: float) -> bool:
    if len(packet) <= HEADER or packet[1] & 0x7F not in SILENCE:
        return False
    samples = [_linear(packet[1] & 0x7F)[octet] for octet in packet[HEADER:]]
    power = sum(sample * sample for sample in samples) / len(samples)
    return power >= AUDIBLE and _goertzel(samples, hertz) >= SHARE * power


def repeated_tones() -> Impairment:
    """Each key in band sounds again in the pause that follows it."""
    return _echo(lambda packet, strokes: packet[HEADER:])


def added_tone(*, row: int, column: int) -> Impairment:
    """In the pause after the first key in band another sounds, that nobody pressed."""

    def echo_of(packet: bytes, strokes: Strokes) -> bytes | None:
        end = strokes.packets * SAMPLES
        return _tone(packet[1] & 0x7F, row, column)[end - SAMPLES : end] if strokes.number == 1 else None

    return _echo(echo_of)


def _echo(echo_of: Callable[[bytes, Strokes], bytes | None]) -> Impairment:
    """Some packets after one in which a key sounds, the payload that `echo_of` names for it."""
    strokes = Strokes()
    due: dict[int, bytes] = {}
    now = 0

    def pass_on(packet: bytes) -> Delivery:
        nonlocal now
        now += 1
        if strokes.hears(packet) and strokes.packets <= ECHO_PACKETS:
            echo = echo_of(packet, strokes)
            due.update({} if echo is None else {now + ECHO_AFTER: echo})
        payload = due.pop(now, None)
        return [(0.0, packet if payload is None else packet[:HEADER] + payload)]

    return pass_on


def _silenced(packet: bytes) -> bytes:
    return packet[:HEADER] + bytes([SILENCE[packet[1] & 0x7F]]) * (len(packet) - HEADER)


def _key_in(packet: bytes) -> Key | None:
    """The key that sounds in a packet of G.711: Goertzel's filter at the eight frequencies."""
    if len(packet) <= HEADER or packet[1] & 0x7F not in SILENCE:
        return None
    table = _linear(packet[1] & 0x7F)
    samples = [table[octet] for octet in packet[HEADER:]]
    power = sum(sample * sample for sample in samples) / len(samples)
    if power < AUDIBLE:
        return None
    low, high = ([_goertzel(samples, hertz) for hertz in group] for group in (LOW_HZ, HIGH_HZ))
    if min(max(low), max(high)) < power / 20 or max(low) + max(high) < SHARE * power:
        return None
    return low.index(max(low)), high.index(max(high))


def _goertzel(samples: list[int], hertz: float) -> float:
    """Mean power at one frequency."""
    coefficient = 2 * math.cos(2 * math.pi * hertz / G711_SAMPLES_PER_SECOND)
    last = before = 0.0
    for sample in samples:
        last, before = sample + coefficient * last - before, last
    return 2 * (last * last + before * before - coefficient * last * before) / len(samples) ** 2


@cache
def _linear(law: int) -> list[int]:
    """16-bit samples of the 256 octets of mu-law or A-law (ITU-T G.711)."""
    return [_expand_mu(octet) if law == PCMU else _expand_a(octet) for octet in range(256)]


def _expand_mu(octet: int) -> int:
    code = ~octet & 0xFF
    magnitude = (((code & 0x0F) << 3) + 132 << (code >> 4 & 7)) - 132
    return -magnitude if code & 0x80 else magnitude


def _expand_a(octet: int) -> int:
    code = octet ^ 0x55
    segment, step = code >> 4 & 7, (code & 0x0F) << 4
    magnitude = step + 8 if segment == 0 else step + 0x108 << segment - 1
    return magnitude if code & 0x80 else -magnitude


@cache
def _tone(law: int, row: int, column: int) -> bytes:
    """A key for ECHO_PACKETS, in one piece: at a jump of the phase it would sound like something else."""
    steps = [2 * math.pi * hertz / G711_SAMPLES_PER_SECOND for hertz in (LOW_HZ[row], HIGH_HZ[column])]
    return bytes(
        _octet(law, TONE_AMPLITUDE * sum(math.sin(step * i) for step in steps)) for i in range(SAMPLES * ECHO_PACKETS)
    )


def _octet(law: int, sample: float) -> int:
    """The octet whose sample is nearest."""
    ladder = _ladder(law)
    above = bisect(ladder, (sample, 0))
    return min(ladder[max(above - 1, 0) : above + 1], key=lambda step: abs(step[0] - sample))[1]


@cache
def _ladder(law: int) -> list[tuple[float, int]]:
    return sorted((float(sample), octet) for octet, sample in enumerate(_linear(law)))
