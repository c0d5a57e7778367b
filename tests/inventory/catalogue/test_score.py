"""The score of a catalogue, as arithmetic."""

import pytest

from inventory.catalogue.score import ENOUGH, WINDOW, score


def test_one_day_is_its_share_and_wilsons_bounds() -> None:
    found = score([(0, 50, 45)])
    assert found is not None
    assert found.share == pytest.approx(0.9)
    assert (found.low, found.high) == pytest.approx((0.7864, 0.9565), abs=1e-4)  # Wilson, 45 of 50, 95 %
    assert (found.listed, found.purchasable) == (50, 45)


def test_a_week_ago_weighs_half() -> None:
    found = score([(0, 50, 50), (7, 50, 0)])
    assert found is not None
    assert found.share == pytest.approx(2 / 3)


def test_what_is_older_than_the_window_counts_for_nothing() -> None:
    assert score([(WINDOW, 50, 0)]) is None
    assert score([]) is None
    assert score([(0, 0, 0)]) is None
    edge = score([(WINDOW - 1, 50, 0), (0, 1, 1)])
    assert edge is not None
    assert 0 < edge.share < 0.5


def test_old_days_widen_the_bounds() -> None:
    new, old = score([(0, 50, 45)]), score([(21, 50, 45)])
    assert new is not None
    assert old is not None
    assert old.share == pytest.approx(new.share)
    assert old.low < new.low
    assert old.high > new.high


def test_few_tries_decide_nothing() -> None:
    few, enough = score([(0, ENOUGH - 1, 0)]), score([(0, ENOUGH - 1, 0), (27, 1, 1)])
    assert few is not None
    assert enough is not None
    assert (few.is_enough, enough.is_enough) == (False, True)


def test_the_bounds_stay_within_nought_and_one() -> None:
    for bought in (0, 1, 50):
        found = score([(0, 50, bought)])
        assert found is not None
        assert 0.0 <= found.low <= found.share <= found.high <= 1.0
