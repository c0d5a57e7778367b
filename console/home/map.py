"""The stock on a map of the world: each country that we have, or should have, in the colour of its standing."""

from collections.abc import Iterable
from typing import NamedTuple

from inventory.levels.countries import CountryStock
from numbering.outlines import Box, Point, middle_of, world


class Land(NamedTuple):
    """A stocked country: its outline, where it has one at this scale, and its middle; None where nobody knows it."""

    stock: CountryStock
    path: str
    middle: Point | None


class WorldMap(NamedTuple):
    """`rest` is the outline of all other countries, in one path."""

    box: Box
    rest: str
    lands: list[Land]


def world_map(stocks: Iterable[CountryStock]) -> WorldMap:
    """For `console/home/map.html`."""
    drawn, of_country = world(), {stock.country: stock for stock in stocks}
    paths = {shape.country: shape.path for shape in drawn.shapes if shape.country in of_country}
    rest = "".join(shape.path for shape in drawn.shapes if shape.country not in of_country)
    middles = {country: middle_of(country) for country in of_country}
    lands = [
        Land(stock, paths.get(country, ""), drawn.project(*middle) if (middle := middles[country]) else None)
        for country, stock in of_country.items()
    ]
    return WorldMap(drawn.view(), rest, lands)
