"""What a stream went through between two ends that we own: loss, bursts, jitter, delay, duplicates, order."""

from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from testing_lab.media.logs import ReceivedLog, SentLog
from testing_lab.media.matching import match, suppressed

JITTER_BUFFER_MS = 60.0
"""Depth of the jitter buffer that we assume at the listener, beyond the median delay."""
_WARM_UP = 16  # packets until the RFC 3550 estimator (gain 1/16) has forgotten that it began at zero

Floats = npt.NDArray[np.float64]
Indexes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class MediaReport:
    """Figures of one direction of a call. None means: not measurable, hence inconclusive, never a pass or a fail.

    `packets_sent` counts the packets that the listener could have heard (sent while it listened), and
    `packets_received` those of them that it did hear. `late_percent` came, but too late for a jitter buffer of
    JITTER_BUFFER_MS. `burst_ratio` is that of ITU-T G.107 (1 is random loss). `foreign` packets belong to no stream of
    ours.
    """

    packets_sent: int
    packets_received: int
    duplicates: int
    reordered: int
    foreign: int
    loss_percent: float | None
    late_percent: float | None
    burst_ratio: float | None
    jitter_ms: float | None
    raw_jitter_ms: float | None
    delay_ms: float | None


def compare(sent: SentLog, received: ReceivedLog, clock_rate: int = 8000, begins_at: int | None = None) -> MediaReport:
    """Match the packets of `received` to those of `sent` and measure; `clock_rate` is that of the RTP timestamps in Hz.

    How they are matched, and what `begins_at` is for: `matching.match`. Where that fails (foreign audio) nothing can be
    measured and all figures but the counts are None. Packets count as lost only if they were sent while the listener
    was open, less the longest delay seen, and were not silence that the carrier left out on purpose.
    """
    matched, rows, complete = match(sent, received, begins_at)
    if not len(rows) and len(received):
        return MediaReport(len(sent), 0, 0, 0, len(received), None, None, None, None, None, None)
    order = np.unique(rows, return_index=True)[1]
    order.sort()
    first, rows_in_order = matched[order], rows[order]
    packets = np.append(True, first[1:] != first[:-1])[: len(first)]  # several rows may have come in one
    arrival_ns, sent_ns = received.arrival_ns[first[packets]], sent.sent_ns[complete[order][packets]]
    delays = (arrival_ns - sent_ns) / 1e6
    heard = np.zeros(len(sent), dtype=bool)
    heard[rows_in_order] = True
    countable = (judged(sent, received, delays) & ~suppressed(sent, received, first, rows_in_order)) | heard
    lost = ~heard[countable]
    loss = 100 * float(lost.mean()) if len(lost) else None
    return MediaReport(
        packets_sent=int(countable.sum()),
        packets_received=len(first),
        duplicates=len(rows) - len(first),
        reordered=int((rows_in_order < np.maximum.accumulate(rows_in_order)).sum()) if len(first) else 0,
        foreign=len(received) - len(np.unique(matched)),
        loss_percent=loss,
        late_percent=_late_percent(delays, len(lost)),
        burst_ratio=burst_ratio(lost) if len(lost) else None,
        jitter_ms=jitter(arrival_ns / 1e6, sent_ns / 1e6),
        raw_jitter_ms=_raw_jitter(received, first[packets], clock_rate),
        delay_ms=float(np.median(delays)) if len(delays) else None,
    )


def jitter(arrival_ms: Floats, sent_ms: Floats) -> float | None:
    """Mean over the call of the interarrival jitter of RFC 3550 section 6.4.1, in ms; None for fewer than 2 packets.

    `sent_ms` are real send times and not RTP timestamps, so that the lateness of our own pacer cancels out. The mean is
    taken because the estimator's last value, which a report would carry, remembers only some 16 packets.
    """
    if len(arrival_ms) < 2:
        return None
    differences = np.abs(np.diff(arrival_ms) - np.diff(sent_ms))
    if len(differences) < 2 * _WARM_UP:
        return float(differences.mean())
    running = accumulate(differences.tolist(), lambda j, d: j + (d - j) / 16, initial=0.0)
    return float(np.mean(list(running)[_WARM_UP:]))


def burst_ratio(lost: npt.NDArray[np.bool_]) -> float:
    """Mean length of the runs of lost packets over the mean that random loss of the same rate would give (G.107 7.5).

    Random loss at probability p has runs of mean length 1/(1-p). 1.0 when nothing or everything is lost.
    """
    rate = float(lost.mean())
    if rate in (0.0, 1.0):
        return 1.0
    runs = int(lost[0]) + int((lost[1:] & ~lost[:-1]).sum())
    return float(lost.sum() / runs * (1 - rate))


def judged(sent: SentLog, received: ReceivedLog, delays: Floats) -> npt.NDArray[np.bool_]:
    """The packets that count as lost if they did not come: sent while the listener was open, less the longest delay."""
    in_flight_ns = int(delays.max() * 1e6) if len(delays) else 0
    return (sent.sent_ns >= received.opened_ns) & (sent.sent_ns <= received.closed_ns - in_flight_ns)


def _late_percent(delays: Floats, judged: int) -> float | None:
    if not judged:
        return None
    late = int((delays > np.median(delays) + JITTER_BUFFER_MS).sum()) if len(delays) else 0
    return 100 * late / judged


def _raw_jitter(received: ReceivedLog, first: Indexes, clock_rate: int) -> float | None:
    """Jitter as a stranger to the sender would report it, from RTP timestamps: for comparison with other tools."""
    stamps = np.unwrap(received.timestamp[first].astype(np.float64), period=float(1 << 32)) * 1000 / clock_rate
    return jitter(received.arrival_ns[first] / 1e6, stamps)
