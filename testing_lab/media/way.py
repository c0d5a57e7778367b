"""One direction of a call's audio: everything the tests read, worked out from the logs of its two ends."""

import os
from dataclasses import asdict, dataclass, replace

import numpy as np

from testing_lab.media import emodel, meter, probe, sound
from testing_lab.media.g711 import PAYLOAD_TYPES, SAMPLE_RATE, Samples
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
    gain_db: float | None = None
    noise_dbm0p: float | None = None
    missing_percent: float | None = None
    echo_loss_db: float | None = None

    def summary(self) -> dict[str, float | int | None]:
        """The figures, rounded, as they are kept for evidence."""
        return {name: round(value, 3) if value is not None else None for name, value in asdict(self).items()}


def measure(sent: SentLog, received: ReceivedLog, signal: Samples, own: SentLog | None = None) -> Way:
    """What became of `signal` on its way. About 0.1 s of arithmetic, so not for the event loop that paces packets.

    `own` is what the listener sent meanwhile: its echo is looked for.
    """
    audio = received.audio
    likeness = probe.examine(signal, audio)
    begins_at = round(likeness.offset_s * SAMPLE_RATE) if likeness.match >= probe.SURE else None
    report = meter.compare(sent, received, begins_at=begins_at)
    heard = sound.judge(signal, audio, begins_at) if begins_at is not None else sound.Sound()
    if own is not None:
        heard = replace(heard, echo_loss_db=_echo_loss_db(own, received, audio, len(signal)))
    return Way(
        match=likeness.match,
        fidelity=likeness.fidelity,
        mos=emodel.mos(report, sound=heard),
        loss_percent=report.loss_percent,
        burst_ratio=report.burst_ratio,
        jitter_ms=report.jitter_ms,
        delay_ms=report.delay_ms,
        packets_sent=report.packets_sent,
        packets_received=report.packets_received,
        **asdict(heard),
    )


def _echo_loss_db(own: SentLog, received: ReceivedLog, audio: Samples, length: int) -> float | None:
    """Of the first `length` samples that the listener sent: its own probe."""
    spoken = received.arrival_ns[np.isin(received.payload_type, list(PAYLOAD_TYPES))]
    if not len(spoken) or not len(own):
        return None
    begins_at = int(own.sent_ns[0] - spoken[0]) * SAMPLE_RATE // 1_000_000_000
    return sound.echo_loss_db(own.decode()[:length], audio, begins_at)


def step_back() -> None:
    """For the process that measures: yield to the one that paces."""
    os.nice(NICE)
