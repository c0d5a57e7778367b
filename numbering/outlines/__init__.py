"""Outlines of countries, for maps that the server draws as SVG: `world()`, `of_country(iso)`, and where a point lies.

The data are Natural Earth's (public domain), made into `outlines.json` by `numbering.outlines.make`.
"""

import json
import math
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

SHIPPED = Path(__file__).parent / "outlines.json"
#: A map grows around points that lie off it by this share of its longer side, so that none sits on the rim.
RIM = 0.03


class Shape(NamedTuple):
    """One country: ISO 3166-1 alpha-2 (empty: land that has no code), and its outline as SVG path data."""

    country: str
    path: str


class Point(NamedTuple):
    """A place on a map, in its units: x to the right, y downwards."""

    x: float
    y: float


class Box(NamedTuple):
    """A part of a map, in its units."""

    x: float
    y: float
    width: float
    height: float

    def around(self, points: Iterable[Point], rim: float) -> "Box":
        """The smallest box that holds this one, and the points at least `rim` from its sides."""
        points = list(points)
        left = min([self.x, *(point.x - rim for point in points)])
        top = min([self.y, *(point.y - rim for point in points)])
        right = max([self.x + self.width, *(point.x + rim for point in points)])
        bottom = max([self.y + self.height, *(point.y + rim for point in points)])
        return Box(left, top, right - left, bottom - top)

    def within(self, whole: "Box") -> "Box":
        """What of this box lies in the whole."""
        left, top = max(self.x, whole.x), max(self.y, whole.y)
        right = min(self.x + self.width, whole.x + whole.width)
        bottom = min(self.y + self.height, whole.y + whole.height)
        return Box(left, top, right - left, bottom - top)


class Frame(NamedTuple):
    """How degrees become the units of a map: equirectangular, true to scale along its middle parallel.

    Longitudes are counted eastwards from `seam`, so that no country is torn at 180 degrees.
    """

    seam: float
    left: float
    top: float
    across: float
    down: float
    width: int
    height: int


class Map(NamedTuple):
    """Outlines in one frame. What lies far off the mainland is drawn too, outside of the frame's box."""

    frame: Frame
    shapes: tuple[Shape, ...]

    def project(self, latitude: float, longitude: float) -> Point:
        """Where a point of the earth lies on the map; degrees north and east, WGS 84."""
        frame = self.frame
        eastwards = frame.seam + math.fmod(longitude - frame.seam + 720, 360)
        return Point((eastwards - frame.left) * frame.across, (frame.top - latitude) * frame.down)

    def view(self, points: Iterable[Point] = ()) -> Box:
        """The part to show: the frame, grown where it must be to hold all the points."""
        box = Box(0, 0, self.frame.width, self.frame.height)
        return box.around(points, RIM * max(self.frame.width, self.frame.height))


def world() -> Map:
    """All countries but Antarctica, coarse (1:110 million); the smallest have no shape there."""
    return _map(_data()["world"])


def of_country(country: str) -> Map | None:
    """One country (ISO 3166-1 alpha-2), 1:50 million; None where no outline is known."""
    known = _data()["countries"].get(country)
    return _map(known) if known else None


def middle_of(country: str) -> tuple[float, float] | None:
    """Degrees north and east of about the middle of the country's mainland; None where no outline is known."""
    known = _data()["countries"].get(country)
    return tuple(known["middle"]) if known else None


def _map(data: dict[str, Any]) -> Map:
    return Map(Frame(*data["frame"]), tuple(Shape(*shape) for shape in data["shapes"]))


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(SHIPPED.read_text())
    return data
