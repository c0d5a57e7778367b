"""What one end of a call says, and what the other end heard of it: the probe, then keys as events, then keys in band.

One after the other, so that the keys take nothing from the windows in which audio, quality and identity are judged.
Composing and hearing are arithmetic: some milliseconds and about 0.1 s, so not for the event loop that paces packets.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

import numpy as np

from testing_lab.media import dtmf, goertzel, probe, telephone_events
from testing_lab.media.g711 import SAMPLE_RATE, Samples
from testing_lab.media.logs import ReceivedLog, SentLog
from testing_lab.media.pacer import PACKET_NS
from testing_lab.media.telephone_events import EventPacket
from testing_lab.media.way import Way, measure

PROBE_S = 7.0
GAP_S = 0.2
"""Silence after the probe and after the events."""
STROKES = 4
"""Keys in each of the two forms."""
TELEPHONE_KEYS = "0123456789*#"
"""A to D are on no telephone, and carriers need not pass them."""


@dataclass(frozen=True, slots=True, eq=False)
class Speech:
    """`signal` is the audio of all of it, int16 at 8 kHz; `events` say which of its packets become events."""

    probe: Samples
    signal: Samples
    event_keys: str
    tone_keys: str
    events: Mapping[int, EventPacket]

    @property
    def seconds(self) -> float:
        """How long it takes to say."""
        return len(self.signal) / SAMPLE_RATE

    @property
    def probe_ns(self) -> int:
        """How long its probe takes."""
        return len(self.probe) * 1_000_000_000 // SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys sent in one direction and in one form, those that arrived, and how long each of these lasted, in seconds."""

    sent: str = ""
    heard: str = ""
    lengths_s: tuple[float, ...] = ()

    @property
    def right(self) -> int:
        """How many of the keys sent arrived, in their order: the longest common subsequence."""
        row = [0] * (len(self.heard) + 1)
        for key in self.sent:
            above = row[:]
            for i, came in enumerate(self.heard):
                row[i + 1] = above[i] + 1 if came == key else max(above[i + 1], row[i])
        return row[-1]

    def summary(self) -> dict[str, object]:
        """As it is kept for evidence."""
        return {"sent": self.sent, "heard": self.heard, "lengths_s": [round(length, 3) for length in self.lengths_s]}


@dataclass(frozen=True, slots=True)
class Hearing:
    """What became of a speech. `events` is None when its direction agreed on no payload type for them."""

    way: Way = field(default_factory=Way)
    events: Keys | None = None
    tones: Keys = field(default_factory=Keys)

    def summary(self) -> dict[str, object]:
        """As it is kept for evidence: the packet figures, and the keys."""
        events = self.events.summary() if self.events else None
        return {**self.way.summary(), "events": events, "tones": self.tones.summary()}


def compose(seed: str, probe_s: float = PROBE_S) -> Speech:
    """The speech of `seed` (run, call and direction). Its eight keys differ: one form is not taken for the other."""
    voice = probe.generate(seed, probe_s)
    chance = Random(hashlib.sha256(seed.encode()).digest())  # noqa: S311 - variety, not secrecy
    keys = "".join(chance.sample(TELEPHONE_KEYS, 2 * STROKES))
    gap, packet = np.zeros(round(GAP_S * SAMPLE_RATE), np.int16), SAMPLE_RATE * PACKET_NS // 1_000_000_000
    room = np.zeros(STROKES * telephone_events.KEY_PACKETS * packet, np.int16)
    events = telephone_events.schedule(keys[:STROKES], first=-(-(len(voice) + len(gap)) // packet))
    signal = np.concatenate([voice, gap, room, gap, dtmf.generate(keys[STROKES:])])
    return Speech(voice, signal, keys[:STROKES], keys[STROKES:], events)


def hear(
    speech: Speech, sent: SentLog, received: ReceivedLog, event_type: int | None, own: SentLog | None = None
) -> Hearing:
    """What `received` holds of the speech that went out as `sent`; `event_type` is the payload type agreed for events.

    `own` is what the listener sent meanwhile, whose echo is no part of the speech.

    Keys in band are looked for in what came after the probe was over: they are the rest.
    """
    events = telephone_events.heard(received, event_type) if event_type is not None else ()
    if event_type is not None:
        received = received.only(received.payload_type != event_type)
    tones = goertzel.detect(_after_probe(speech, sent, received))
    return Hearing(
        measure(sent, received, speech.probe, own),
        _keys(speech.event_keys, events) if event_type is not None else None,
        _keys(speech.tone_keys, tones),
    )


def _keys(sent: str, heard: tuple[telephone_events.HeardKey, ...] | tuple[goertzel.HeardTone, ...]) -> Keys:
    return Keys(sent, "".join(one.key for one in heard), tuple(one.length_s for one in heard))


def _after_probe(speech: Speech, sent: SentLog, received: ReceivedLog) -> Samples:
    if not len(sent):
        return np.zeros(0, np.int16)
    return received.only(received.arrival_ns >= sent.due_ns[0] + speech.probe_ns).audio
