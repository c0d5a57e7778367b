"""The shipped reference data, and the file that holds them."""

import gzip
from collections import Counter
from pathlib import Path

import pytest

from numbering import place_file
from numbering.models.place import Granularity, PlaceSource
from numbering.naming import normalise, place_id
from numbering.place_file import SHIPPED, PlaceLine


def test_the_shipped_data_hold_50_000_localities_in_100_countries_and_stay_small(shipped: list[PlaceLine]) -> None:
    localities = [line for line in shipped if line.granularity == Granularity.LOCALITY]
    assert len(localities) >= 50_000
    assert len({line.country for line in localities}) >= 100
    assert SHIPPED.stat().st_size < 5_000_000


def test_every_place_has_its_natural_id_and_a_known_source(shipped: list[PlaceLine]) -> None:
    assert len({line.id for line in shipped}) == len(shipped)
    for line in shipped:
        assert line.id == place_id(
            country=line.country,
            region=line.region,
            normalised_name=line.normalised_name,
            granularity=line.granularity,
        )
    assert {line.source for line in shipped} == set(PlaceSource.values)
    assert {line.granularity for line in shipped} == set(Granularity.values)
    assert all(line.normalised_name == normalise(line.name) for line in shipped if len(line.name) < 120)


def test_inferred_towns_lie_within_50_km_of_a_known_place_of_their_country(shipped: list[PlaceLine]) -> None:
    known = {line.id: line for line in shipped if line.source == PlaceSource.LIBPHONENUMBER}
    for line in shipped:
        if line.source == PlaceSource.INFERRED_NEAREST:
            assert line.nearest_id is not None
            assert line.distance_km is not None
            assert known[line.nearest_id].country == line.country
            assert 0 <= line.distance_km <= 50
            assert not line.prefixes


def test_every_prefix_lies_in_one_place(shipped: list[PlaceLine]) -> None:
    prefixes = Counter(prefix for line in shipped for prefix in line.prefixes)
    assert len(prefixes) > 250_000
    assert max(prefixes.values()) == 1


def test_rate_centres_and_latas_are_american_and_marked_synthetic(shipped: list[PlaceLine]) -> None:
    marked = [line for line in shipped if line.synthetic]
    assert {line.country for line in marked} == {"US", "CA"}
    assert all(line.rate_centre and (line.lata or "").startswith("0") for line in marked)
    assert not any(line.rate_centre or line.lata for line in shipped if not line.synthetic)


@pytest.mark.parametrize(
    ("country", "name", "region", "point", "prefix"),
    [
        ("US", "san francisco", "CA", (37.77, -122.42), 1415775),
        ("CA", "toronto", "ON", (43.7, -79.4), 1437),
        ("IE", "dublin", "Leinster", (53.33, -6.25), 3531),
        ("DE", "munich", "Bavaria", (48.14, 11.58), 4989),
        ("FR", "paris", "Île-de-France", (48.85, 2.35), 33144),
        ("AU", "sydney", "New South Wales", (-33.87, 151.21), 61290),
        ("GB", "manchester", "England", (53.48, -2.24), 44161),
        ("GB", "london", "England", (51.51, -0.13), 4420),
        ("SE", "stockholm", "Stockholm", (59.33, 18.07), 468),
        ("IT", "milan", "Lombardy", (45.46, 9.19), 3902),
        ("JP", "tokyo", "Tokyo", (35.69, 139.69), 813),
        ("BR", "sao paulo", "Sao Paulo", (-23.55, -46.64), 551),
    ],
)
def test_well_known_towns_are_where_they_are(  # noqa: PLR0917 - one argument for each column of the table
    shipped: list[PlaceLine], country: str, name: str, region: str, point: tuple[float, float], prefix: int
) -> None:
    (town,) = (
        line
        for line in shipped
        if (line.country, line.normalised_name, line.region, line.granularity) == (country, name, region, "locality")
    )
    assert (town.latitude, town.longitude) == pytest.approx(point, abs=0.02)
    assert any(str(prefix).startswith(str(known)) for known in town.prefixes)


def test_a_file_is_read_as_it_was_written_and_its_bytes_repeat(tmp_path: Path, shipped: list[PlaceLine]) -> None:
    lines = shipped[::997]
    for name in ("first.gz", "second.gz"):
        place_file.write(tmp_path / name, lines)
    assert list(place_file.read(tmp_path / "first.gz")) == lines
    assert (tmp_path / "first.gz").read_bytes() == (tmp_path / "second.gz").read_bytes()


def test_a_line_of_another_shape_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "broken.gz"
    broken.write_bytes(gzip.compress(b"1\tUS\tSan Francisco\n"))
    with pytest.raises(ValueError, match="20 columns, not 3"):
        list(place_file.read(broken))
