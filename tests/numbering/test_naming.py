import pytest
from hypothesis import given
from hypothesis import strategies as st

from numbering.naming import normalise, place_id


@pytest.mark.parametrize(
    ("spellings", "expected"),
    [
        (["Saint-Étienne", "ST. ETIENNE", "saint etienne"], "saint etienne"),
        (["München", "munchen", "MÜNCHEN"], "munchen"),
        (["Ya'an", "YaAn", "Ya\u2019an"], "yaan"),
        (["Łódź", "lodz"], "lodz"),
        (["Hasbrouck Hts", "Hasbrouck Heights"], "hasbrouck heights"),
        (["東京"], "東京"),
    ],
)
def test_spellings_of_one_name_compare_equal(spellings: list[str], expected: str) -> None:
    assert {normalise(spelling) for spelling in spellings} == {expected}


@given(st.text())
def test_normalising_twice_changes_nothing_more(name: str) -> None:
    assert normalise(normalise(name)) == normalise(name)


def test_the_id_of_a_place_never_changes() -> None:
    """Numbers refer to it: a change here would orphan them."""
    key = {"country": "US", "region": "CA", "normalised_name": "san francisco", "granularity": "locality"}
    assert place_id(**key) == 244259161812530
