"""The map: places with numbers on sale as dots, the larger the more there are."""

from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import urlencode

from django.urls import reverse

from inventory.levels.places import MOST_PLACES, Stocked, most_stocked
from inventory.levels.reading import coarse
from inventory.levels.shelves import Breadth, Shelf
from inventory.search.offered import offered
from numbering.countries import called
from numbering.outlines import Box, Map, Point, Shape, middle_of, of_country, world
from numbering.recent import Recent
from numbering.types import NumberType

#: Radius by how many are on sale at least, in thousandths of what is shown: steps that the eye tells apart.
#: What is shown of a country: its dots with this much around them, and no less than that of the whole.
MARGIN, LEAST = 0.1, 0.5
RADII = {1: 6.0, 10: 9.0, 100: 13.0, 1000: 18.0}


class Dot(NamedTuple):
    """A place, or a country on the map of the world. Without a point it is in the table only."""

    name: str
    at_least: int
    link: str
    point: Point | None
    radius: float


class Drawing(NamedTuple):
    """What a template needs. `is_cut`: there may be more places than are drawn; `stocked`: countries with numbers."""

    country: str
    name: str
    shapes: tuple[Shape, ...]
    view: Box
    dots: list[Dot]
    stocked: frozenset[str]
    is_cut: bool

    @property
    def drawn(self) -> list[Dot]:
        """The dots on the map, the small ones above the large ones."""
        return [dot for dot in self.dots if dot.point]


class Site(NamedTuple):
    """What a dot is made of; `at`: degrees north and east, where they are known."""

    name: str
    at_least: int
    link: str
    at: tuple[float, float] | None


def of_the_world() -> Drawing:
    """The countries with anything on sale."""
    page, stocked = reverse("portal:map"), _countries()
    sites = [
        Site(called(country), at_least, f"{page}?country={country}", middle_of(country))
        for country, at_least in stocked.items()
    ]
    drawn = _drawing("", world(), sites, whole=True)
    return drawn._replace(stocked=frozenset(stocked))


def of_one_country(country: str, number_type: NumberType) -> Drawing:
    """The places with numbers of the type on sale; where no outline is known the table tells all."""
    stocked = most_stocked(country, number_type.value)
    sites = [_site(each, country, number_type) for each in stocked]
    return _drawing(country, of_country(country), sites)._replace(is_cut=len(stocked) == MOST_PLACES)


def _site(stocked: Stocked, country: str, number_type: NumberType) -> Site:
    place = stocked.place
    name = f"{place.name}, {place.region}" if place.region and place.region != place.name else place.name
    query = urlencode({"country": country, "type": number_type.value, "locality": name})
    at = None if place.latitude is None or place.longitude is None else (place.latitude, place.longitude)
    return Site(name, stocked.at_least, f"{reverse('portal:search')}?{query}", at)


def _drawing(country: str, on: Map | None, sites: Iterable[Site], *, whole: bool = False) -> Drawing:
    ordered = sorted(sites, key=lambda site: (-site.at_least, site.name))
    points = [on.project(*site.at) if on and site.at else None for site in ordered]
    view = _view(on, [point for point in points if point], whole=whole) if on else Box(0, 0, 0, 0)
    unit = max(view.width, view.height) / 1000
    dots = [
        Dot(site.name, site.at_least, site.link, point, RADII[site.at_least] * unit)
        for site, point in zip(ordered, points, strict=True)
    ]
    name = called(country) if country else ""
    return Drawing(country, name, on.shapes if on else (), view, dots, frozenset(), is_cut=False)


def _view(on: Map, points: list[Point], *, whole: bool) -> Box:
    """The part of the map where the dots are, so that a country with far-off parts is not drawn for their sake."""
    all_of_it = on.view(points)
    if whole or not points:
        return all_of_it
    width, height = all_of_it.width, all_of_it.height
    middle = Point(*(sum(axis) / 2 for axis in zip(*_corners(points), strict=True)))
    least = Box(middle.x - width * LEAST / 2, middle.y - height * LEAST / 2, width * LEAST, height * LEAST)
    return least.around(points, MARGIN * max(width, height)).within(all_of_it)


def _corners(points: list[Point]) -> tuple[Point, Point]:
    xs, ys = zip(*points, strict=True)
    return Point(min(xs), min(ys)), Point(max(xs), max(ys))


def _read() -> dict[str, int]:
    shelves = [Shelf(country, each.value) for country, types in offered().items() for each in types]
    found: dict[str, int] = {}
    for shelf, at_least in coarse(shelves, Breadth.TYPE).items():
        found[shelf.country] = max(found.get(shelf.country, 0), at_least)
    return {country: at_least for country, at_least in found.items() if at_least}


#: How many are on sale in each country at least, of the type that has most; as it was at most a minute ago.
_countries = Recent(_read, seconds=60)
