"""Is the instrument healthy? A sick one makes a verdict inconclusive: its faults look like those of a carrier.

Judged per call, from what was logged: how late the pacer sent, how late the event loop woke, how long its thread was
ready to run and had no core, what our own socket dropped.
"""

import asyncio
import itertools
import os
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from testing_lab.media.logs import ReceivedLog, SentLog

MAX_LATENESS_P95_MS = 20.0
"""A sender later than one packet interval for 5 % of its packets no longer paces. Corrected jitter tolerates less."""
MAX_STALL_MS = 200.0
"""A stall of ten packets at once makes a burst that a policer or a jitter buffer may rightly drop."""
MAX_STARVED_PERCENT = 30.0
"""Of the time of a call. We need less than half a core; who waits so long for it shares it with too many."""
LAG_SAMPLE_S = 0.02
_SCHEDSTAT = "/proc/thread-self/schedstat"  # "time run, time waited, slices", in ns (kernel: sched-stats.rst)


@dataclass(frozen=True, slots=True)
class Health:
    """Figures in ms; `reasons` says in words why the instrument is sick, and is empty when it is healthy."""

    lateness_p50_ms: float
    lateness_p95_ms: float
    lateness_max_ms: float
    loop_lag_max_ms: float
    starved_percent: float
    kernel_drops: int
    send_errors: int
    reasons: tuple[str, ...]

    @property
    def healthy(self) -> bool:
        """Whether a verdict may rest on this measurement."""
        return not self.reasons


class LoopLag:
    """Watches how late the event loop wakes, and how long its thread waits for a core, for the life of the process.

    One watch serves every call.
    """

    def __init__(self, keep_s: float = 300.0) -> None:
        self._looks: deque[tuple[int, float, int]] = deque(maxlen=round(keep_s / LAG_SAMPLE_S))  # at, lag, waited
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
        return max((lag for _, lag, _ in self._between(since_ns, until_ns)), default=0.0)

    def starved_percent(self, since_ns: int, until_ns: int) -> float:
        """The share of the time between two monotonic times that the loop's thread was ready and did not run.

        0 where the system does not tell.
        """
        looks = self._between(since_ns, until_ns)
        if len(looks) < 2:
            return 0.0
        (ended, _, after), (began, _, before) = looks[0], looks[-1]
        return 100 * (after - before) / (ended - began)

    def _between(self, since_ns: int, until_ns: int) -> list[tuple[int, float, int]]:
        """The latest first: that is where those are that somebody asks for."""
        recent = itertools.takewhile(lambda look: look[0] >= since_ns, reversed(self._looks))
        return [look for look in recent if look[0] <= until_ns]

    async def _watch(self) -> None:
        with _Schedstat() as schedstat:
            while True:
                before = time.monotonic_ns()
                await asyncio.sleep(LAG_SAMPLE_S)
                now = time.monotonic_ns()
                lag_ms = max(0.0, (now - before) / 1e6 - 1000 * LAG_SAMPLE_S)
                self._looks.append((now, lag_ms, schedstat.waited_ns()))


class _Schedstat:
    """How long this thread has waited for a core in all its life, as the scheduler counts it; 0 where it does not."""

    def __init__(self) -> None:
        try:
            self._file: int | None = os.open(_SCHEDSTAT, os.O_RDONLY)
        except OSError:
            self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            os.close(self._file)

    def waited_ns(self) -> int:
        return int(os.pread(self._file, 100, 0).split()[1]) if self._file is not None else 0


def judge(sent: Sequence[SentLog], received: Sequence[ReceivedLog], lag: LoopLag | None = None) -> Health:
    """Health of the instrument during one call, from the logs of both its ends."""
    late = np.concatenate([np.zeros(1), *((log.sent_ns - log.due_ns) / 1e6 for log in sent)])
    p50, p95, worst = (float(x) for x in np.percentile(late, [50, 95, 100]))
    lag_ms, starved = _watched(received, lag)
    drops, errors = sum(log.kernel_drops for log in received), sum(log.send_errors for log in sent)
    refused = sum(log.refused for log in received)
    complaints = {
        f"pacing late by {p95:.0f} ms (95th percentile)": p95 > MAX_LATENESS_P95_MS,
        f"sending stalled for {worst:.0f} ms": worst > MAX_STALL_MS,
        f"event loop stalled for {lag_ms:.0f} ms": lag_ms > MAX_STALL_MS,
        f"CPU starved: ready and not running for {starved:.0f} % of the time": starved > MAX_STARVED_PERCENT,
        f"own socket dropped {drops} packets": drops > 0,
        f"flooded: {refused} packets beyond what we keep": refused > 0,
        f"{errors} packets could not be sent": errors > 0,
        "no kernel time stamps while the event loop was late": lag_ms > MAX_LATENESS_P95_MS
        and not all(log.kernel_stamped for log in received),
    }
    reasons = tuple(why for why, holds in complaints.items() if holds)
    return Health(p50, p95, worst, lag_ms, starved, drops, errors, reasons)


def _watched(received: Sequence[ReceivedLog], lag: LoopLag | None) -> tuple[float, float]:
    """The worst lag of the loop in ms and how starved its thread was in percent, while any of the ends was open."""
    if lag is None or not received:
        return 0.0, 0.0
    call = min(log.opened_ns for log in received), max(log.closed_ns for log in received)
    return lag.worst_ms(*call), lag.starved_percent(*call)
