"""Makes `outlines.json`, once: `python -m numbering.outlines.make countries-110m.json countries-50m.json codes.json`.

The first two are Natural Earth's countries as TopoJSON (npm package `world-atlas` 2.0.2), the third is the table of
ISO 3166-1 codes of npm package `i18n-iso-countries` 7.14.0: rows of alpha-2, alpha-3, numeric.
"""

import json
import math
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from numbering.outlines import SHIPPED

Place = tuple[float, float]  # degrees east, degrees north
Dot = tuple[int, int]  # units of a map
Ring = list[Place]
Extent = tuple[float, float, float, float]  # west, south, east, north

UNITS = 1000  # the longer side of a country's map
WORLD = {"seam": -180.0, "left": -180.0, "top": 84.0, "across": 5.0, "down": 5.0, "width": 1800, "height": 705}
COARSENESS = 1.0  # units that a simplified outline may be off
SPECK = 5.0  # units squared: islands below it are left out
NEIGHBOURLY = 0.6  # a part belongs on the map if it lies within so many diagonals of what is on it
UNCODED = {"Kosovo": "XK"}  # by its name in the data; others without a code are just land
ANTARCTICA = "AQ"


def main(coarse: str, fine: str, codes: str) -> None:
    """Read the three files, write ours."""
    alpha2 = {row[2]: row[0] for row in json.loads(Path(codes).read_text())}
    far, near = (_countries(json.loads(Path(path).read_text()), alpha2) for path in (coarse, fine))
    shapes = [
        [country, _path(_on_the_world(rings), WORLD)] for country, rings in sorted(far.items()) if country != ANTARCTICA
    ]
    made = {
        "world": {"frame": list(WORLD.values()), "shapes": shapes},
        "countries": {country: _own_map(country, rings) for country, rings in sorted(near.items()) if country},
    }
    SHIPPED.write_text(json.dumps(made, separators=(",", ":")) + "\n")


def _countries(topology: dict[str, Any], alpha2: dict[str, str]) -> dict[str, list[Ring]]:
    """The rings of each country; of what has no code under the empty one."""
    arcs = [list(_arc(arc, topology["transform"])) for arc in topology["arcs"]]
    found: dict[str, list[Ring]] = defaultdict(list)
    for geometry in topology["objects"]["countries"]["geometries"]:
        code = alpha2.get(geometry.get("id", "")) or UNCODED.get(geometry["properties"]["name"], "")
        polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        found[code] += [_ring(ring, arcs) for polygon in polygons for ring in polygon]
    return found


def _arc(deltas: list[list[int]], transform: dict[str, list[float]]) -> Iterator[Place]:
    (scale_x, scale_y), (shift_x, shift_y) = transform["scale"], transform["translate"]
    x = y = 0
    for across, up in deltas:
        x, y = x + across, y + up
        yield x * scale_x + shift_x, y * scale_y + shift_y


def _ring(indices: list[int], arcs: list[Ring]) -> Ring:
    """Arcs end to end; one's complement stands for the arc backwards."""
    joined: Ring = []
    for index in indices:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        joined += arc[1:] if joined else arc
    return joined


def _own_map(country: str, rings: list[Ring]) -> dict[str, Any]:
    frame = _frame(rings)
    return {
        "frame": list(frame.values()),
        "shapes": [[country, _path(_from_seam(rings, frame["seam"]), frame)]],
        "middle": _middle(rings),
    }


def _middle(rings: list[Ring]) -> list[float]:
    """Degrees north and east of the largest part's centroid."""
    seam = _seam(rings)
    ring = [(_eastwards(x, seam), y) for x, y in max(rings, key=_area)]
    slices = [(x1 * y2 - x2 * y1, x1 + x2, y1 + y2) for (x1, y1), (x2, y2) in pairwise([*ring, ring[0]])]
    weight = 3 * sum(cross for cross, _, _ in slices)
    east = sum(cross * x for cross, x, _ in slices) / weight
    return [round(sum(cross * y for cross, _, y in slices) / weight, 2), round(_eastwards(east, -180), 2)]


def _frame(rings: list[Ring]) -> dict[str, float]:
    """Around the mainland and what lies near it."""
    seam = _seam(rings)
    west, south, east, north = _mainland(_from_seam(rings, seam))
    squeeze = math.cos(math.radians((south + north) / 2))
    down = UNITS / max((east - west) * squeeze, north - south)
    across = down * squeeze
    size = {"width": math.ceil((east - west) * across), "height": math.ceil((north - south) * down)}
    return {
        **{"seam": round(seam, 3), "left": round(west, 3), "top": round(north, 3)},
        **{"across": round(across, 4), "down": round(down, 4)},
        **size,
    }


