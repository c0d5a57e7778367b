"""A measured value at its limit, as a small drawing: people rather look than read."""

import re
from collections.abc import Callable
from typing import NamedTuple

from testing_lab.models import Result

WIDTH, HEIGHT = 112, 12
_NUMBER = r"(-?[0-9]+(?:\.[0-9]+)?)"
#: A bound of what is measured comes first, or after its name: V07 measures the delay one way, V12 MOS. Others
#: ("CNG >= 3 s", "(<= 10 bits)") are of something else.
_BOUND = re.compile(rf"(?:^|\bone way |\bMOS )(<=|>=) {_NUMBER}")
_OR_ANOTHER = re.compile(r", (<=|>=)")  # "<= 3 national, <= 6 international"
_BETWEEN = re.compile(rf"{_NUMBER} to {_NUMBER}")
_BEYOND = 1.25  # how much of the scale lies beyond a limit, at least
_FARTHEST = 3.0  # limits: a value beyond that is drawn at the edge


class Gauge(NamedTuple):
    """`good` is where the limit wants the value, from and to; `at` is where the value is. In units of the drawing."""

    good: tuple[float, float]
    at: float
    is_clipped: bool

    @property
    def good_width(self) -> float:
        """How wide that is."""
        return self.good[1] - self.good[0]


def gauge(result: Result) -> Gauge | None:
    """None where there is no value, or no limit of it that could be drawn: more than one, or none in figures."""
    within = _limits(result.limit)
    if result.value is None or within is None:
        return None
    low, high = within
    end = max((bound for bound in within if bound is not None), default=0.0) * _BEYOND
    if end <= 0:
        return None
    end = max(end, min(result.value * 1.05, end * _FARTHEST))
    start = min(0.0, low or 0.0)
    place = _scale(start, end)
    clipped = not start <= result.value <= end
    good = place(low if low is not None else start), place(high if high is not None else end)
    return Gauge(good, place(min(max(result.value, start), end)), clipped)


def _scale(start: float, end: float) -> Callable[[float], float]:
    return lambda value: round((value - start) / (end - start) * WIDTH, 1)


def _limits(text: str) -> tuple[float | None, float | None] | None:
    """The least and the most that a limit allows what is measured; None where that depends, or is not in figures."""
    if between := _BETWEEN.match(text):
        return float(between[1]), float(between[2])
    bound = _BOUND.search(text)
    if bound is None or _OR_ANOTHER.search(text):
        return None
    return (None, float(bound[2])) if bound[1] == "<=" else (float(bound[2]), None)
