"""Where the lines of the picture go. Pure geometry: a `Yard` in, coordinates for `components/yard.html` out.

One horizontal track for each state, in the order of life. What moved on is an arrow on the right, downwards; what came
back is one on the left, upwards. Units are those of the viewBox, one to a CSS pixel at full size.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

from inventory.lifecycle import MEANING, State
from inventory.yard.reading import Late, Yard

WIDTH = 960
TOP, GAUGE = 30, 54  # the first track's height, and how far apart tracks are
ASIDE_GAP = 22  # failed and returned lie apart from the main line
LABEL_END = 236
TRACK, WHOLE_TRACK = (380, 712), (270, WIDTH)  # with room for arrows on both sides, and without
WAGON_SPACE = 18  # a wagon and the gap behind it
FULL = 6  # powers of ten that fill a track

MAIN_LINE = (
    State.SOURCED,
    State.TESTING,
    State.QUARANTINED,
    State.AVAILABLE,
    State.RESERVED,
    State.IN_SERVICE,
    State.RELEASED,
)
ASIDE = (State.FAILED, State.RETURNED)
ORDER = MAIN_LINE + ASIDE


class Side(NamedTuple):
    """Where arrows leave the tracks: `sign` 1 on the right, -1 on the left; how far out the ones to the next track
    reach, and the farther ones. Those first lead straight out, so that they pass outside the labels of the near ones.
    """

    sign: int
    x: int
    near: float
    lead: float
    far: float
    farther: float  # for each track more


ONWARDS = Side(1, TRACK[1], near=58, lead=50, far=75, farther=14.5)
BACK = Side(-1, TRACK[0], near=36, lead=46, far=8, farther=5)


@dataclass(frozen=True)
class Track:
    """One state; `wagons` are the left edges of as many as show its numbers, on a logarithmic scale."""

    state: State
    meaning: str
    numbers: int
    came: int
    left: int
    y: int
    wagons: list[int]
    late: Late | None


@dataclass(frozen=True)
class Arrow:
    """A flow; `head` is the points of its arrowhead."""

    source: State
    target: State
    numbers: int
    path: str
    head: str
    width: float
    label_x: float
    label_y: float

    @property
    def goes_back(self) -> bool:
        """Upwards, on the left."""
        return ORDER.index(self.target) < ORDER.index(self.source)


@dataclass(frozen=True)
class Picture:
    """Everything that the template draws."""

    height: int
    start: int
    end: int
    tracks: list[Track]
    arrows: list[Arrow]
    width: int = WIDTH
    label_end: int = LABEL_END

    @property
    def total(self) -> int:
        """The numbers that we hold: all but the returned."""
        return sum(track.numbers for track in self.tracks if track.state != State.RETURNED)


def draw(yard: Yard) -> Picture:
    """The whole picture. Where nothing has moved, the tracks take the arrows' room."""
    most = max(yard.flow.values(), default=1)
    flows = [(source, target, n) for (source, target), n in yard.flow.items() if source and source != target]
    arrows = [_arrow(source, target, numbers, most) for source, target, numbers in flows]
    start, end = TRACK if arrows else WHOLE_TRACK
    return Picture(
        _y(ORDER[-1]) + GAUGE // 2,
        start,
        end,
        [_track(state, yard, start, end) for state in ORDER],
        sorted(arrows, key=lambda arrow: -arrow.width),  # wide ones first, so that thin ones stay visible on top
    )


def counts_only(yard: Yard) -> Yard:
    """What anybody may see: how many, but not what moves or is stuck."""
    return Yard(yard.stock, {}, {})


def _track(state: State, yard: Yard, start: int, end: int) -> Track:
    numbers = yard.stock[state]
    wagons = [start + 8 + i * WAGON_SPACE for i in range(_wagons(numbers, (end - start - 12) // WAGON_SPACE))]
    came = sum(n for (_, target), n in yard.flow.items() if target == state)
    left = sum(n for (source, _), n in yard.flow.items() if source == state)
    return Track(state, MEANING[state], numbers, came, left, _y(state), wagons, yard.late.get(state))


def _wagons(numbers: int, room: int) -> int:
    """None for none, at least one for some, all that there is room for from a million."""
    return min(room, math.ceil(room * math.log10(numbers + 1) / FULL))


def _y(state: State) -> int:
    place = ORDER.index(state)
    return TOP + GAUGE * place + (ASIDE_GAP if state in ASIDE else 0)


def _arrow(source: State, target: State, numbers: int, most: int) -> Arrow:
    """A half ellipse from track to track. The farther, the farther out it swings; there is less room on the left."""
    distance = ORDER.index(target) - ORDER.index(source)
    side = ONWARDS if distance > 0 else BACK
    sign, x, lead, swing = side.sign, side.x, *_swing(side, abs(distance))
    start, end = _y(source) - 3 + 7 * sign, _y(target) - 3 - 7 * sign
    width = max(1.5, 12 * math.sqrt(numbers / most))
    out, bow, reach, tip = x + sign * lead, x + sign * (lead + swing), x + sign * (width / 2 + 9), x + sign * 2
    back = out if lead else reach
    return Arrow(
        source,
        target,
        numbers,
        path=f"M{x} {start}H{out}C{bow} {start} {bow} {end} {back:.1f} {end}H{reach:.1f}",
        head=f"{tip},{end} {reach:.1f},{end - width / 2 - 4:.1f} {reach:.1f},{end + width / 2 + 4:.1f}",
        width=round(width, 1),
        label_x=round(x + sign * (lead + 0.75 * swing + width / 2 + 5), 1),
        label_y=(start + end) / 2 + 4,
    )


def _swing(side: Side, distance: int) -> tuple[float, float]:
    """How far an arrow leads straight out, and how far from there its control points lie (a curve reaches 3/4)."""
    return (0, side.near) if distance == 1 else (side.lead, side.far + side.farther * (distance - 2))
