"""Sentinels: a few clean numbers stay 30 days more, always the same ones, and none beyond its maximum."""

from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pytest
from django.conf import LazySettings

from inventory.models import FeedDay, Quarantine, QuarantineOverride
from inventory.models.quarantine import QuarantineSource
from inventory.quarantine.nights.alone import decide_alone
from inventory.quarantine.nights.stretches import run
from inventory.quarantine.sentinel import chosen, keeps
from inventory.quarantine.stays import enter
from tests.factories import NumberFactory

ON = date(2026, 1, 15)
IDS = np.arange(1, 200_001)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.25, 1.0])
def test_the_share_is_kept_of_any_run_of_ids(share: float) -> None:
    for first in (0, 100_000):
        assert chosen(IDS[first : first + 100_000], share).mean() == pytest.approx(share, abs=0.005)


def test_the_same_ids_are_chosen_whatever_stands_beside_them() -> None:
    whole = chosen(IDS, 0.01)
    assert (chosen(IDS[::-1], 0.01)[::-1] == whole).all()
    assert chosen(IDS[500:501], 0.01)[0] == whole[500]
    assert (whole <= chosen(IDS, 0.02)).all(), "a greater share keeps these too"


def test_none_is_kept_beyond_its_maximum() -> None:
    ids, age = np.array([1, 1, 1]), np.array([60, 60, 60])
    assert keeps(ids, age, np.array([-1, 90, 89]), 1.0).tolist() == [True, True, False]


def _stay(days: int = 60) -> Quarantine:
    since = datetime.combine(ON - timedelta(days=days), time(), UTC)
    return enter(NumberFactory.create(quarantined=True), source=QuarantineSource.RELEASED, since=since)


def _decided(stay: Quarantine, on: date) -> tuple[str, str]:
    decide_alone(stay, on)
    return stay.action, stay.action_rule


@pytest.fixture
def _watched(db: None) -> None:
    FeedDay.objects.bulk_create(FeedDay(day=ON + timedelta(days=day), healthy=True) for day in range(-400, 400))


@pytest.mark.usefixtures("_watched")
def test_a_sentinel_stays_for_thirty_days_from_the_first_on_which_it_was_clean(settings: LazySettings) -> None:
    settings.QUARANTINE_SENTINELS = 1.0
    stay = _stay()
    assert _decided(stay, ON) == ("hold", "sentinel")
    assert (stay.sentinel_since, stay.predicted_on) == (ON, ON + timedelta(days=30))
    assert _decided(stay, ON) == ("hold", "sentinel"), "the same night again"
    assert _decided(stay, ON + timedelta(days=29)) == ("hold", "sentinel")
    assert stay.sentinel_since == ON
    assert _decided(stay, ON + timedelta(days=30)) == ("release", "clean")
    assert "watched for 30 days more" in stay.decisions.earliest("pk").sentence


@pytest.mark.usefixtures("_watched")
def test_without_a_share_nobody_stays_and_who_is_a_sentinel_remains_one(settings: LazySettings) -> None:
    settings.QUARANTINE_SENTINELS = 1.0
    sentinel = _stay()
    _decided(sentinel, ON)
    settings.QUARANTINE_SENTINELS = 0.0
    assert _decided(sentinel, ON + timedelta(days=1)) == ("hold", "sentinel")
    assert _decided(_stay(), ON) == ("release", "clean")


@pytest.mark.usefixtures("_watched")
def test_a_person_may_let_a_sentinel_go(settings: LazySettings) -> None:
    settings.QUARANTINE_SENTINELS = 1.0
    stay = _stay()
    QuarantineOverride.objects.create(
        stay=stay, action="force_release", expires_on=ON + timedelta(days=9), actor="user:ann", reason="needed"
    )
    assert _decided(stay, ON) == ("release", "override")
    assert stay.sentinel_since is None


@pytest.mark.usefixtures("_watched")
def test_a_whole_night_writes_the_ledger_of_sentinels_too(settings: LazySettings) -> None:
    settings.QUARANTINE_SENTINELS = 0.5
    stays = [_stay() for _ in range(20)]
    run(ON, size=7)
    kept = chosen(np.array([stay.pk for stay in stays]), 0.5)
    for stay, is_kept in zip(stays, kept, strict=True):
        stay.refresh_from_db()
        assert stay.action_rule == stay.decisions.get().rule == ("sentinel" if is_kept else "clean")
        assert stay.sentinel_since == (ON if is_kept else None)
