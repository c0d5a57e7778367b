"""What a listener would complain of, in audio that was spoilt by so much."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from testing_lab.media import drift, emodel, probe, sound
from testing_lab.media.g711 import Samples
from testing_lab.media.sound import Sound

VOICE, OTHER = probe.generate("sound", 6.0), probe.generate("other", 6.0)
LEAD = 1234


def heard(voice: Samples) -> Samples:
    return np.concatenate([np.zeros(LEAD, np.int16), voice, np.zeros(3000, np.int16)])


def judged(voice: Samples) -> Sound:
    return sound.judge(VOICE, heard(voice), LEAD)


def clipped(voice: npt.NDArray[Any]) -> Samples:
    return np.asarray(np.clip(np.rint(voice), -32768, 32767), dtype=np.int16)


def test_a_clear_route() -> None:
    clear = judged(VOICE)
    assert (clear.noise_dbm0p, clear.missing_percent, clear.echo_loss_db) == (None, 0.0, None)
    assert clear.gain_db == pytest.approx(0.0)
    assert emodel.rating(sound=clear) == emodel.rating()


@pytest.mark.parametrize("db", [-20.0, -6.0, 6.0])
def test_the_level_that_a_route_adds(db: float) -> None:
    assert judged(clipped(VOICE * 10 ** (db / 20))).gain_db == pytest.approx(db, abs=0.1)


@pytest.mark.parametrize("dbov", [-60.0, -45.0, -30.0])
def test_noise_is_heard_in_the_pauses(dbov: float) -> None:
    noise = np.random.default_rng(1).normal(0, 32768 * 10 ** (dbov / 20), len(VOICE))
    assert judged(clipped(VOICE + noise)).noise_dbm0p == pytest.approx(dbov + 6.2 - 2.5, abs=0.5)


@pytest.mark.parametrize(("off", "share"), [(800, 10.0), (2400, 30.0)])
def test_speech_that_is_missing(off: int, share: float) -> None:
    voice = VOICE.copy()
    for start in range(0, len(voice), 8000):
        voice[start : start + off] = 0
    assert judged(voice).missing_percent == pytest.approx(share, abs=6)


def test_somebody_else_in_the_second_half_is_missing_speech() -> None:
    voice = np.concatenate([VOICE[:24_000], OTHER[24_000:]])
    assert judged(voice).missing_percent == pytest.approx(50.0, abs=6)


def test_a_buffer_that_grew_in_the_middle_leaves_nothing_missing() -> None:
    voice = np.concatenate([VOICE[:25_000], np.zeros(700, np.int16), VOICE[25_000:]])
    assert judged(voice).missing_percent < 1.0


@pytest.mark.parametrize("loss_db", [10.0, 20.0])
def test_the_echo_of_ones_own_voice(loss_db: float) -> None:
    echo = np.roll(VOICE, 1600) * 10 ** (-loss_db / 20)
    assert sound.echo_loss_db(VOICE, heard(clipped(OTHER + echo)), LEAD) == pytest.approx(loss_db, abs=0.5)


def test_somebody_elses_voice_is_no_echo() -> None:
    assert sound.echo_loss_db(VOICE, heard(OTHER), LEAD) is None


@pytest.mark.parametrize("short", [0, 50, 8000])
def test_nothing_to_judge(short: int) -> None:
    assert sound.echo_loss_db(VOICE, VOICE[:short], 0) is None or short
    assert sound.judge(VOICE, VOICE[:short], 0).missing_percent > 80


@pytest.mark.parametrize(
    "spoilt",
    [
        Sound(gain_db=-10),
        Sound(gain_db=15),
        Sound(noise_dbm0p=-50),
        Sound(echo_loss_db=27),
        Sound(missing_percent=10),
    ],
)
def test_what_everybody_would_complain_of_is_below_the_limit(spoilt: Sound) -> None:
    worst = emodel.rating(delay_ms=85, loss_percent=spoilt.missing_percent, sound=spoilt)
    assert emodel.mos_of_rating(worst) < 4.0


@pytest.mark.parametrize(
    "slight", [Sound(gain_db=-6), Sound(gain_db=6), Sound(noise_dbm0p=-60), Sound(echo_loss_db=45)]
)
def test_what_nobody_would_mind_is_above_it(slight: Sound) -> None:
    assert emodel.mos_of_rating(emodel.rating(delay_ms=85, sound=slight)) > 4.1


@pytest.mark.parametrize("every", [4000, 5000, 10_000])
def test_a_probe_whose_clock_drifts_is_found(every: int) -> None:
    dropped = heard(np.delete(VOICE, np.arange(every, len(VOICE), every)))
    begins_at, likeness = drift.align(VOICE, dropped)
    assert abs(begins_at - LEAD) <= 80
    assert likeness > 0.7
    assert probe.examine(VOICE, dropped).match > 0.7
    assert sound.judge(VOICE, dropped, begins_at).missing_percent < 4.0


def test_a_strangers_voice_is_found_nowhere() -> None:
    assert drift.align(VOICE, heard(OTHER))[1] < 0.15
    assert drift.align(VOICE, VOICE[:100]) == (0, 0.0)
