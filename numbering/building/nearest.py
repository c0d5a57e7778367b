"""GeoNames towns that libphonenumber doesn't name, and the known place whose prefixes serve them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from numbering.place_file import PlaceLine

MAX_DISTANCE_KM = 50
EARTH_RADIUS_KM = 6371.0088  # mean radius, IUGG


class KnownPlaces:
    """The places with coordinates and prefixes, by country, for nearest-neighbour search."""

    def __init__(self, lines: Iterable[PlaceLine]) -> None:
        self._lines: dict[str, list[PlaceLine]] = defaultdict(list)
        for line in lines:
            if line.granularity == "locality" and line.latitude is not None:
                self._lines[line.country].append(line)
        self._points = {country: _unit_vectors(_points(found)) for country, found in self._lines.items()}

    def nearest(self, country: str, points: Sequence[tuple[float, float]]) -> Iterator[tuple[PlaceLine, float]]:
        """For each (latitude, longitude): the nearest place of the country and its distance in kilometres."""
        known = self._points[country]
        for vector in _unit_vectors(points):
            cosines = known @ vector
            best = int(np.argmax(cosines))
            yield self._lines[country][best], float(np.arccos(min(cosines[best], 1.0))) * EARTH_RADIUS_KM

    def __contains__(self, country: str) -> bool:
        return country in self._lines


def _points(lines: Iterable[PlaceLine]) -> list[tuple[float, float]]:
    return [(line.latitude or 0.0, line.longitude or 0.0) for line in lines]


def _unit_vectors(points: Sequence[tuple[float, float]]) -> NDArray[np.float64]:
    latitude, longitude = np.radians(np.array(points, dtype=float).reshape(-1, 2)).T
    return np.column_stack(
        (np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude), np.sin(latitude))
    )
