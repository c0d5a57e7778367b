"""Which days of finished quarantines a model may learn from: not only those of the numbers that had to stay."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from inventory.quarantine.calibration import fit
from inventory.quarantine.feed import Feed
from inventory.quarantine.finished import Sample, sample, unroll
from inventory.quarantine.model import DEFAULT
from inventory.quarantine.records import read_stays

ENTERED = date(2025, 1, 1)


def stay(index: int, ended: int | None = None, **fields: Any) -> dict[str, Any]:
    end = {} if ended is None else {"ended_on": (ENTERED + timedelta(ended)).isoformat(), "action": "release"}
    return {"number": f"n{index}", "country": "GB", "min_days": 30, "entered_on": ENTERED.isoformat(), **end, **fields}


def event(index: int, age: int) -> dict[str, Any]:
    return {"number": f"n{index}", "day": (ENTERED + timedelta(age)).isoformat(), "voice": 1}


def learned(stays: list[dict[str, Any]], events: list[dict[str, Any]]) -> Sample:
    rows = read_stays("numbers", stays)
    return sample(unroll(rows, Feed().read("events", events)), np.full(len(rows), 6))


def test_what_came_after_the_end_is_not_known() -> None:
    found = learned([stay(0, ended=60)], [event(0, 90)])
    assert found.age.max() == 30


def test_a_window_with_a_day_that_nobody_saw_is_not_known() -> None:
    found = learned([stay(0)], [event(0, 100), event(0, 50) | {"voice": 0, "observed": False}])
    assert {age for age in found.age.tolist() if 20 < age <= 50} == set()


def test_without_sentinels_no_age_is_used_at_which_somebody_may_have_left_in_the_window() -> None:
    found = learned([*(stay(index, ended=45) for index in range(100)), stay(100, ended=200)], [event(0, 10)])
    assert found.age.max() == 15


def test_sentinels_stand_for_all_that_were_released() -> None:
    released = [stay(index, ended=45) for index in range(1_000)]
    kept = [stay(index, ended=75, sentinel=True) for index in range(1_000, 1_100)]
    found = learned([*released, *kept], [event(0, 10)])
    assert set(found.weight[found.age > 15].tolist()) == {11.0}
    assert found.age.max() == 45
    for age in set(found.age.tolist()):
        assert found.weight[found.age == age].sum() == pytest.approx(1_100)


def test_a_report_of_the_new_owner_is_the_outcome_of_its_stay_and_the_others_stand_for_the_rest() -> None:
    released = [stay(index, ended=45) for index in range(1_000)]
    kept = [stay(index, ended=75, sentinel=True) for index in range(1_000, 1_100)]
    rows = read_stays("numbers", [*released, *kept])
    known = unroll(rows, Feed().read("events", [event(3, 10)]))
    reported = np.isin(np.arange(len(rows)), [3, 4, 1_005])
    found = sample(replace(known, reported=reported), np.full(len(rows), 6))
    told = found.dirty & (found.age == 45)
    assert found.stay[told].tolist() == [3, 4], "a sentinel was watched: what came is known"
    assert found.weight[told].tolist() == [1, 1]
    assert found.S[told][0] > found.S[told][1] == 0
    assert found.weight[found.age == 45].sum() == pytest.approx(1_100)


def test_without_sentinels_a_report_would_be_all_that_is_known_of_its_age() -> None:
    rows = read_stays("numbers", [stay(index, ended=45) for index in range(100)])
    known = unroll(rows, Feed().read("events", [event(3, 10)]))
    found = sample(replace(known, reported=np.arange(100) == 3), np.full(100, 6))
    assert not found.dirty.any()


def test_where_only_the_first_weeks_are_known_what_all_ages_share_keeps_its_default() -> None:
    model = fit([stay(index, ended=45) for index in range(1_000)], [event(index, index % 40) for index in range(900)])
    assert model.version != "default"
    shared = (*model.prior, model.c0, model.c1)
    assert shared == pytest.approx((*DEFAULT.prior, DEFAULT.c0, DEFAULT.c1), rel=0.01)


def test_a_few_finished_quarantines_change_nothing() -> None:
    assert fit([stay(index) for index in range(999)], [event(0, 100)]) is DEFAULT
