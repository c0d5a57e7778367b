"""A stay in quarantine as a drawing: contacts of each day as bars, the likelihood of unwanted traffic as a curve that
falls to its threshold, and the days by which the number is probably released. Pure geometry, in CSS pixels.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from inventory.quarantine.curve import Curve

WIDTH, HEIGHT = 760, 306
LEFT, RIGHT = 44, 748
NAMES = 12  # the first line of the names of days, one line each: they may be close together
TOP, FOOT = 50, 190  # of the curve: 100 % and 0 %
BARS_TOP, BARS_FOOT = 214, 270  # of the bars
WIDEST = 14.0
SHARES = (0, 25, 50, 75, 100)
STEPS = (1, 2, 7, 14, 28, 56, 112, 224)


class Tick(NamedTuple):
    """A mark of an axis."""

    at: float
    label: str


class Bar(NamedTuple):
    """A day with contacts."""

    x: float
    y: float
    height: float


class Mark(NamedTuple):
    """A day that matters; its name stands at `y`, on the side of its line that has room."""

    x: float
    y: int
    label: str
    anchor: str


@dataclass(frozen=True, slots=True)
class LifePlot:
    """Paths and marks; `band` is x and width of the days within which eight in ten such numbers are released."""

    past: str
    ahead: str
    threshold: float
    threshold_label: str
    bars: list[Bar]
    bar_width: float
    unheard: list[float]
    band: tuple[float, float] | None
    marks: list[Mark]
    across: list[Tick]
    up: list[Tick]
    most: int
    now: tuple[float, float]
    width: int = WIDTH
    height: int = HEIGHT


class Foretold(NamedTuple):
    """The days that the drawing marks; None: not known."""

    minimum: date | None = None
    predicted: date | None = None
    low: date | None = None
    high: date | None = None


def life_plot(curve: Curve, told: Foretold) -> LifePlot:
    """The drawing of an open stay."""
    first, today = curve.past[0][0], curve.past[-1][0]
    known = [day for day in (*told, curve.ahead[-1][0]) if day is not None]
    span = max((max([today, *known]) - first).days, 7) * 1.04
    step = (RIGHT - LEFT) / span

    def x(day: date) -> float:
        return round(LEFT + (day - first).days * step, 1)

    most = max([day.contacts for day in curve.days], default=0)
    band = (x(told.low), round(x(told.high) - x(told.low), 1)) if told.low and told.high else None
    width = round(min(step * 0.8, WIDEST), 2)
    return LifePlot(
        past=_path((x(day), _share(p)) for day, p in curve.past),
        ahead=_path((x(day), _share(p)) for day, p in curve.ahead),
        threshold=_share(curve.alpha),
        threshold_label=f"{100 * curve.alpha:g} %",
        bars=[_bar(x(day.day), day.contacts, most) for day in curve.days if day.contacts],
        bar_width=width,
        unheard=[x(day.day) for day in curve.days if not day.observed],
        band=band,
        marks=[_mark(nth, x(day), name) for nth, (day, name) in enumerate(_named(told, today))],
        across=_ticks(first, span, x),
        up=[Tick(_share(share / 100), f"{share} %") for share in SHARES],
        most=most,
        now=(x(today), _share(curve.past[-1][1])),
    )


def _named(told: Foretold, today: date) -> Iterable[tuple[date, str]]:
    named = ((told.minimum, "minimum"), (today, "today"), (told.predicted, "predicted"))
    return ((day, name) for day, name in named if day is not None)


def _mark(nth: int, x: float, label: str) -> Mark:
    return Mark(x, NAMES + 13 * nth, label, "end" if x > RIGHT - 60 else "start")


def _share(p: float) -> float:
    return round(FOOT - p * (FOOT - TOP), 1)


def _bar(x: float, contacts: int, most: int) -> Bar:
    height = round(contacts / most * (BARS_FOOT - BARS_TOP), 1)
    return Bar(x, round(BARS_FOOT - height, 1), height)


def _path(points: Iterable[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in points)


def _ticks(first: date, span: float, x: Callable[[date], float]) -> list[Tick]:
    """Every so many days that about six of them have room."""
    step = next((step for step in STEPS if span / step <= 7), STEPS[-1])
    days = (first + timedelta(days=ago) for ago in range(0, int(span), step))
    return [Tick(x(day), f"{day:%-d %b}") for day in days]
