"""Is the instrument healthy? A sick one makes a verdict inconclusive: its faults look like those of a carrier.

Judged per call, from what was logged: how late the pacer sent, how late the event loop woke, what our own socket
dropped.
"""

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from testing_lab.media.logs import ReceivedLog, SentLog

MAX_LATENESS_P95_MS = 20.0
"""A sender later than one packet interval for 5 % of its packets no longer paces. Corrected jitter tolerates less."""
MAX_STALL_MS = 200.0
"""A stall of ten packets at once makes a burst that a policer or a jitter buffer may rightly drop."""
LAG_SAMPLE_S = 0.02


@dataclass(frozen=True, slots=True)
class Health:
    """Figures in ms; `reasons` says in words why the instrument is sick, and is empty when it is healthy."""

    lateness_p50_ms: float
    lateness_p95_ms: float
    lateness_max_ms: float
    loop_lag_max_ms: float
    kernel_drops: int
    send_errors: int
    reasons: tuple[str, ...]

    @property
    def healthy(self) -> bool:
        """Whether a verdict may rest on this measurement."""
        return not self.reasons


class LoopLag:
    """Watches how late the event loop wakes, for the whole life of the process; one watch serves every call."""

    def __init__(self, keep_s: float = 300.0) -> None:
        self._lags: deque[tuple[int, float]] = deque(maxlen=round(keep_s / LAG_SAMPLE_S))
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to watch the running loop."""
        self._task = asyncio.get_running_loop().create_task(self._watch(), name="loop-lag")

    def stop(self) -> None:
        """Stop watching."""
        if self._task is not None:
            self._task.cancel()

    def worst_ms(self, since_ns: int, until_ns: int) -> float:
        """The latest wake-up between two monotonic times, in ms; 0 when none was seen."""
        return max((lag for at, lag in self._lags if since_ns <= at <= until_ns), default=0.0)

    async def _watch(self) -> None:
        while True:
            before = time.monotonic_ns()
            await asyncio.sleep(LAG_SAMPLE_S)
            now = time.monotonic_ns()
            self._lags.append((now, max(0.0, (now - before) / 1e6 - 1000 * LAG_SAMPLE_S)))


def judge(sent: Sequence[SentLog], received: Sequence[ReceivedLog], lag: LoopLag | None = None) -> Health:
    """Health of the instrument during one call, from the logs of both its ends."""
    late = np.concatenate([np.zeros(1), *((log.sent_ns - log.due_ns) / 1e6 for log in sent)])
    p50, p95, worst = (float(x) for x in np.percentile(late, [50, 95, 100]))
    lag_ms = _lag_ms(received, lag)
    drops, errors = sum(log.kernel_drops for log in received), sum(log.send_errors for log in sent)
    complaints = {
        f"pacing late by {p95:.0f} ms (95th percentile)": p95 > MAX_LATENESS_P95_MS,
        f"sending stalled for {worst:.0f} ms": worst > MAX_STALL_MS,
        f"event loop stalled for {lag_ms:.0f} ms": lag_ms > MAX_STALL_MS,
        f"own socket dropped {drops} packets": drops > 0,
        f"{errors} packets could not be sent": errors > 0,
        "no kernel time stamps while the event loop was late": lag_ms > MAX_LATENESS_P95_MS
        and not all(log.kernel_stamped for log in received),
    }
    return Health(p50, p95, worst, lag_ms, drops, errors, tuple(why for why, holds in complaints.items() if holds))


def _lag_ms(received: Sequence[ReceivedLog], lag: LoopLag | None) -> float:
    if lag is None or not received:
        return 0.0
    return lag.worst_ms(min(log.opened_ns for log in received), max(log.closed_ns for log in received))
