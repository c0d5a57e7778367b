"""Names of countries."""

import subprocess
import sys

import pytest

from numbering.countries import in_order, name_of


@pytest.mark.parametrize(
    ("country", "name"),
    [("DE", "Germany"), ("US", "United States"), ("GB", "United Kingdom"), ("IE", "Ireland"), ("ZZ", "ZZ")],
)
def test_countries_are_named_in_english(country: str, name: str) -> None:
    assert name_of(country) == name


def test_marks_of_letters_do_not_count_in_the_order() -> None:
    names = ["Zypern", "Österreich", "Oman", "Ägypten", "Algerien"]
    assert sorted(names, key=in_order) == ["Ägypten", "Algerien", "Oman", "Österreich", "Zypern"]


def test_place_names_of_the_whole_world_stay_out_of_memory() -> None:
    asked = "import sys; from numbering.countries import name_of; name_of('DE')\n"
    asked += "print('phonenumbers.geodata' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
