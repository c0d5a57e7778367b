"""The meter against exact packet logs, and against real sockets through a relay that harms in a known way."""

import asyncio
import random
from dataclasses import replace

import numpy as np
import pytest

from testing_lab.media import emodel, g711, meter, probe
from testing_lab.media.logs import ReceivedLog, SentLog
from testing_lab.media.session import RtpSession
from tests.patience import PATIENCE
from tests.testing_lab.media.relay import Relay, bursty_loss, open_relay

MS = 1_000_000
HOST = "127.0.0.1"


def sent_log(count: int = 200, first_seq: int = 65_500) -> SentLog:
    """Packets every 20 ms with payloads of their own; the sequence wraps on the way."""
    index = np.arange(count)
    payload = np.random.default_rng(5).integers(0, 256, (count, 160), dtype=np.uint8)
    due = 20 * MS * index.astype(np.int64)
    seq, stamp = ((first_seq + index) % 65_536).astype(np.uint16), (160 * index).astype(np.uint32)
    return SentLog(0xCAFE, g711.PCMU, seq, stamp, due, due, payload)


def arrived(sent: SentLog, rows: list[int], delay_ms: float | list[float] = 30.0) -> ReceivedLog:
    """The given rows in this order of arrival; the listener was open all the time and a second more."""
    delay = np.broadcast_to(np.asarray(delay_ms, dtype=np.float64), len(rows))
    return ReceivedLog(
        opened_ns=-1,
        closed_ns=int(sent.sent_ns[-1]) + 1000 * MS,
        ssrc=np.full(len(rows), sent.ssrc, dtype=np.uint32),
        payload_type=np.full(len(rows), sent.payload_type, dtype=np.uint8),
        seq=sent.seq[rows],
        timestamp=sent.timestamp[rows],
        arrival_ns=sent.sent_ns[rows] + (delay * MS).astype(np.int64),
        payload=tuple(sent.payload[row].tobytes() for row in rows),
    )


def test_a_clean_stream() -> None:
    sent = sent_log()
    report = meter.compare(sent, arrived(sent, list(range(200))))
    assert report == meter.MediaReport(200, 200, 0, 0, 0, 0.0, 0.0, 1.0, 0.0, 0.0, 30.0)


def test_loss_and_burst_ratio_are_those_of_the_gaps() -> None:
    sent = sent_log()
    gone = {10, 11, 12, 13, 50, 51}
    report = meter.compare(sent, arrived(sent, [row for row in range(200) if row not in gone]))
    assert report.loss_percent == pytest.approx(3.0)
    assert report.burst_ratio == pytest.approx(3.0 * 0.97)  # runs of 4 and 2


def test_lost_ends_count_as_loss() -> None:
    sent = sent_log()
    assert meter.compare(sent, arrived(sent, list(range(20, 160)))).loss_percent == pytest.approx(30.0)


def test_one_way_audio_is_total_loss_and_scores_one() -> None:
    sent = sent_log()
    report = meter.compare(sent, arrived(sent, []))
    assert (report.loss_percent, report.delay_ms, report.jitter_ms) == (100.0, None, None)
    assert emodel.mos(report) == 1.0


def test_duplicates_and_reordering_are_counted_once_each() -> None:
    sent = sent_log(6)
    report = meter.compare(sent, arrived(sent, [0, 1, 3, 2, 2, 4, 4, 4, 5]))
    assert (report.packets_received, report.duplicates, report.reordered) == (6, 3, 1)
    assert report.loss_percent == 0.0


def test_packets_still_in_flight_at_the_end_are_not_lost() -> None:
    sent = sent_log()
    received = replace(arrived(sent, list(range(190)), 200.0), closed_ns=int(sent.sent_ns[190]) + 199 * MS)
    report = meter.compare(sent, received)
    assert (report.packets_sent, report.loss_percent) == (190, 0.0)


def test_packets_sent_before_the_listener_opened_are_not_lost() -> None:
    sent = sent_log()
    report = meter.compare(sent, replace(arrived(sent, list(range(50, 200))), opened_ns=int(sent.sent_ns[50])))
    assert (report.packets_sent, report.loss_percent) == (150, 0.0)


def test_packets_beyond_the_jitter_buffer_are_late() -> None:
    sent = sent_log()
    delays = [30.0] * 200
    delays[7] = delays[99] = 30.0 + meter.JITTER_BUFFER_MS + 1
    assert meter.compare(sent, arrived(sent, list(range(200)), delays)).late_percent == pytest.approx(1.0)


LATE_MS = {
    "by chance": np.random.default_rng(3).uniform(0, 40, 200),
    "while the event loop starves, then six at once": 100 - 20 * (np.arange(200.0) % 6),
}


@pytest.mark.parametrize("late_ms", LATE_MS.values(), ids=LATE_MS)
def test_late_sending_is_not_jitter_of_the_route(late_ms: meter.Floats) -> None:
    punctual = sent_log()
    sent = replace(punctual, sent_ns=punctual.due_ns + (late_ms * MS).astype(np.int64))
    report = meter.compare(sent, arrived(sent, list(range(200))))
    assert report.loss_percent == 0.0
    assert report.jitter_ms == pytest.approx(0.0, abs=1e-6)
    assert report.raw_jitter_ms is not None
    assert report.raw_jitter_ms > 8


