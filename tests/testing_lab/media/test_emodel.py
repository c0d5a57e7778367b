import math
from dataclasses import replace

import pytest

from testing_lab.media import emodel
from testing_lab.media.emodel import Codec
from testing_lab.media.meter import MediaReport

# ITU-T G.113 Appendix I
G711_WITHOUT_CONCEALMENT = Codec("G.711", ie=0.0, bpl=4.3)
G729A = Codec("G.729A with VAD", ie=11.0, bpl=19.0)

CLEAN = MediaReport(
    packets_sent=400,
    packets_received=400,
    duplicates=0,
    reordered=0,
    foreign=0,
    loss_percent=0.0,
    late_percent=0.0,
    burst_ratio=1.0,
    jitter_ms=1.0,
    raw_jitter_ms=1.0,
    delay_ms=20.0,
)


def test_default_values_of_g107_rate_93_2() -> None:
    assert emodel.rating() == pytest.approx(93.2, abs=0.05)
    assert emodel.mos_of_rating(emodel.rating()) == pytest.approx(4.41, abs=0.005)


@pytest.mark.parametrize(("r", "mos"), [(90, 4.34), (80, 4.03), (70, 3.60), (60, 3.10), (50, 2.58)])
def test_table_b1_of_g107(r: float, mos: float) -> None:
    assert emodel.mos_of_rating(r) == pytest.approx(mos, abs=0.01)


@pytest.mark.parametrize(("r", "mos"), [(-5, 1.0), (0, 1.0), (3, 1.0), (100, 4.5), (120, 4.5)])
def test_scores_stay_on_the_scale(r: float, mos: float) -> None:
    assert emodel.mos_of_rating(r) == mos


@pytest.mark.parametrize(
    ("loss", "impairment"), [(0, 11), (0.5, 13), (1, 15), (1.5, 17), (2, 19), (3, 23), (4, 26), (8, 36), (16, 49)]
)
def test_table_of_g113_for_g729a_under_random_loss(loss: float, impairment: float) -> None:
    measured = emodel.rating() - emodel.rating(loss_percent=loss, codec=G729A)
    assert measured == pytest.approx(impairment, abs=0.6)  # the table is rounded to whole units


def test_delay_does_little_up_to_150_ms_and_much_beyond_250() -> None:
    unimpaired, at_150, at_250, at_400 = (emodel.rating(delay_ms=d) for d in (0, 150, 250, 400))
    assert unimpaired - at_150 < 5
    assert at_150 - at_250 > 8
    assert at_400 < 65


def test_bursts_hurt_more_than_random_loss_of_the_same_rate() -> None:
    assert emodel.rating(loss_percent=3, burst_ratio=2) < emodel.rating(loss_percent=3) - 0.5


def test_a_burst_ratio_below_one_is_the_noise_of_a_small_sample() -> None:
    assert emodel.rating(loss_percent=3, burst_ratio=0.9) == emodel.rating(loss_percent=3)


def test_a_clean_call_scores_above_four() -> None:
    score = emodel.mos(CLEAN)
    assert score is not None
    assert 4.3 < score < 4.41


def test_packets_too_late_for_the_jitter_buffer_count_as_lost() -> None:
    late, lost = emodel.mos(replace(CLEAN, late_percent=3.0)), emodel.mos(replace(CLEAN, loss_percent=3.0))
    assert late == lost


def test_concealment_makes_loss_bearable() -> None:
    lossy = replace(CLEAN, loss_percent=2.0)
    plain, concealed = emodel.mos(lossy, G711_WITHOUT_CONCEALMENT), emodel.mos(lossy)
    assert plain is not None
    assert concealed is not None
    assert concealed - plain > 0.8


def test_silence_scores_one_and_the_unmeasured_scores_nothing() -> None:
    nothing_came = replace(CLEAN, packets_received=0, loss_percent=100.0, delay_ms=None, jitter_ms=None)
    assert emodel.mos(nothing_came) == 1.0
    assert emodel.mos(replace(CLEAN, loss_percent=None)) is None


def test_ratings_are_finite_for_any_delay() -> None:
    assert all(math.isfinite(emodel.rating(delay_ms=delay)) for delay in (0.001, 1, 99, 100, 101, 10_000))
