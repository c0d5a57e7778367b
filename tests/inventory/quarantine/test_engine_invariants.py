"""What no input can do to the engine (design A4, A7)."""

import math
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.quarantine import decide
from tests.inventory.quarantine.test_engine import US, daily, day, decided, event

few = settings(max_examples=40)  # each decides twice on months of days

histories = st.dictionaries(st.integers(0, 119), st.integers(1, 40), max_size=40)
gaps = st.sets(st.integers(0, 119), max_size=60)
ages = st.integers(0, 120)


@few
@given(age=ages, came=histories, unobserved=gaps, source=st.sampled_from(["released", "onboarded_new"]))
def test_every_figure_is_a_number_and_p_a_probability(
    age: int, came: dict[int, int], unobserved: set[int], source: str
) -> None:
    found = decided(age, came, unobserved=unobserved, source=source)
    assert 0 <= found["p"] <= 1
    assert all(math.isfinite(found[name]) for name in ("S", "E", "mean", "raw", "p"))


@few
@given(age=st.integers(1, 120), came=histories, unobserved=gaps, at=st.integers(0, 119))
def test_another_contact_never_lowers_p(age: int, came: dict[int, int], unobserved: set[int], at: int) -> None:
    before = decided(age, came, unobserved=unobserved)["p"]
    assert decided(age, came | {at: came.get(at, 0) + 1}, unobserved=unobserved)["p"] >= before - 1e-12


@few
@given(age=st.integers(20, 120), came=histories, at=st.integers(0, 119))
def test_three_hundred_callers_in_a_day_move_p_by_less_than_a_quarter(age: int, came: dict[int, int], at: int) -> None:
    before, after = decided(age, came)["p"], decided(age, came | {at: 300})["p"]
    assert after - before < 0.25 or age < 45  # younger numbers can't be released anyway


@few
@given(age=st.integers(1, 120), came=histories, seed=st.integers())
def test_order_repeats_and_tests_change_nothing(age: int, came: dict[int, int], seed: int) -> None:
    rows = daily(US["number"], age, came)
    told = [*rows, *rows[::2], event(age - 1, test=True), event(age - 1, channel="receipt")]
    random.Random(seed).shuffle(told)
    assert decide(day(age), [US], told) == decide(day(age), [US], rows)


@few
@given(
    age=st.integers(-30, 44),
    came=histories,
    override=st.sampled_from([None, "force_hold", "force_release", "force_retire"]),
    alpha=st.floats(0, 1),
    limits=st.tuples(st.none() | st.integers(0, 1_000), st.none() | st.integers(0, 1_000)),
)
def test_nothing_beats_a_legal_minimum(
    age: int, came: dict[int, int], override: Any, alpha: float, limits: Any
) -> None:
    """45 days in the US, whatever the record says."""
    fields = {"override": override, "alpha": alpha, "min_days": limits[0], "max_days": limits[1]}
    found = decided(age, came, **fields)
    assert found["action"] == "hold"


@few
@given(age=st.integers(2, 120), came=histories, at=st.integers(0, 119))
def test_an_unobserved_day_moves_p_towards_the_prior(age: int, came: dict[int, int], at: int) -> None:
    """A silent day that nobody saw doesn't make a number cleaner; a day with contacts doesn't make it dirtier."""
    prior = decided(0)["p"]
    seen, missed = decided(age, came)["p"], decided(age, came, unobserved={at})["p"]
    if at >= age or prior <= seen <= missed or missed <= seen <= prior:
        return
    if came.get(at, 0):
        assert missed <= seen + 1e-12
    else:
        assert missed >= seen - 1e-12
