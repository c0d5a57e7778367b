"""Sequential tests on results that pass or fail: has an outage begun, and is it over?

Each result is worth its log-likelihood ratio, in nats: how much likelier it is in an outage than in health.

    failed: ln(p1 / p0)        passed: ln((1 - p1) / (1 - p0))

with p0 the share of results that fail in health and p1 that in an outage. Results of several kinds, each with its own
p0 and p1, go into one sum. Pure: the state of a test is what its results make of it.

Whether an outage has begun: CUSUM (E. S. Page, "Continuous inspection schemes", Biometrika 41, 1954). The sum never
falls below zero, S = max(0, S + weight), and the alarm is raised at S >= h. In health the mean number of results until
a false alarm is at least exp(h) (G. Lorden, "Procedures for reacting to a change in distribution", Ann. Math. Stat. 42,
1971, theorem 2); so a stated rate alpha of false alarms per result sets h = ln(1 / alpha).

Whether it is over: the sequential probability ratio test (A. Wald, "Sequential tests of statistical hypotheses", Ann.
Math. Stat. 16, 1945). The sum starts at zero; at or above ln((1 - beta) / alpha) the outage goes on and a new test
starts, at or below ln(beta / (1 - alpha)) it is over. Of the tests made in an outage at most beta / (1 - alpha)
find it over.
"""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Self


class Rates(NamedTuple):
    """Shares of results that fail, 0 < healthy < outage < 1."""

    healthy: float
    outage: float

    @classmethod
    def checked(cls, healthy: float, outage: float) -> Self:
        """Raises ValueError for rates between which no result could tell."""
        if not 0 < healthy < outage < 1:
            raise ValueError(f"0 < {healthy} < {outage} < 1 does not hold")
        return cls(healthy, outage)

    def weight(self, *, passed: bool) -> float:
        """What such a result says: above zero for an outage, below for health. Nats."""
        if passed:
            return math.log((1 - self.outage) / (1 - self.healthy))
        return math.log(self.outage / self.healthy)

    def drift(self, failing: float) -> float:
        """The mean weight of results of which this share fails."""
        return failing * self.weight(passed=False) + (1 - failing) * self.weight(passed=True)


class Cusum(NamedTuple):
    """The statistic, and the index of the first result that it was made by: those before had brought it to zero."""

    value: float
    begins: int


def cusum(weights: Iterable[float]) -> Cusum:
    """Page's statistic after these results."""
    value, begins = 0.0, 0
    for index, weight in enumerate(weights):
        value += weight
        if value <= 0:
            value, begins = 0.0, index + 1
    return Cusum(value, begins)


def alarm_at(alpha: float) -> float:
    """Page's h for at most `alpha` false alarms per result."""
    return math.log(1 / alpha)


def longest_delay(rates: Rates, alpha: float, failing: float | None = None) -> float:
    """At most so many results, on average, from the beginning of an outage to the alarm, if the share `failing` fails
    (p1 unless told): (h + the largest weight) / mean weight, by Wald's identity. Infinite where health is likelier."""
    drift = rates.drift(rates.outage if failing is None else failing)
    return (alarm_at(alpha) + rates.weight(passed=False)) / drift if drift > 0 else math.inf


class Bounds(NamedTuple):
    """Wald's: the outage is over at or below `lower`; it goes on at or above `upper`."""

    lower: float
    upper: float

    @classmethod
    def of(cls, alpha: float, beta: float) -> Self:
        """For tests that call the healthy out with probability `alpha` and the broken healthy with `beta`."""
        return cls(math.log(beta / (1 - alpha)), math.log((1 - beta) / alpha))


class Recovery(NamedTuple):
    """Where the test in hand stands; `over` once one has found the outage over."""

    over: bool
    value: float


def recovery(weights: Sequence[float], bounds: Bounds) -> Recovery:
    """Wald's test on the results since the alarm, started anew each time that it finds the outage going on: a long
    outage is not left slower than a short one."""
    value = 0.0
    for weight in weights:
        value += weight
        if value <= bounds.lower:
            return Recovery(True, value)
        if value >= bounds.upper:
            value = 0.0
    return Recovery(False, value)


def sample_size(failing: float, missed: float) -> int:
    """The smallest sample that has only passes, in an outage in which the share `failing` fails, with at most the
    probability `missed`: (1 - failing)^n <= missed."""
    return math.ceil(math.log(missed) / math.log(1 - failing))