def _seam(rings: list[Ring]) -> float:
    """The longitude in the middle of the widest gap."""
    seen = sorted({round(x, 1) for ring in rings for x, _ in ring})
    width, start = max((after - before, before) for before, after in pairwise([*seen, seen[0] + 360]))
    middle = start + width / 2
    return middle - 360 if middle > 180 else middle


def _eastwards(longitude: float, seam: float) -> float:
    return seam + math.fmod(longitude - seam + 720, 360)


def _mainland(rings: list[Ring]) -> Extent:
    """The extent of the largest part, and of all others that lie near enough to what was taken before."""
    left = sorted((_extent(ring) for ring in sorted(rings, key=_area)), key=lambda each: -_size(each))
    taken = _extent(max(rings, key=_area))
    while near := [each for each in left if _gap(taken, each) <= NEIGHBOURLY * _diagonal(taken)]:
        closest = min(near, key=lambda each: _gap(taken, each))
        taken = (*map(min, taken[:2], closest[:2]), *map(max, taken[2:], closest[2:]))  # type: ignore[assignment]
        left.remove(closest)
    return taken


def _extent(ring: Ring) -> Extent:
    xs, ys = zip(*ring, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _size(extent: Extent) -> float:
    return (extent[2] - extent[0]) * (extent[3] - extent[1])


def _diagonal(extent: Extent) -> float:
    return math.hypot(extent[2] - extent[0], extent[3] - extent[1])


def _gap(one: Extent, other: Extent) -> float:
    across = max(0, other[0] - one[2], one[0] - other[2])
    up = max(0, other[1] - one[3], one[1] - other[3])
    return math.hypot(across, up)


def _area(ring: Sequence[tuple[float, float]]) -> float:
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise([*ring, ring[0]]))) / 2


def _path(rings: list[Ring], frame: dict[str, float]) -> str:
    """SVG path data in whole units. The largest ring is always kept, however small the country is."""
    drawn = sorted((_dots(ring, frame) for ring in rings), key=_area, reverse=True)
    return "".join(_written(ring) for nr, ring in enumerate(drawn) if nr == 0 or _area(ring) >= SPECK)


def _dots(ring: Ring, frame: dict[str, float]) -> list[Dot]:
    exact = [((x - frame["left"]) * frame["across"], (frame["top"] - y) * frame["down"]) for x, y in ring]
    dots = [(round(x), round(y)) for x, y in _simplified(exact)]
    return [dot for before, dot in pairwise([dots[-1], *dots]) if dot != before] or dots[:1]


def _from_seam(rings: list[Ring], seam: float) -> list[Ring]:
    """Longitudes counted eastwards from the seam, which no ring crosses."""
    return [[(_eastwards(x, seam), y) for x, y in ring] for ring in rings]


def _on_the_world(rings: list[Ring]) -> list[Ring]:
    """What crosses 180 degrees is drawn at both ends of the map, and cut by its frame."""
    whole = [_unrolled(ring) for ring in rings]
    turned = [[(x + turn, y) for x, y in ring] for ring in whole for turn in _turns(ring)]
    return whole + turned


def _unrolled(ring: Ring) -> Ring:
    """No step is longer than half a turn."""
    found = ring[:1]
    for x, y in ring[1:]:
        found.append((x - 360 * round((x - found[-1][0]) / 360), y))
    return found


def _turns(ring: Ring) -> Iterator[int]:
    west, _, east, _ = _extent(ring)
    if east > 180.01:
        yield -360
    if west < -180.01:
        yield 360


def _simplified(ring: Ring) -> Ring:
    """Douglas and Peucker's way, on the two halves of the ring from its first point to the one farthest from it."""
    points = ring[:-1]
    far = max(range(len(points)), key=lambda at: math.dist(points[0], points[at]))
    return [*_thinned(points[: far + 1]), *_thinned([*points[far:], points[0]])]


def _thinned(line: Ring) -> Ring:
    """The line without its last point, and without those that it is straight enough without."""
    if len(line) < 3:
        return line[:1]
    off, at = max((_distance(line[at], line[0], line[-1]), at) for at in range(1, len(line) - 1))
    return [*_thinned(line[: at + 1]), *_thinned(line[at:])] if off > COARSENESS else line[:1]


def _distance(point: Place, start: Place, end: Place) -> float:
    length = math.dist(start, end)
    if not length:
        return math.dist(point, start)
    (x, y), (x1, y1), (x2, y2) = point, start, end
    return abs((x2 - x1) * (y1 - y) - (x1 - x) * (y2 - y1)) / length


def _written(ring: list[Dot]) -> str:
    steps = [(x2 - x1, y2 - y1) for (x1, y1), (x2, y2) in pairwise(ring)]
    numbers = " ".join(f"{across} {down}" for across, down in steps)
    return f"M{ring[0][0]} {ring[0][1]}l{numbers}z".replace(" -", "-") if steps else ""


if __name__ == "__main__":
    main(*sys.argv[1:])
