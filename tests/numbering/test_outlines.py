"""Outlines of countries: towns lie inside of their country, and nothing is torn."""

import re
from itertools import pairwise

import pytest

from numbering.outlines import RIM, SHIPPED, Map, Point, middle_of, of_country, world

TOWNS = {
    "DE": (52.52, 13.40),
    "US": (39.10, -94.58),
    "FR": (46.50, 2.50),
    "RU": (55.75, 37.62),
    "NZ": (-38.50, 176.00),
    "BR": (-15.78, -47.93),
    "ZA": (-29.00, 24.00),
}
PATH = re.compile(r"(?:M-?\d+(?: |(?=-))-?\d+l-?\d+(?:(?: |(?=-))-?\d+)+z)+")


def rings(path: str) -> list[list[Point]]:
    """The path's rings, as points."""
    found = []
    for ring in path.strip("z").split("z"):
        start, steps = ring.removeprefix("M").split("l")
        (x, y), moves = map(int, re.findall(r"-?\d+", start)), list(map(int, re.findall(r"-?\d+", steps)))
        points = [Point(x, y)]
        for across, down in zip(moves[::2], moves[1::2], strict=True):
            points.append(Point(points[-1].x + across, points[-1].y + down))
        found.append(points)
    return found


def holds(path: str, point: Point) -> bool:
    """Even-odd rule."""
    inside = False
    for ring in rings(path):
        for a, b in pairwise([*ring, ring[0]]):
            if (a.y > point.y) != (b.y > point.y) and point.x < a.x + (point.y - a.y) * (b.x - a.x) / (b.y - a.y):
                inside = not inside
    return inside


def found_in(of: Map, latitude: float, longitude: float) -> set[str]:
    point = of.project(latitude, longitude)
    return {shape.country for shape in of.shapes if holds(shape.path, point)}


def test_the_data_are_small() -> None:
    assert SHIPPED.stat().st_size < 300_000


@pytest.mark.parametrize(("country", "town"), TOWNS.items(), ids=TOWNS)
def test_a_town_lies_in_its_country_on_the_map_of_the_world_and_on_its_own(
    country: str, town: tuple[float, float]
) -> None:
    own = of_country(country)
    assert own is not None
    assert found_in(world(), *town) == {country}
    assert found_in(own, *town) == {country}


@pytest.mark.parametrize("country", TOWNS)
def test_the_middle_of_a_country_lies_in_it(country: str) -> None:
    middle = middle_of(country)
    assert middle is not None
    assert found_in(world(), *middle) == {country}


def test_the_open_sea_is_nobodys() -> None:
    assert found_in(world(), 0, -30) == set()


def test_every_outline_is_path_data_inside_of_a_frame_of_a_thousand() -> None:
    for shape in world().shapes:
        own = of_country(shape.country) if shape.country else None
        assert PATH.fullmatch(shape.path), shape.country
        if own:
            assert PATH.fullmatch(own.shapes[0].path), shape.country
            assert 990 <= max(own.frame.width, own.frame.height) <= 1010, shape.country


def test_small_states_have_a_map_of_their_own_though_no_shape_on_the_world() -> None:
    assert of_country("SG") is not None
    assert "SG" not in {shape.country for shape in world().shapes}
    assert of_country("ZZ") is None
    assert middle_of("ZZ") is None


@pytest.mark.parametrize(
    ("country", "western", "eastern"),
    [
        ("RU", (59.9, 30.3), (66.2, -172.0)),
        ("NZ", (-36.8, 174.8), (-43.9, -176.5)),
        ("US", (51.9, 177.5), (21.3, -157.9)),
    ],
)
def test_a_country_is_not_torn_where_longitudes_jump(
    country: str, western: tuple[float, float], eastern: tuple[float, float]
) -> None:
    own = of_country(country)
    assert own is not None
    assert own.project(*western).x < own.project(*eastern).x


def test_a_map_grows_to_hold_what_lies_off_it() -> None:
    portugal = of_country("PT")
    assert portugal is not None
    lisbon, funchal = portugal.project(38.72, -9.14), portugal.project(32.65, -16.91)
    assert portugal.view([lisbon]) == (0, 0, portugal.frame.width, portugal.frame.height)
    grown = portugal.view([lisbon, funchal])
    assert grown.x == pytest.approx(funchal.x - RIM * portugal.frame.height)
    assert grown.x + grown.width == portugal.frame.width
    assert grown.y + grown.height > funchal.y


def test_nothing_on_the_map_of_the_world_reaches_from_one_end_to_the_other() -> None:
    whole = world().frame.width
    for shape in world().shapes:
        for ring in rings(shape.path):
            longest = max(abs(a.x - b.x) for a, b in pairwise([*ring, ring[0]]))
            assert longest < whole / 4, shape.country
