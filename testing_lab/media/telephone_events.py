"""Keys as named events (RFC 4733): what goes out instead of audio, and what came in."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from testing_lab.media.g711 import SAMPLE_RATE
from testing_lab.media.logs import ReceivedLog

KEYS = "0123456789*#ABCD"
"""Event codes 0 to 15 (RFC 4733 3.2)."""
VOLUME = 10
"""In -dBm0 (RFC 4733 2.3.4)."""
EVENT_PACKETS = 5
"""Packets of 20 ms that a key is held: 100 ms; Q.24 wants 40 ms recognised."""
END_COPIES = 3
"""How often the end is sent, an interval apart (RFC 4733 2.5.1.4)."""
KEY_PACKETS = 10
"""From one key to the next: with the 40 ms that its end is repeated, 100 ms pass without a key."""

_PAYLOAD = struct.Struct("!BBH")
_END = 0x80
_SAMPLES = SAMPLE_RATE // 50


@dataclass(frozen=True, slots=True)
class EventPacket:
    """A packet in the place of an audio packet; its timestamp is that of row `begun`, when the key went down."""

    payload: bytes
    begun: int
    marker: bool


@dataclass(frozen=True, slots=True)
class HeardKey:
    """A key that arrived as an event: its longest duration seen, in seconds, and when its first packet came, in ns."""

    key: str
    length_s: float
    arrival_ns: int


def schedule(keys: str, first: int) -> Mapping[int, EventPacket]:
    """Which packet of the stream becomes which event packet, when the first key goes down at packet `first`.

    Raises ValueError for what is no key.
    """
    return {
        begun + offset: _packet(KEYS.index(key), begun, offset)
        for begun, key in zip(range(first, first + KEY_PACKETS * len(keys), KEY_PACKETS), keys, strict=True)
        for offset in range(EVENT_PACKETS + END_COPIES - 1)
    }


def _packet(code: int, begun: int, offset: int) -> EventPacket:
    ended = offset >= EVENT_PACKETS - 1
    duration = min(offset + 1, EVENT_PACKETS) * _SAMPLES
    return EventPacket(_PAYLOAD.pack(code, VOLUME | (_END if ended else 0), duration), begun, marker=offset == 0)


def heard(received: ReceivedLog, event_type: int) -> tuple[HeardKey, ...]:
    """The keys that arrived, in order. All packets of one timestamp are one event (RFC 4733 2.2.1)."""
    keys: dict[tuple[int, int], HeardKey] = {}
    for row in np.flatnonzero(received.payload_type == event_type).tolist():
        payload = received.payload[row]
        if len(payload) < _PAYLOAD.size:
            continue
        code, _, duration = _PAYLOAD.unpack_from(payload)
        event = int(received.ssrc[row]), int(received.timestamp[row])
        known = keys.get(event) or HeardKey(_name(code), 0.0, int(received.arrival_ns[row]))
        length = max(known.length_s, duration / SAMPLE_RATE)
        keys[event] = HeardKey(known.key, length, known.arrival_ns)
    return tuple(sorted(keys.values(), key=lambda key: key.arrival_ns))


def _name(code: int) -> str:
    return KEYS[code] if code < len(KEYS) else "?"
