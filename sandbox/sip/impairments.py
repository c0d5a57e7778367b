"""What a bad line does to a packet: each impairment answers a packet with (delay in s, packet) pairs, or with none.

A packet is a whole RTP packet; its header is left intact, so that only what the fault names goes wrong.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random

Delivery = list[tuple[float, bytes]]
Impairment = Callable[[bytes], Delivery]
HEADER = 12  # RTP fixed header, RFC 3550 5.1
G711_SAMPLES_PER_SECOND = 8000


def random_loss(chance: Random, *, share: float) -> Impairment:
    """Lose each packet with probability `share`, independently."""
    return lambda packet: [] if chance.random() < share else [(0.0, packet)]


def bursty_loss(chance: Random, *, p: float, q: float) -> Impairment:
    """Gilbert's model: a burst begins with probability p and ends with probability q per packet."""
    in_burst = False

    def pass_on(packet: bytes) -> Delivery:
        nonlocal in_burst
        in_burst = chance.random() >= q if in_burst else chance.random() < p
        return [] if in_burst else [(0.0, packet)]

    return pass_on


def delay(*, seconds: float) -> Impairment:
    """The same extra delay for every packet."""
    return lambda packet: [(seconds, packet)]


def jitter(chance: Random, *, seconds: float) -> Impairment:
    """A delay of its own for every packet, uniform in 0..`seconds`; packets may overtake each other."""
    return lambda packet: [(chance.random() * seconds, packet)]


def silence() -> Impairment:
    """Nothing comes through."""
    return lambda packet: []


def silence_when(holds: Callable[[], bool]) -> Impairment:
    """Nothing comes through while something holds."""
    return lambda packet: [] if holds() else [(0.0, packet)]


def when(holds: Callable[[], bool], impairment: Impairment) -> Impairment:
    """Another impairment, while something holds."""
    return lambda packet: impairment(packet) if holds() else [(0.0, packet)]


def corruption(chance: Random, *, share: float) -> Impairment:
    """Replace so large a share of the payload octets by noise."""

    def pass_on(packet: bytes) -> Delivery:
        octets = bytearray(packet)
        for index in range(HEADER, len(octets)):
            if chance.random() < share:
                octets[index] = chance.getrandbits(8)
        return [(0.0, bytes(octets))]

    return pass_on


def stranger(chance: Random) -> Impairment:
    """Somebody else's audio under our headers: a voice-like, wavering tone in G.711 mu-law."""
    voice = _voice(chance)
    position = 0

    def pass_on(packet: bytes) -> Delivery:
        nonlocal position
        size = len(packet) - HEADER
        start = position % (len(voice) - size) if 0 < size < len(voice) else 0
        position += size
        return [(0.0, packet[:HEADER] + voice[start : start + size])]

    return pass_on


def held_back(until: Callable[[], bool]) -> Impairment:
    """Nothing comes through before that."""
    return lambda packet: [(0.0, packet)] if until() else []


def _voice(chance: Random, seconds: float = 2.0) -> bytes:
    pitch = 90 + 120 * chance.random()
    samples = range(int(seconds * G711_SAMPLES_PER_SECOND))
    return bytes(_mu_law(_sample(i / G711_SAMPLES_PER_SECOND, pitch)) for i in samples)


def _sample(time: float, pitch: float) -> int:
    syllables = 0.5 + 0.5 * math.sin(2 * math.pi * 4 * time)
    harmonics = (math.sin(2 * math.pi * pitch * n * time + n) / n for n in (1, 2, 3, 5, 8))
    return int(7000 * syllables * sum(harmonics))


def _mu_law(sample: int) -> int:
    """ITU-T G.711 mu-law, from 16-bit linear."""
    magnitude = min(abs(sample), 32635) + 132
    exponent = magnitude.bit_length() - 8
    mantissa = magnitude >> (exponent + 3) & 0x0F
    return ~((0x80 if sample < 0 else 0) | exponent << 4 | mantissa) & 0xFF