def test_the_estimator_is_that_of_rfc_3550() -> None:
    sent_ms = np.arange(2000, dtype=np.float64) * 20
    swing = np.where(np.arange(2000) % 2, 12.0, 0.0).astype(np.float64)  # |D| is 12 ms for every packet
    assert meter.jitter(sent_ms + swing, sent_ms) == pytest.approx(12.0, rel=0.02)


def test_a_rewritten_header_is_matched_by_its_payload() -> None:
    sent = sent_log()
    received = arrived(sent, [row for row in range(200) if row % 50])
    moved = replace(received, ssrc=received.ssrc + np.uint32(9), seq=received.seq + np.uint16(40_000))
    report = meter.compare(sent, moved)
    assert report.loss_percent == pytest.approx(2.0)
    assert report.delay_ms == pytest.approx(30.0)


def test_a_spoiled_payload_is_still_matched_by_its_ssrc() -> None:
    sent = sent_log()
    received = arrived(sent, list(range(200)))
    assert meter.compare(sent, replace(received, payload=(b"\x7f" * 160,) * 200)).loss_percent == 0.0


def test_a_strangers_stream_measures_nothing() -> None:
    sent, stranger = sent_log(), sent_log()
    stranger = replace(stranger, ssrc=7, payload=stranger.payload[::-1])
    report = meter.compare(replace(sent, payload=~sent.payload), arrived(stranger, list(range(200))))
    assert (report.foreign, report.packets_received, report.loss_percent) == (200, 0, None)
    assert emodel.mos(report) is None


def test_foreign_packets_amid_ours_change_no_figure() -> None:
    sent = sent_log()
    received = arrived(sent, list(range(200)))
    ssrc, seq, payload = received.ssrc.copy(), received.seq.copy(), list(received.payload)
    ssrc[20], seq[21] = 1, np.uint16(int(sent.seq[0]) - 1000)
    payload[20] = payload[21] = b"\x7f" * 160
    report = meter.compare(sent, replace(received, ssrc=ssrc, seq=seq, payload=tuple(payload)))
    assert report.foreign == 2
    assert report.loss_percent == pytest.approx(1.0)


async def _through(relay_of: Relay, seconds: float) -> tuple[RtpSession, RtpSession]:
    """One direction of a call through a relay: the sending session and the listening one, both stopped."""
    near, far = await RtpSession.open(HOST), await RtpSession.open(HOST)
    relay_of.target = far.address
    relay = await open_relay(relay_of)
    near.start(relay.address, payload_type=g711.PCMU, signal=probe.generate("relay", seconds))
    async with asyncio.timeout(PATIENCE):
        while len(relay.lost) < seconds / 0.02 or far.packets_received < relay.lost.count(False):
            await asyncio.sleep(0.05)
    await asyncio.gather(near.stop(0), far.stop(0))
    relay.transport.close()
    return near, far


async def test_the_meter_reads_what_a_bad_route_did() -> None:
    """3 % of loss in bursts, 200 ms of delay and up to 30 ms of jitter, all at once; costs the length of a call."""
    rng = random.Random(1)
    loses = bursty_loss(random.Random(6), rate=0.03, mean_burst=3)  # of 200 packets: one run of 6, one of 2
    relay = Relay((HOST, 0), delay_s=lambda: 0.2 + rng.uniform(0, 0.03), loses=loses)
    near, far = await _through(relay, 4.0)
    report = meter.compare(near.sent, far.received)
    lost = np.array(relay.lost)
    assert (len(lost), lost.sum()) == (200, 8)
    assert report.loss_percent == pytest.approx(4.0)
    assert report.burst_ratio == pytest.approx(4 * 0.96)
    sent_ns = dict(zip(near.sent.seq.tolist(), near.sent.sent_ns.tolist(), strict=True))
    least = np.array([(left.before_ns - sent_ns[left.seq]) / MS for left in relay.forwarded])
    most = np.array([(left.after_ns - sent_ns[left.seq]) / MS for left in relay.forwarded])
    assert report.delay_ms is not None
    assert np.median(least) - 1 < report.delay_ms < np.median(most) + 1
    steps = float(np.abs(np.diff(least)).mean())  # 14 ms, by the estimator of RFC 3550 with its gain of 1/16
    assert report.jitter_ms == pytest.approx(steps, abs=2 + 2 * float((most - least).mean()))
    assert report.reordered > 0
    audio = far.received.audio
    assert probe.match(near.sent.decode(), audio) > 0.9
    assert 0.85 < probe.fidelity(near.sent.decode(), audio) < 1


def test_corrupted_payload_keeps_its_mos_and_loses_its_fidelity() -> None:
    chance, sent = np.random.default_rng(4), sent_log(75)
    sent = replace(sent, payload=g711.encode(probe.generate("corrupted", 1.5), g711.PCMU).reshape(75, 160))
    noise = chance.integers(0, 256, sent.payload.shape, dtype=np.uint8)
    heard = np.where(chance.random(sent.payload.shape) < 0.5, noise, sent.payload)
    received = replace(arrived(sent, list(range(75))), payload=tuple(row.tobytes() for row in heard))
    score = emodel.mos(meter.compare(sent, received))
    assert score is not None
    assert score > 4.0
    assert probe.fidelity(sent.decode(), received.audio) < 0.5
