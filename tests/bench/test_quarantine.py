"""The quarantine engine in a world that it doesn't know, by seed: better than any fixed period, and calibrated."""

from datetime import timedelta

import pytest

from bench.quarantine.contest import Contest, hold
from bench.quarantine.worlds import FIRST_DAY, WORLDS
from inventory.quarantine import decide
from inventory.quarantine.model import Model


@pytest.fixture(scope="module")
def contest() -> Contest:
    return hold(WORLDS[0], train=1_100, test=1_200, seed=11)


def test_the_engine_beats_every_fixed_period(contest: Contest) -> None:
    for duel in contest.duels():
        assert duel.dirty < 0.95 * duel.fixed.dirty, f"{duel.period} days, at equal holding"
        assert duel.holding < 0.95 * duel.fixed.holding, f"{duel.period} days, at equal dirtiness"


def test_what_it_says_happens_as_often_as_it_says(contest: Contest) -> None:
    assert contest.error() < 0.04
    assert all(abs(each.p - each.happened) < 0.15 for each in contest.reliability() if each.days > 3_000)


def test_the_replay_is_what_decide_does(contest: Contest) -> None:
    numbers, events = contest.numbers.records[:40], contest.numbers.events(before=60)
    found = decide(FIRST_DAY + timedelta(days=60), numbers, events, model=contest.model)
    assert [each["p"] for each in found] == pytest.approx(contest.p[:40, 60].tolist())


def test_a_model_survives_json(contest: Contest) -> None:
    again = Model.from_json(contest.model.as_json())
    assert again == contest.model
    assert again.version == contest.model.version != "default"
