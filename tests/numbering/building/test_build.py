"""The build on a small slice: enough of both sources to meet each of its decisions."""

from pathlib import Path

import pytest

from numbering import place_file
from numbering.building.build import build
from numbering.building.geodata import areas
from numbering.building.postal_codes import Zip
from numbering.building.towns import Town
from numbering.place_file import PlaceLine

GEODATA = {
    "1415": {"en": "California"},
    "1415775": {"en": "San Francisco, CA"},
    "1510204": {"en": "Berkeley, CA"},
    "1708449": {"en": "Hillside, IL"},
    "3531": {"en": "Dublin"},
    "35353": {"en": "Wexford/Enniscorthy/Ferns/Gorey"},
    "49891": {"en": "Munich", "de": "München"},
    "52747": {"en": "Guerrero"},
    "55342": {"en": "Araguari - MG"},
    "55343": {"en": "Pirajuba - MG"},
    "56452": {"en": "Nowhere Known"},
    "8190": {"en": "Imaginary Region"},
}
TOWNS = [
    Town(1, "US", "CA", "San Francisco", 37.7749, -122.4194, 827526, "America/Los_Angeles"),
    Town(2, "US", "CA", "Berkeley", 37.8716, -122.2728, 120972, "America/Los_Angeles"),
    Town(3, "US", "IL", "Hillside", 41.8778, -87.9028, 8157, "America/Chicago"),
    Town(4, "US", "IL", "Berkeley", 41.8889, -87.9034, 5203, "America/Chicago"),
    Town(5, "IE", "L", "Dublin", 53.3331, -6.2489, 1024027, "Europe/Dublin"),
    Town(6, "IE", "L", "Dublin", 53.0, -6.0, 600, "Europe/Dublin"),
    Town(7, "IE", "L", "Enniscorthy", 52.5008, -6.5578, 9000, "Europe/Dublin"),
    Town(8, "DE", "02", "München", 48.1374, 11.5755, 1505005, "Europe/Berlin", ("Munich", "Monaco di Baviera")),
    Town(9, "MX", "26", "Guerrero", 28.5, -107.5, 600, "America/Mexico_City"),
    Town(10, "BR", "15", "Araguari", -18.65, -48.19, 96000, "America/Sao_Paulo"),
    Town(11, "IE", "U", "Far Away", 55.2, -7.0, 8000, "Europe/Dublin"),
    Town(12, "IE", "L", "Swords", 53.4597, -6.2181, 40776, "Europe/Dublin"),
]
ZIPS = {("CA", "berkeley"): [Zip("94702", 37.9, -122.2), Zip("94703", 37.8716, -122.2728)]}


@pytest.fixture
def built() -> dict[tuple[str, str, str], PlaceLine]:
    lines = build(areas(GEODATA), TOWNS, TOWNS, ZIPS)
    return {(line.country, line.region, line.normalised_name): line for line in lines}


Built = dict[tuple[str, str, str], PlaceLine]


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    place_file.write(tmp_path / "a.gz", build(areas(GEODATA), TOWNS, TOWNS, ZIPS))
    shuffled = dict(reversed(GEODATA.items()))
    place_file.write(tmp_path / "b.gz", build(areas(shuffled), TOWNS[::-1], TOWNS[::-1], ZIPS))
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()


def test_a_name_finds_its_most_populous_town(built: Built) -> None:
    dublin = built["IE", "Leinster", "dublin"]
    assert (dublin.latitude, dublin.population, dublin.prefixes) == (53.3331, 1024027, [3531])


def test_a_name_finds_its_town_by_another_language(built: Built) -> None:
    munich = built["DE", "Bavaria", "munich"]
    assert munich.latitude == 48.1374
    assert munich.other_names == ["munchen"]


def test_a_joint_name_is_where_the_first_known_of_its_towns_is(built: Built) -> None:
    wexford = built["IE", "Leinster", "wexford enniscorthy ferns gorey"]
    assert wexford.latitude == 52.5008
    assert {"wexford", "ferns", "gorey"} <= set(wexford.other_names)


def test_a_states_name_is_a_region_with_the_states_code(built: Built) -> None:
    california = built["US", "CA", "california"]
    assert (california.granularity, california.latitude, california.lata) == ("region", None, None)


def test_a_region_name_is_not_taken_for_a_village_that_bears_it(built: Built) -> None:
    assert built["MX", "", "guerrero"].granularity == "region"


def test_a_region_abbreviation_is_learnt_from_its_towns(built: Built) -> None:
    assert built["BR", "Minas Gerais", "araguari"].latitude == -18.65
    assert built["BR", "Minas Gerais", "pirajuba"].latitude is None


def test_a_town_without_a_name_in_libphonenumber_is_served_by_the_nearest_place(built: Built) -> None:
    swords = built["IE", "Leinster", "swords"]
    assert (swords.source, swords.nearest_id) == ("inferred_nearest", built["IE", "Leinster", "dublin"].id)
    assert swords.distance_km == pytest.approx(14.2, abs=0.1)
    berkeley = built["US", "IL", "berkeley"]
    assert (berkeley.source, berkeley.nearest_id) == ("inferred_nearest", built["US", "IL", "hillside"].id)


def test_a_town_beyond_50_km_is_left_out(built: Built) -> None:
    assert ("IE", "Ulster", "far away") not in built


def test_american_towns_get_a_zip_code_and_synthetic_rate_centre_and_lata(built: Built) -> None:
    berkeley = built["US", "CA", "berkeley"]
    assert (berkeley.postal_code, berkeley.rate_centre, berkeley.lata) == ("94703", "BERKELEY", "005")
    assert berkeley.synthetic
