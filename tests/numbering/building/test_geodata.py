import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numbering.building.geodata import areas, compact, country_of_prefix, fitting, split_name


@pytest.mark.parametrize(
    ("text", "name", "region"),
    [
        ("Fort Lee, NJ", "Fort Lee", "NJ"),
        ("Pirajuba - MG", "Pirajuba", "MG"),
        ("Gudur/Kodumur, Andhra Pradesh", "Gudur/Kodumur", "Andhra Pradesh"),
        ("Dublin", "Dublin", ""),
        ("Bielsko-Biala", "Bielsko-Biala", ""),
    ],
)
def test_a_name_is_told_from_the_region_behind_it(text: str, name: str, region: str) -> None:
    assert split_name(text) == (name, region)


def test_a_long_joint_name_keeps_whole_towns() -> None:
    assert fitting("/".join(["Yass"] * 40)) == "/".join(["Yass"] * 24)


@pytest.mark.parametrize(
    ("prefix", "country"),
    [("1415", "US"), ("1416", "CA"), ("1242", "BS"), ("441534", "JE"), ("7717", "KZ"), ("740", "RU"), ("3531", "IE")],
)
def test_a_prefix_belongs_to_its_country_also_under_a_shared_country_code(prefix: str, country: str) -> None:
    assert country_of_prefix(prefix) == country


def test_one_area_gathers_its_prefixes_and_names_in_all_languages() -> None:
    (area,) = areas({"322": {"en": "Brussels", "fr": "Bruxelles"}, "3222": {"en": "Brussels", "nl": "Brussel"}})
    assert (area.country, area.prefixes) == ("BE", {322, 3222})
    assert area.other_names == {"brussels", "bruxelles", "brussel"}


prefix_tables = st.dictionaries(st.integers(1, 9999), st.integers(1, 3), min_size=1, max_size=60)


@given(prefix_tables, st.integers(10_000, 99_999))
def test_compaction_keeps_the_place_of_every_number(table: dict[int, int], digits: int) -> None:
    kept = {prefix: place for place, prefixes in compact(table).items() for prefix in prefixes}
    assert len(kept) <= len(table)
    assert _longest(kept, digits) == _longest(table, digits)


def test_ten_siblings_in_one_place_become_their_parent() -> None:
    assert compact(dict.fromkeys(range(1410, 1420), 7)) == {7: [141]}


def _longest(table: dict[int, int], digits: int) -> int | None:
    text = str(digits)
    return next((table[int(text[:end])] for end in range(len(text), 0, -1) if int(text[:end]) in table), None)


def test_the_geodata_are_those_of_the_version_that_the_licence_note_names() -> None:
    assert phonenumbers.__version__ == "9.0.43"
