"""How a shelf runs down by its mean demand, with and without what is proposed: a picture, and its table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from inventory.models import RestockProposal

WIDTH, HEIGHT = 640, 240
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 12, 28
_POINTS = 12  # rows of the table


@dataclass(frozen=True)
class Day:
    """What the position is then, in numbers; `x` in the picture."""

    day: date
    without: int
    proposed: int
    x: float


@dataclass(frozen=True)
class Tick:
    """A label beside an axis."""

    at: float
    said: str


@dataclass(frozen=True)
class Projection:
    """Two lines, by day, and the reorder point between them."""

    days: Sequence[Day]
    reorder_point: int
    runs_out: date | None
    without: str
    proposed: str
    reorder_y: float
    up: Sequence[Tick]
    across: Sequence[Tick]
    width: int = WIDTH
    height: int = HEIGHT


def projection(proposal: RestockProposal) -> Projection | None:
    """From the night of the proposal to 30 days after an order would have arrived; None where a term is not known."""
    terms = proposal.terms
    told = [terms.get(name) for name in ("position", "daily", "L", "R", "s")]
    if any(value is None for value in told):
        return None
    position, daily, lead, review, point = (float(value) for value in told if value is not None)
    arrives = ceil(lead) if proposal.quantity > 0 else 0
    horizon = ceil(lead + review) + 30
    step = max(1, ceil(horizon / _POINTS))
    offsets = sorted({*range(0, horizon + 1, step), arrives})
    rows = [
        (offset, max(0.0, position - daily * offset), _with(position, daily, offset, proposal.quantity, arrives))
        for offset in offsets
    ]
    top = max(point, *(max(without, proposed) for _, without, proposed in rows)) or 1.0
    return _drawn(proposal.day, rows, point, top, _empty(proposal.day, position, daily))


def _with(position: float, daily: float, offset: int, quantity: int, arrives: int) -> float:
    came = quantity if offset >= arrives else 0
    return max(0.0, position - daily * offset + came)


def _empty(start: date, position: float, daily: float) -> date | None:
    """The day on which nothing is left, where that is within a year."""
    days = ceil(position / daily) if daily > 0 else 1_000
    return start + timedelta(days=max(days, 0)) if days <= 365 else None


def _drawn(
    start: date, rows: Sequence[tuple[int, float, float]], point: float, top: float, runs_out: date | None
) -> Projection:
    last = rows[-1][0]

    def x(offset: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * offset / last, 1)

    def y(units: float) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * units / top, 1)

    days = [Day(start + timedelta(days=o), round(a), round(b), x(o)) for o, a, b in rows]
    marks = [0, top / 2, top]
    return Projection(
        days=days,
        reorder_point=round(point),
        runs_out=runs_out,
        without="M" + "L".join(f"{x(o)} {y(a)}" for o, a, _ in rows),
        proposed="M" + "L".join(f"{x(o)} {y(b)}" for o, _, b in rows),
        reorder_y=y(point),
        up=[Tick(y(mark), f"{mark:,.0f}") for mark in marks],
        across=[Tick(x(o), (start + timedelta(days=o)).isoformat()[5:]) for o in (0, last // 2, last)],
    )
