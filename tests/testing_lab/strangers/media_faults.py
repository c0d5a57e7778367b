"""What strange routes do to RTP: made anew for one direction of one call, each turns a packet into those that go on.

They are made as gateways make them: audio is decoded, changed and packed again, under the gateway's own SSRC, sequence
numbers and timestamps where a real one would do so.
"""

import struct
from collections.abc import Callable, Iterable
from random import Random
from typing import Protocol

import numpy as np
import numpy.typing as npt

from testing_lab.media import g711

Delayed = tuple[float, bytes]
Audio = npt.NDArray[np.float64]
RATE = 8000
_HEADER = struct.Struct("!BBHII")


class Mangle(Protocol):
    """Called with every packet of one direction; gives the packets to send on, each with a delay in seconds."""

    def __call__(self, packet: bytes) -> Iterable[Delayed]: ...


def is_voice(packet: bytes) -> bool:
    return len(packet) > 12 and packet[0] == 0x80 and packet[1] & 0x7F in (0, 8)


def decoded(packet: bytes) -> Audio:
    return g711.decode(packet[12:], packet[1] & 0x7F).astype(np.float64)


def with_audio(packet: bytes, audio: Audio, payload_type: int | None = None) -> bytes:
    kind = packet[1] & 0x7F if payload_type is None else payload_type
    octets = g711.encode(np.clip(np.rint(audio), -32768, 32767).astype(np.int16), kind).tobytes()
    return packet[:1] + bytes([packet[1] & 0x80 | kind]) + packet[2:12] + octets


def fields(packet: bytes) -> tuple[int, int, int]:
    """Sequence number, timestamp, SSRC."""
    return _HEADER.unpack_from(packet)[2:]


def renumbered(packet: bytes, seq: int, stamp: int, ssrc: int | None = None) -> bytes:
    first, second, _, _, old = _HEADER.unpack_from(packet)
    return _HEADER.pack(first, second, seq % 65536, stamp % 2**32, old if ssrc is None else ssrc) + packet[12:]


def each(change: Callable[[bytes], bytes]) -> Mangle:
    return lambda packet: [(0.0, change(packet) if is_voice(packet) else packet)]


def audio(change: Callable[[Audio], Audio]) -> Mangle:
    return each(lambda packet: with_audio(packet, change(decoded(packet))))


# Harmless to the ear


class Repacketised:
    """A gateway that packs `ms` of audio into each packet, under an SSRC and numbers of its own.

    Every `slip` samples one is dropped: a clock that is slow by so much.
    """

    def __init__(self, ms: int = 30, slip: int | None = None, payload_type: int | None = None) -> None:
        self._size, self._slip, self._type = ms * RATE // 1000, slip, payload_type
        self._queue = b""
        self._ssrc, self._seq, self._stamp, self._count = 0x51AB1E, 40_000, 77_777, 0
        self._origin: tuple[int, int] | None = None

    def __call__(self, packet: bytes) -> Iterable[Delayed]:
        _, stamp, _ = fields(packet)
        if self._origin is None:
            self._origin = stamp, self._stamp
        ours = self._origin[1] + stamp - self._origin[0]
        if not is_voice(packet):  # events keep the clock of the audio
            self._seq += 1
            yield 0.0, renumbered(packet, self._seq, ours, self._ssrc)
            return
        if not self._queue:
            self._stamp = ours if not self._slip else self._stamp
        kind = self._type if self._type is not None else packet[1] & 0x7F
        self._queue += with_audio(packet, decoded(packet), kind)[12:]
        before, self._count = self._count, self._count + 160
        if self._slip and before // self._slip != self._count // self._slip:
            self._queue = self._queue[:-1]
        while len(self._queue) >= self._size:
            chunk, self._queue = self._queue[: self._size], self._queue[self._size :]
            self._seq += 1
            yield 0.0, _HEADER.pack(0x80, kind, self._seq % 65536, self._stamp % 2**32, self._ssrc) + chunk
            self._stamp += self._size


