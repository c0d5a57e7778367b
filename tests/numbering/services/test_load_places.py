from pathlib import Path

import pytest
from django.db import IntegrityError, connection
from django.test import TestCase

from numbering import place_file
from numbering.models import Place, PlacePrefix
from numbering.place_file import PlaceLine
from numbering.services.load_places import Loaded, load_places

pytestmark = pytest.mark.django_db


def write(path: Path, lines: list[PlaceLine]) -> Path:
    place_file.write(path, lines)
    return path


@pytest.fixture
def lines(shipped: list[PlaceLine]) -> list[PlaceLine]:
    return [line for line in shipped if line.country in ("IE", "LU")]


@pytest.fixture
def sample(tmp_path: Path, lines: list[PlaceLine]) -> Path:
    return write(tmp_path / "sample.gz", lines)


def prefixes(lines: list[PlaceLine]) -> int:
    return sum(len(line.prefixes) for line in lines)


def test_the_whole_shipped_file_passes_the_constraints_of_the_database() -> None:
    loaded = load_places()
    assert loaded == Loaded(Place.objects.count(), PlacePrefix.objects.count())
    assert loaded.places > 70_000
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # foreign keys are checked at the commit


def test_loading_again_changes_nothing(sample: Path, lines: list[PlaceLine]) -> None:
    assert load_places(sample) == Loaded(len(lines), prefixes(lines))
    assert load_places(sample) == Loaded(0, 0)


def test_a_place_is_stored_as_the_file_says(sample: Path, lines: list[PlaceLine]) -> None:
    load_places(sample)
    dublin = Place.objects.get(country="IE", normalised_name="dublin")
    (line,) = (line for line in lines if line.normalised_name == "dublin")
    assert [getattr(dublin, name) for name in PlaceLine._fields[:-1]] == list(line[:-1])
    assert list(dublin.prefixes.values_list("prefix", flat=True)) == line.prefixes


def test_a_changed_place_is_updated_and_keeps_its_id(sample: Path, lines: list[PlaceLine], tmp_path: Path) -> None:
    load_places(sample)
    grown = [line._replace(population=2_000_000) if line.normalised_name == "dublin" else line for line in lines]
    assert load_places(write(tmp_path / "grown.gz", grown)) == Loaded(1, 0)
    assert Place.objects.get(country="IE", normalised_name="dublin").population == 2_000_000


def test_what_left_the_file_loses_its_prefixes_but_stays_a_place(
    sample: Path, lines: list[PlaceLine], tmp_path: Path
) -> None:
    load_places(sample)
    kept = [line._replace(prefixes=[]) for line in lines]
    assert load_places(write(tmp_path / "kept.gz", kept[1:])) == Loaded(0, prefixes(lines))
    assert not PlacePrefix.objects.exists()
    assert Place.objects.count() == len(lines)


def test_a_file_with_one_wrong_line_loads_nothing(lines: list[PlaceLine], tmp_path: Path) -> None:
    wrong = lines[0]._replace(id=1, granularity="planet", normalised_name="elsewhere")
    with pytest.raises(IntegrityError, match="place_granularity_known"):
        load_places(write(tmp_path / "wrong.gz", [*lines, wrong]))
    assert not Place.objects.exists()


def test_the_process_that_loads_reads_the_new_prefixes(sample: Path) -> None:
    with TestCase.captureOnCommitCallbacks() as callbacks:
        load_places(sample)
    assert [callback.__qualname__ for callback in callbacks] == ["forget_prefixes"]
