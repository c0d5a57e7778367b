from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numbering import place_file, places
from numbering.e164 import E164
from numbering.models import Place
from numbering.place_file import PlaceLine
from numbering.places import PrefixTable
from numbering.services.load_places import load_places

prefix_tables = st.dictionaries(st.integers(1, 99_999), st.integers(1, 5), max_size=80)


@given(prefix_tables, st.integers(1_000_000, 10**15 - 1))
def test_the_longest_prefix_decides(table: dict[int, int], digits: int) -> None:
    text = str(digits)
    heads = [int(text[:end]) for end in range(len(text), 0, -1)]
    assert PrefixTable(table.items()).place_of(digits) == next((table[h] for h in heads if h in table), None)


@given(prefix_tables, st.data())
def test_the_longest_prefix_decides_at_the_edges_of_a_prefix(table: dict[int, int], data: st.DataObject) -> None:
    if not table:
        return
    prefix = data.draw(st.sampled_from(sorted(table)))
    for digits in (int(str(prefix).ljust(11, "0")), int(str(prefix).ljust(11, "9"))):
        heads = [int(str(digits)[:end]) for end in range(11, 0, -1)]
        assert PrefixTable(table.items()).place_of(digits) == next(table[h] for h in heads if h in table)


@given(prefix_tables, st.integers(10**3, 10**6), st.integers(1, 3))
def test_one_place_is_where_all_numbers_lie_alike(table: dict[int, int], head: int, free: int) -> None:
    first, last = head * 10**free, (head + 1) * 10**free - 1
    prefixes = PrefixTable(table.items())
    places_of_all = {prefixes.place_of(digits) for digits in range(first, last + 1)}
    assert len(places_of_all) == 1 or not prefixes.is_one_place(first, last)
    if not any(head * 10**free <= int(str(prefix).ljust(len(str(first)), "0")) <= last for prefix in table):
        assert prefixes.is_one_place(first, last)


@pytest.fixture
def loaded(db: None, tmp_path: Path, shipped: list[PlaceLine]) -> Iterator[None]:
    sample = tmp_path / "sample.gz"
    place_file.write(sample, [line for line in shipped if line.country in ("IE", "DE", "CA")])
    load_places(sample)
    places.forget_prefixes()
    yield
    places.forget_prefixes()


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize(
    ("number", "name"),
    [
        (E164(35312345678), "Dublin"),
        (353211234567, "Cork"),
        (4989123456, "Munich"),
        (14375550123, "Toronto"),
        (E164(14037770123), "Calgary"),
    ],
)
def test_a_number_lies_where_its_longest_known_prefix_lies(number: E164 | int, name: str) -> None:
    found = places.place_for(number)
    assert found is not None
    assert Place.objects.get(pk=found).name == name


@pytest.mark.usefixtures("loaded")
def test_a_number_without_known_prefix_lies_nowhere() -> None:
    assert places.place_for(18005550199) is None
    assert places.place_for(442079460018) is None


@pytest.mark.django_db
def test_prefixes_loaded_after_the_first_question_are_seen(tmp_path: Path, shipped: list[PlaceLine]) -> None:
    places.forget_prefixes()
    assert places.place_for(35312345678) is None
    place_file.write(tmp_path / "ie.gz", [line for line in shipped if line.country == "IE"])
    load_places(tmp_path / "ie.gz")
    assert places.place_for(35312345678) is not None
    places.forget_prefixes()


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("spelling", ["Munich", "münchen", "MUNCHEN", "München"])
def test_a_town_is_found_in_any_spelling_and_in_its_own_language(spelling: str) -> None:
    assert [place.name for place in places.places_named("DE", spelling)] == ["Munich"]


@pytest.mark.usefixtures("loaded")
def test_an_inferred_town_knows_the_nearest_place_that_prefixes_serve() -> None:
    swords, dublin = places.places_named("IE", "Swords").get(), places.places_named("IE", "Dublin").get()
    assert swords.nearest is not None
    assert (swords.nearest.nearest, dublin.nearest) == (None, None)


@pytest.mark.usefixtures("loaded")
def test_places_by_lata_rate_centre_and_postal_code() -> None:
    toronto = Place.objects.get(country="CA", name="Toronto")
    assert toronto.lata is not None
    assert toronto in places.places_in_lata("CA", toronto.lata)
    assert [place.name for place in places.places_in_lata("CA", toronto.lata, "toronto")] == ["Toronto"]
    assert not places.places_with_postal_code("CA", "M5H").exists()  # ZIP codes only: US
