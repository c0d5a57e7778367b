"""One direction of a call's audio: everything the tests read, worked out from the logs of its two ends."""

import os
from dataclasses import asdict, dataclass

from testing_lab.media import emodel, meter, probe
from testing_lab.media.g711 import Samples
from testing_lab.media.logs import ReceivedLog, SentLog

NICE = 10


@dataclass(frozen=True, slots=True)
class Way:
    """Loss in percent, times in ms. None where nothing could be measured."""

    match: float = 0.0
    fidelity: float = 0.0
    mos: float | None = None
    loss_percent: float | None = None
    burst_ratio: float | None = None
    jitter_ms: float | None = None
    delay_ms: float | None = None
    packets_sent: int = 0
    packets_received: int = 0

    def summary(self) -> dict[str, float | int | None]:
        """The figures, rounded, as they are kept for evidence."""
        return {name: round(value, 3) if value is not None else None for name, value in asdict(self).items()}


def measure(sent: SentLog, received: ReceivedLog, signal: Samples) -> Way:
    """What became of `signal` on its way. About 0.1 s of arithmetic, so not for the event loop that paces packets."""
    report = meter.compare(sent, received)
    likeness = probe.examine(signal, received.decode())
    return Way(
        match=likeness.match,
        fidelity=likeness.fidelity,
        mos=emodel.mos(report),
        loss_percent=report.loss_percent,
        burst_ratio=report.burst_ratio,
        jitter_ms=report.jitter_ms,
        delay_ms=report.delay_ms,
        packets_sent=report.packets_sent,
        packets_received=report.packets_received,
    )


def step_back() -> None:
    """For the process that measures: yield to the one that paces."""
    os.nice(NICE)
