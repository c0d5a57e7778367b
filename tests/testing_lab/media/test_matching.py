"""What a gateway may do to packets without anybody losing a word, and what is loss all the same."""

from dataclasses import replace

import numpy as np
import pytest

from testing_lab.media import g711, meter, probe
from testing_lab.media.logs import ReceivedLog, SentLog
from tests.testing_lab.media.test_meter import MS, arrived, sent_log

SPOKEN = probe.generate("matching", 4.0)


def speech_log() -> SentLog:
    return replace(sent_log(), payload=g711.encode(SPOKEN).reshape(200, 160))


def is_silent(row: g711.Octets) -> bool:
    return len(set(row.tolist())) == 1


def repacked(sent: SentLog, size: int) -> ReceivedLog:
    """A-law packets of `size` samples under another source, each sent when its last sample was there."""
    audio = g711.encode(sent.decode(), g711.PCMA)
    starts = np.arange(0, len(audio) - size + 1, size)
    complete = np.minimum((starts + size - 1) // 160, len(sent) - 1)
    return ReceivedLog(
        opened_ns=-1,
        closed_ns=int(sent.sent_ns[-1]) + 1000 * MS,
        ssrc=np.full(len(starts), 7, dtype=np.uint32),
        payload_type=np.full(len(starts), g711.PCMA, dtype=np.uint8),
        seq=(9 + np.arange(len(starts))).astype(np.uint16),
        timestamp=(77 + starts).astype(np.uint32),
        arrival_ns=sent.sent_ns[complete] + 30 * MS,
        payload=tuple(audio[start : start + size].tobytes() for start in starts),
    )


@pytest.mark.parametrize("size", [80, 160, 240, 320])
def test_other_packets_of_the_same_audio_are_no_loss(size: int) -> None:
    sent = speech_log()
    report = meter.compare(sent, repacked(sent, size), begins_at=0)
    assert report.loss_percent is not None
    assert report.loss_percent <= 0.5  # what did not fill a packet any more
    assert report.delay_ms == pytest.approx(30.0)
    assert report.jitter_ms == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(("size", "percent"), [(160, 5.0), (240, 5.0)])
def test_what_is_missing_of_other_packets_is_loss(size: int, percent: float) -> None:
    sent = speech_log()
    whole = repacked(sent, size)
    kept = whole.only(np.arange(len(whole)) % 20 != 10)
    assert meter.compare(sent, kept, begins_at=0).loss_percent == pytest.approx(percent, abs=1.5)


def test_another_source_in_the_middle_is_no_loss() -> None:
    sent = speech_log()
    received = arrived(sent, list(range(200)))
    later = np.arange(200) >= 90
    moved = replace(
        received,
        ssrc=np.where(later, 5, received.ssrc).astype(np.uint32),
        seq=np.where(later, received.seq + np.uint16(20_000), received.seq),
        timestamp=np.where(later, received.timestamp + np.uint32(2**31), received.timestamp),
    )
    report = meter.compare(sent, moved)
    assert (report.packets_received, report.loss_percent) == (200, 0.0)


def test_silence_that_is_left_out_is_no_loss_and_silence_that_is_lost_is() -> None:
    sent = speech_log()
    spoken = [row for row in range(200) if not is_silent(sent.payload[row])]
    assert len(spoken) < 180
    lost = arrived(sent, spoken)
    numbered_anew = replace(lost, seq=np.arange(len(spoken)).astype(np.uint16))
    assert meter.compare(sent, numbered_anew).loss_percent == 0.0
    assert meter.compare(sent, lost).loss_percent == pytest.approx(100 - len(spoken) / 2, abs=4)


def test_speech_that_is_missing_is_loss_though_the_numbers_hide_it() -> None:
    sent = speech_log()
    rows = [row for row in range(200) if row % 20]
    hidden = replace(arrived(sent, rows), seq=np.arange(len(rows)).astype(np.uint16))
    gone = sum(not is_silent(sent.payload[row]) for row in range(0, 200, 20))
    assert meter.compare(sent, hidden).loss_percent == pytest.approx(gone / 2, abs=0.2)


def test_what_is_said_twice_is_no_copy() -> None:
    """A route that repeats a key in the pause after it: what it covers was silence, and is not lost."""
    sent = speech_log()
    received, payload = arrived(sent, list(range(200))), list(arrived(sent, list(range(200))).payload)
    silent = [row for row in range(200) if is_silent(sent.payload[row])]
    spoken = [row for row in range(50) if row not in silent]
    for row, said in zip(silent, spoken, strict=False):
        payload[row] = payload[said]
    report = meter.compare(sent, replace(received, payload=tuple(payload)))
    assert (report.loss_percent, report.duplicates) == (0.0, 0)
