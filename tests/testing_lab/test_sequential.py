"""The sequential tests keep what they promise: false alarms, delays, and that only results count."""

import math
import random
from collections.abc import Iterator
from datetime import date
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testing_lab import outage_policy
from testing_lab.models import Purpose
from testing_lab.sequential import Bounds, Rates, alarm_at, cusum, longest_delay, recovery, sample_size

RATES = Rates(0.02, 0.5)
WEIGHTS = st.lists(st.floats(-5, 5), max_size=60)
RESULTS = st.lists(st.booleans(), max_size=60)


def weights(results: list[bool], rates: Rates = RATES) -> list[float]:
    return [rates.weight(passed=passed) for passed in results]


@given(WEIGHTS)
def test_the_statistic_is_the_sum_above_its_lowest_point(values: list[float]) -> None:
    sums = [math.fsum(values[:end]) for end in range(len(values) + 1)]
    assert cusum(values).value == pytest.approx(sums[-1] - min(sums), abs=1e-9)


@given(WEIGHTS)
def test_the_statistic_is_made_by_the_results_since_it_was_last_at_zero(values: list[float]) -> None:
    found = cusum(values)
    assert found.value >= 0
    assert cusum(values[found.begins :]) == pytest.approx((found.value, 0))
    assert math.fsum(values[found.begins :]) == pytest.approx(found.value, abs=1e-9)


@given(RESULTS, st.integers(0, 59))
def test_one_failure_more_never_lowers_the_statistic(results: list[bool], where: int) -> None:
    worse = [passed and index != where for index, passed in enumerate(results)]
    assert cusum(weights(worse)).value >= cusum(weights(results)).value - 1e-9


@given(RESULTS, st.integers(0, 60))
def test_forgetting_old_results_raises_no_alarm(results: list[bool], start: int) -> None:
    assert cusum(weights(results[start:])).value <= cusum(weights(results)).value + 1e-9


@given(RESULTS)
def test_an_outage_that_is_over_stays_over_whatever_comes_after(results: list[bool]) -> None:
    bounds = Bounds.of(1e-5, 1e-3)
    until = next(
        (end for end in range(len(results) + 1) if recovery(weights(results[:end]), bounds).over), len(results) + 1
    )
    assert recovery(weights(results), bounds).over == (until <= len(results))


def test_rates_between_which_nothing_could_be_told_are_refused() -> None:
    for healthy, outage in ((0.0, 0.5), (0.5, 0.5), (0.5, 0.2), (0.1, 1.0)):
        with pytest.raises(ValueError, match="does not hold"):
            Rates.checked(healthy, outage)


def test_a_sample_of_five_misses_an_outage_of_half_the_numbers_once_in_thirty_nights() -> None:
    assert sample_size(0.5, 0.05) == 5
    assert 0.5**5 <= 0.05 < 0.5**4


def results_until_alarm(rates: Rates, failing: float, alpha: float, chance: random.Random) -> int:
    """Page's test on results of which this share fails, from health until it raises the alarm."""
    value, threshold = 0.0, alarm_at(alpha)
    for number in count(1):
        value = cusum((value, rates.weight(passed=chance.random() >= failing))).value
        if value >= threshold:
            return number
    raise AssertionError("it always ends")


def mean_until_alarm(rates: Rates, failing: float, alpha: float, runs: int) -> float:
    chance = random.Random(f"{rates} {failing} {alpha}")
    return sum(results_until_alarm(rates, failing, alpha, chance) for _ in range(runs)) / runs


@pytest.mark.parametrize("rates", [RATES, Rates(0.2, 0.9)], ids=str)
@pytest.mark.parametrize("alpha", [0.05, 0.01, 0.002])
def test_in_health_alarms_are_as_rare_as_stated(rates: Rates, alpha: float) -> None:
    assert mean_until_alarm(rates, rates.healthy, alpha, 60) >= 1 / alpha


@pytest.mark.parametrize("rates", [RATES, Rates(0.2, 0.9)], ids=str)
@pytest.mark.parametrize("alpha", [0.01, 1e-5])
def test_an_outage_is_declared_within_the_stated_number_of_results(rates: Rates, alpha: float) -> None:
    for failing in (rates.outage, 0.95):
        assert mean_until_alarm(rates, failing, alpha, 400) <= longest_delay(rates, alpha, failing)


def found_over(failing: float, bounds: Bounds, chance: random.Random) -> Iterator[bool]:
    """Wald's tests one after the other: whether each found the outage over."""
    while True:
        value = 0.0
        while bounds.lower < value < bounds.upper:
            value += RATES.weight(passed=chance.random() >= failing)
        yield value <= bounds.lower


def test_an_outage_is_found_over_by_mistake_as_rarely_as_stated() -> None:
    alpha, beta, runs = 0.01, 0.05, 4000
    verdicts = found_over(RATES.outage, Bounds.of(alpha, beta), random.Random(7))
    mistaken = sum(next(verdicts) for _ in range(runs))
    stated = beta / (1 - alpha)
    assert mistaken / runs <= stated + 3 * math.sqrt(stated * (1 - stated) / runs)


def test_when_all_pass_an_outage_is_over_after_eleven_numbers() -> None:
    bounds = outage_policy.governing(date(2026, 11, 21)).bounds
    passes = [RATES.weight(passed=True)] * 11
    assert not recovery(passes[:10], bounds).over
    assert recovery(passes, bounds).over
    long_outage = [RATES.weight(passed=False)] * 500
    assert recovery([*long_outage, *passes, passes[0]], bounds).over, "however long it was"


def test_an_outage_takes_four_good_numbers_or_eight_new_ones_that_fail() -> None:
    policy = outage_policy.governing(date(2026, 11, 21))
    needed = {
        purpose: math.ceil(policy.alarm_at / policy.weight(purpose, passed=False))
        for purpose in (Purpose.SAMPLE, Purpose.RECEIVED)
    }
    assert needed == {Purpose.SAMPLE: 4, Purpose.RECEIVED: 8}
    assert policy.sample == 5
