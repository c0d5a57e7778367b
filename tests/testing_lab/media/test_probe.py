import numpy as np
import pytest

from testing_lab.media import g711, probe
from testing_lab.media.g711 import Samples

SENT = probe.generate("run 7/C1/forward", 6.0)
STRANGER = probe.generate("run 8/C1/forward", 6.0)


def _coded(audio: Samples, payload_type: int = g711.PCMU) -> Samples:
    return g711.decode(g711.encode(audio, payload_type), payload_type)


def _scaled(audio: Samples, db: float) -> Samples:
    return np.asarray(audio * 10 ** (db / 20), dtype=np.int16)


def _lossy(audio: Samples, rate: float) -> Samples:
    frames = audio.reshape(-1, 160).copy()
    frames[np.random.default_rng(1).random(len(frames)) < rate] = 0
    return frames.reshape(-1)


def test_a_probe_is_its_seed_and_stays_below_clipping() -> None:
    assert np.array_equal(SENT, probe.generate("run 7/C1/forward", 6.0))
    assert len(SENT) == 6 * g711.SAMPLE_RATE
    assert -23 < probe.level_dbov(SENT) < -20
    assert int(np.abs(SENT.astype(int)).max()) < 32767


@pytest.mark.parametrize("delay", [0, 37, 1600, 24000])
@pytest.mark.parametrize("payload_type", [g711.PCMU, g711.PCMA])
def test_the_probe_is_found_at_any_delay_through_g711(delay: int, payload_type: int) -> None:
    heard = np.concatenate([np.zeros(delay, dtype=np.int16), _coded(SENT, payload_type)])
    likeness = probe.examine(SENT, heard)
    assert likeness.match > 0.99
    assert likeness.fidelity > 0.99
    assert likeness.gain_db == pytest.approx(0, abs=0.1)
    assert likeness.offset_s == pytest.approx(delay / g711.SAMPLE_RATE)


def test_a_late_listener_still_knows_the_probe() -> None:
    assert probe.match(SENT, SENT[16_000:]) > 0.99
    assert probe.fidelity(SENT, SENT[16_000:]) == pytest.approx(4 / 6, abs=0.06)


@pytest.mark.parametrize("rate", [0.03, 0.1])
def test_loss_costs_its_share_of_fidelity(rate: float) -> None:
    heard = _lossy(_coded(SENT), rate)
    assert probe.match(SENT, heard) > 0.9
    assert 1 - 1.2 * rate < probe.fidelity(SENT, heard) < 1


def test_crossed_lines_do_not_match() -> None:
    assert probe.match(SENT, _coded(STRANGER)) < 0.15
    assert probe.fidelity(SENT, _coded(STRANGER)) < 0.2


def test_no_stranger_of_a_hundred_comes_near_the_limit() -> None:
    short = [probe.generate(f"call {i}", 2.0) for i in range(100)]
    assert max(probe.match(short[0], other) for other in short[1:]) < 0.2


@pytest.mark.parametrize("heard", [np.zeros(0, dtype=np.int16), np.zeros(48_000, dtype=np.int16)])
def test_one_way_audio_scores_nothing(heard: Samples) -> None:
    assert probe.examine(SENT, heard) == probe.Likeness(0.0, 0.0, probe.SILENT, 0.0)


def test_half_the_octets_replaced_passes_as_identity_but_not_as_fidelity() -> None:
    octets = g711.encode(SENT)
    rng = np.random.default_rng(2)
    spoiled = np.where(rng.random(len(octets)) < 0.5, rng.integers(0, 256, len(octets), dtype=np.uint8), octets)
    assert probe.fidelity(SENT, g711.decode(spoiled.astype(np.uint8))) < 0.3


@pytest.mark.parametrize("db", [-30.0, -12.0, 6.0])
def test_a_changed_level_is_read_in_db(db: float) -> None:
    likeness = probe.examine(SENT, _coded(_scaled(SENT, db)))
    assert likeness.gain_db == pytest.approx(db, abs=0.5)
    assert likeness.match > 0.95


def test_a_jitter_buffer_that_slips_does_not_spoil_fidelity() -> None:
    slipped = np.concatenate([SENT[:24_000], np.zeros(800, dtype=np.int16), SENT[24_000:]])
    assert probe.fidelity(SENT, slipped) > 0.9


def test_ringback_before_the_answer_does_not_hide_the_probe() -> None:
    time = np.arange(16_000) / g711.SAMPLE_RATE
    ringback = (9000 * np.sin(2 * np.pi * 425 * time)).astype(np.int16)
    likeness = probe.examine(SENT, np.concatenate([ringback, SENT]))
    assert likeness.match > 0.95
    assert likeness.offset_s == pytest.approx(2.0)


def test_polarity_is_of_no_account() -> None:
    assert probe.match(SENT, np.negative(SENT)) > 0.99