class SourceChange:
    """After `after` packets another SSRC, with other sequence numbers and timestamps: a re-homed media gateway."""

    def __init__(self, after: int = 200, ssrc: int | None = 0xBEEF, seq: int = 30_000, stamp: int = 2**31) -> None:
        self._left, self._ssrc, self._seq, self._stamp = after, ssrc, seq, stamp

    def __call__(self, packet: bytes) -> Iterable[Delayed]:
        self._left -= 1
        if self._left >= 0:
            return [(0.0, packet)]
        seq, stamp, ssrc = fields(packet)
        return [(0.0, renumbered(packet, seq + self._seq, stamp + self._stamp, self._ssrc or ssrc))]


class SilenceSuppressed:
    """Comfort noise (RFC 3389) instead of silence, and then nothing until somebody speaks; sequence numbers go on."""

    def __init__(self, hangover: int = 2) -> None:
        self._hangover, self._silent, self._dropped = hangover, 0, 0

    def __call__(self, packet: bytes) -> Iterable[Delayed]:
        seq, stamp, ssrc = fields(packet)
        if is_voice(packet) and not np.any(np.abs(decoded(packet)) > 8):
            self._silent += 1
            if self._silent == self._hangover + 1:
                noise = _HEADER.pack(0x80, 13, (seq - self._dropped) % 65536, stamp, ssrc) + b"\x46"
                return [(0.0, noise)]
            if self._silent > self._hangover:
                self._dropped += 1
                return []
        else:
            self._silent = 0
        return [(0.0, renumbered(packet, seq - self._dropped, stamp))]


def duplicated(share: float) -> Mangle:
    chance = Random(share)
    return lambda packet: [(0.0, packet)] * (2 if chance.random() < share else 1)


class Reordered:
    """Now and then a packet is overtaken by the next."""

    def __init__(self, share: float) -> None:
        self._share, self._chance, self._held = share, Random(share), b""

    def __call__(self, packet: bytes) -> Iterable[Delayed]:
        if self._held:
            held, self._held = self._held, b""
            return [(0.0, packet), (0.0, held)]
        if self._chance.random() < self._share:
            self._held = packet
            return []
        return [(0.0, packet)]


def with_extras(packet: bytes) -> Iterable[Delayed]:
    """An RTP header extension and padding; beside it RTCP, STUN and a keep-alive on the same port (RFC 5761, 7983)."""
    if not is_voice(packet):
        return [(0.0, packet)]
    head = bytes([0x80 | 0x20 | 0x10]) + packet[1:12]
    extended = head + b"\xbe\xde\0\1\x10\x42\0\0" + packet[12:] + b"\0\0\0\4"
    strangers = [(0.0, b"\x80\xc8\0\6" + bytes(24)), (0.0, b"\0\1\0\0\x21\x12\xa4\x42" + bytes(12)), (0.0, b"\0")]
    return [(0.0, extended), *(strangers if packet[3] % 50 == 0 else [])]


def transcoded(packet: bytes) -> bytes:
    return with_audio(packet, decoded(packet), 8 - (packet[1] & 0x7F))


class TranscodedLater:
    """Mu-law becomes A-law in the middle of the call, both having been agreed on."""

    def __init__(self, after: int = 200) -> None:
        self._left = after

    def __call__(self, packet: bytes) -> Iterable[Delayed]:
        self._left -= is_voice(packet)
        return [(0.0, transcoded(packet) if is_voice(packet) and self._left < 0 else packet)]


def gain(db: float) -> Mangle:
    return audio(lambda samples: samples * 10 ** (db / 20))


def noise(dbov: float, seed: int = 1) -> Mangle:
    chance, level = np.random.default_rng(seed), 32768 * 10 ** (dbov / 20)
    return audio(lambda samples: samples + chance.normal(0, level, len(samples)))


# Damage


def corrupted(share: float) -> Mangle:
    chance = np.random.default_rng(2)

    def change(packet: bytes) -> bytes:
        octets = np.frombuffer(packet[12:], np.uint8).copy()
        struck = chance.random(len(octets)) < share
        octets[struck] = chance.integers(0, 256, int(struck.sum()), dtype=np.uint8)
        return packet[:12] + octets.tobytes()

    return each(change)


