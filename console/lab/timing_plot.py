"""When each packet came: how long it was on its way over when it was sent, what was lost, what came twice."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from statistics import fmean, median
from typing import NamedTuple

from testing_lab.evidence.timing import Timing

WIDTH, HEIGHT = 760, 190
LEFT, RIGHT, TOP, BOTTOM = 52, 744, 14, 152
LOST_Y = 160  # below the axis
_STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000)
_TENTH = 10  # Timing counts in tenths of a millisecond


class Tick(NamedTuple):
    """A mark of an axis."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class TimingPlot:
    """`dots`, `lost` and `again` are paths. `band` is y and height of the median delay, and as much jitter about it."""

    dots: str
    lost: str
    again: str
    band: tuple[float, float] | None
    across: list[Tick]
    up: list[Tick]
    packets: int
    lost_count: int
    again_count: int
    foreign: int
    left_out: int
    delay_ms: float | None
    jitter_ms: float | None
    worst_ms: float | None


def timing_plot(timing: Timing, delay_ms: float | None = None, jitter_ms: float | None = None) -> TimingPlot:
    """The drawing of one direction; the figures are those that were judged, or where there are none our own."""
    came = [(at, delay) for at, delay in zip(timing.sent_at, timing.delay, strict=True) if delay is not None]
    gone = [at for at, delay in zip(timing.sent_at, timing.delay, strict=True) if delay is None]
    delays = [delay / _TENTH for _, delay in came]
    seconds = max(timing.sent_at[-1] / (1000 * _TENTH), 0.1) if timing.sent_at else 1.0
    up = _ticks(0.0, max([*delays, 10.0]), 4)
    highest = up[-1]

    def x(at: int) -> float:
        return round(LEFT + at / (1000 * _TENTH) / seconds * (RIGHT - LEFT), 1)

    def y(ms: float) -> float:
        return round(BOTTOM - max(ms, 0.0) / highest * (BOTTOM - TOP), 1)

    twice = set(timing.again)
    doubled = [(timing.sent_at[row], timing.delay[row]) for row in sorted(twice) if row < len(timing.sent_at)]
    middle = median(delays) if delays and delay_ms is None else delay_ms
    jitter = _jitter(delays) if delays and jitter_ms is None else jitter_ms
    band = None if middle is None or jitter is None else (y(middle + jitter), y(middle - jitter) - y(middle + jitter))
    return TimingPlot(
        dots=_points((x(at), y(delay / _TENTH)) for at, delay in came),
        lost="".join(f"M{x(at)} {LOST_Y}v8" for at in gone),
        again=_points((x(at), y((delay or 0) / _TENTH)) for at, delay in doubled),
        band=band,
        across=[Tick(x(round(s * 1000 * _TENTH)), f"{s:g}") for s in _ticks(0.0, seconds, 8) if s <= seconds],
        up=[Tick(y(ms), f"{ms:g}") for ms in up],
        packets=len(timing.sent_at),
        lost_count=len(gone),
        again_count=len(doubled),
        foreign=timing.foreign,
        left_out=timing.left_out,
        delay_ms=middle,
        jitter_ms=jitter,
        worst_ms=max(delays, default=None),
    )


def _points(places: Iterable[tuple[float, float]]) -> str:
    """Lines without length, which a round line cap draws as dots."""
    return "".join(f"M{x} {y}h0" for x, y in places)


def _jitter(delays: list[float]) -> float:
    """Mean difference from one packet to the next, in ms: what RFC 3550's estimator smooths."""
    return fmean(abs(after - before) for before, after in pairwise(delays)) if len(delays) > 1 else 0.0


def _ticks(start: float, end: float, most: int) -> list[float]:
    """Round values from start to the end, or just beyond it."""
    step = next((step for step in _STEPS if (end - start) / step <= most), (end - start) / most)
    return [start + step * number for number in range(ceil((end - start) / step) + 1)]
