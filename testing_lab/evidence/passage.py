"""What became of one direction's audio, kept as evidence: the time of each packet, and what could be heard.

Worked out in the calculating process, which knows nothing of Django: nothing that does is imported here.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from testing_lab.evidence.timing import Timing, timing
from testing_lab.media import g711
from testing_lab.media.logs import ReceivedLog, SentLog

T = TypeVar("T")
LONGEST_S = 60
_MU_LAW = 7  # WAVE_FORMAT_MULAW, RFC 2361


@dataclass(frozen=True, slots=True)
class Passage:
    """`audio` is what arrived, as mu-law at 8 kHz, with silence for what did not; early media included."""

    timing: Timing
    audio: bytes

    @property
    def wav(self) -> bytes:
        """A file that every player knows: RIFF WAVE, G.711 mu-law, one channel."""
        count = len(self.audio)
        pad = b"\0" * (count % 2)  # chunks are even
        head = struct.pack("<4sI4s", b"RIFF", 4 + 26 + 12 + 8 + count + len(pad), b"WAVE")
        form = struct.pack("<4sIHHIIHHH", b"fmt ", 18, _MU_LAW, 1, g711.SAMPLE_RATE, g711.SAMPLE_RATE, 1, 8, 0)
        return head + form + struct.pack("<4sII4sI", b"fact", 4, count, b"data", count) + self.audio + pad


def passages_of(seen: Any) -> dict[str, Passage]:
    """Those of an observation; none of one that has no audio."""
    found: dict[str, Passage] = getattr(seen, "passages", {})
    return found


def passage_and(hear: Callable[[SentLog, ReceivedLog], T], sent: SentLog, received: ReceivedLog) -> tuple[Passage, T]:
    """The passage of one direction, and what `hear` makes of it: at once, as to hand such logs over is work too."""
    return passage_of(sent, received), hear(sent, received)


def passage_of(sent: SentLog, received: ReceivedLog) -> Passage:
    """What became of what one end sent, as the other received it. Long work: it is for the calculator."""
    heard = received.audio[: LONGEST_S * g711.SAMPLE_RATE]
    return Passage(timing(sent, received), g711.encode(heard, g711.PCMU).tobytes())