class Muted:
    """Silence in whole packets for `off` of every `of` packets, from packet `after` on; the headers are right."""

    def __init__(self, off: int, of: int, after: int = 0) -> None:
        self._off, self._of, self._after, self._count = off, of, after, 0

    def __call__(self, packet: bytes) -> Iterable[Delayed]:
        if not is_voice(packet):
            return [(0.0, packet)]
        self._count += 1
        silent = self._count > self._after and self._count % self._of < self._off
        return [(0.0, with_audio(packet, np.zeros(160)) if silent else packet)]


class StrangerLater:
    """From packet `after` on somebody else is on the line."""

    def __init__(self, after: int) -> None:
        self._left, self._chance = after, np.random.default_rng(3)

    def __call__(self, packet: bytes) -> Iterable[Delayed]:
        self._left -= is_voice(packet)
        if self._left >= 0 or not is_voice(packet):
            return [(0.0, packet)]
        return [(0.0, with_audio(packet, self._chance.normal(0, 3000, 160)))]


class FilledLoss:
    """A gateway that lost packets upstream, and sends silence in their places."""

    def __init__(self, share: float = 0.05) -> None:
        self._share, self._chance = share, Random(4)

    def __call__(self, packet: bytes) -> Iterable[Delayed]:
        lost = is_voice(packet) and self._chance.random() < self._share
        return [(0.0, with_audio(packet, np.zeros(160)) if lost else packet)]


class HiddenLoss:
    """A gateway that lost packets upstream, and numbers what is left anew."""

    def __init__(self, share: float = 0.05) -> None:
        self._share, self._chance, self._lost = share, Random(4), 0

    def __call__(self, packet: bytes) -> Iterable[Delayed]:
        if is_voice(packet) and self._chance.random() < self._share:
            self._lost += 1
            return []
        seq, stamp, _ = fields(packet)
        return [(0.0, renumbered(packet, seq - self._lost, stamp))]


class DelayGrows:
    """A buffer that fills: after `after` packets everything is `seconds` later."""

    def __init__(self, after: int, seconds: float) -> None:
        self._left, self._seconds = after, seconds

    def __call__(self, packet: bytes) -> Iterable[Delayed]:
        self._left -= 1
        return [(self._seconds if self._left < 0 else 0.0, packet)]


class LowPass:
    """A codec that keeps the lower half of the telephone band."""

    def __init__(self) -> None:
        n = np.arange(-32, 33)
        self._taps = 0.35 * np.sinc(0.35 * n) * np.hamming(65)
        self._past = np.zeros(64)

    def __call__(self, packet: bytes) -> Iterable[Delayed]:
        if not is_voice(packet):
            return [(0.0, packet)]
        samples = np.concatenate([self._past, decoded(packet)])
        self._past = samples[-64:]
        return [(0.0, with_audio(packet, np.convolve(samples, self._taps, "valid")))]


class Echo:
    """What one side says comes back to it. `back` is given the packets of the other direction; shared by both."""

    def __init__(self, loss_db: float, delay_s: float) -> None:
        self._gain, self._delay = 10 ** (-loss_db / 20), round(delay_s * RATE)
        self._said = np.zeros(self._delay)

    def said(self, packet: bytes) -> Iterable[Delayed]:
        if is_voice(packet):
            self._said = np.concatenate([self._said, decoded(packet)])[-4 * RATE :]
        return [(0.0, packet)]

    def back(self, packet: bytes) -> Iterable[Delayed]:
        if not is_voice(packet) or len(self._said) < 160:
            return [(0.0, packet)]
        echo, self._said = self._said[:160], self._said[160:]
        return [(0.0, with_audio(packet, decoded(packet) + self._gain * echo))]


def without_events(packet: bytes) -> Iterable[Delayed]:
    """As a gateway that makes SIP INFO of them."""
    return [] if len(packet) == 16 else [(0.0, packet)]


def events_at_50_ms(packet: bytes) -> Iterable[Delayed]:
    """Only the first, every third and the end packets of an event go on: another update interval (RFC 4733 2.5.1.2)."""
    is_event = len(packet) == 16
    thinned = is_event and not packet[13] & 0x80 and not packet[1] & 0x80 and packet[3] % 3
    return [] if thinned else [(0.0, packet)]
