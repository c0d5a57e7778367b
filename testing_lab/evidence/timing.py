"""When each packet of one direction went out, and how long it took: small enough to keep for every call."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from testing_lab.media import g711, matching, meter
from testing_lab.media.logs import ReceivedLog, SentLog

MOST_PACKETS = 600
"""Twelve seconds of 20 ms packets; about 5 kB of JSON."""
_TENTHS = 100_000  # ns in a tenth of a millisecond, the unit of what is kept


@dataclass(frozen=True, slots=True)
class Timing:
    """One value per packet sent, in tenths of a millisecond: `sent_at` from the first one, `delay` None where it was
    lost. `again` are the packets that came more than once; `foreign` counts audio of streams in which nothing of ours
    was recognised, `left_out` the packets beyond the first MOST_PACKETS.
    """

    sent_at: tuple[int, ...] = ()
    delay: tuple[int | None, ...] = ()
    again: tuple[int, ...] = ()
    foreign: int = 0
    left_out: int = 0

    def kept(self) -> dict[str, Any]:
        """For a JSON field; sending times as differences, which are short."""
        gaps = np.diff(np.array((0, *self.sent_at))).tolist()
        whole = {"gaps": gaps, "delay": self.delay, "again": self.again}
        return whole | {"foreign": self.foreign, "left_out": self.left_out}

    @classmethod
    def read(cls, kept: dict[str, Any]) -> Self:
        """The reverse. Raises KeyError for what is none."""
        sent_at = np.cumsum(np.array(kept["gaps"], dtype=np.int64)).tolist()
        return cls(tuple(sent_at), tuple(kept["delay"]), tuple(kept["again"]), kept["foreign"], kept["left_out"])


def timing(sent: SentLog, received: ReceivedLog) -> Timing:
    """What became of each packet of `sent` that the listener, whose end is `received`, could have heard."""
    positions, rows, _ = matching.match(sent, received)
    heard, first, times = np.unique(rows, return_index=True, return_counts=True)
    delays = received.arrival_ns[positions[first]] - sent.sent_ns[heard]
    countable = meter.judged(sent, received, delays / 1e6)
    countable &= ~matching.suppressed(sent, received, positions[first], heard)
    countable[heard] = True
    came = dict(zip(heard.tolist(), np.rint(delays / _TENTHS).astype(int).tolist(), strict=True))
    shown = np.flatnonzero(countable)[:MOST_PACKETS]
    sent_at = (sent.sent_ns[shown] - sent.sent_ns[shown[:1]]) // _TENTHS
    return Timing(
        tuple(sent_at.tolist()),
        tuple(came.get(row) for row in shown.tolist()),
        tuple(np.flatnonzero(np.isin(shown, heard[times > 1])).tolist()),
        _foreign(received, positions),
        int(countable.sum()) - len(shown),
    )


def _foreign(received: ReceivedLog, ours: meter.Indexes) -> int:
    """Early media and telephone events come in our stream, and are not what was looked for: they are not foreign."""
    streams = np.unique(received.ssrc[ours])
    audio = np.isin(received.payload_type, list(g711.PAYLOAD_TYPES))
    return int((audio & ~np.isin(received.ssrc, streams)).sum())
