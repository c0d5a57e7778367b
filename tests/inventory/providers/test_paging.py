"""A list is read to its end, or it is none."""

from collections.abc import Callable, Sequence
from itertools import islice

import pytest

from inventory.providers import paging
from inventory.providers.base import ProviderUnavailable
from inventory.providers.paging import whole

Pages = Callable[[int], tuple[Sequence[str], int]]


def fixed(*pages: str, total: int) -> Pages:
    """These pages, of single letters; after the last, empty ones."""
    return lambda number: (list(pages[number - 1]) if number <= len(pages) else [], total)


def read(pages: Pages) -> str:
    return "".join(whole(pages, lambda row: row))


@pytest.mark.parametrize(
    ("pages", "rows"),
    [
        (fixed(total=0), ""),
        (fixed("abc", total=3), "abc"),
        (fixed("abc", "def", "g", total=7), "abcdefg"),
        (fixed("abc", "cde", total=5), "abcde"),
    ],
    ids=["none", "one page", "three pages", "one that moved on"],
)
def test_a_sound_list_is_read_once(pages: Pages, rows: str) -> None:
    assert read(pages) == rows


@pytest.mark.parametrize(
    "pages",
    [
        fixed("abc", total=7),
        fixed("abc", "", "def", total=6),
        fixed("abc", "abc", "def", total=6),
        lambda number: (["a", "b", "c"], 1_000),
        lambda number: (["a", "b"] if number % 2 else ["c", "d"], 1_000),
        lambda number: ([["a", "b", "c"], ["e", "f"]][number - 1] if number < 3 else [], [6, 5, 5][number - 1]),
    ],
    ids=["ends", "has a hole", "repeats", "stands still", "goes in circles", "shrinks while it is read"],
)
def test_a_list_that_breaks_off_is_none(pages: Pages) -> None:
    with pytest.raises(ProviderUnavailable, match="breaks off"):
        read(pages)


def test_a_list_that_has_more_than_it_counts_is_none() -> None:
    with pytest.raises(ProviderUnavailable, match="more than the 2"):
        read(fixed("abc", total=2))


def test_a_list_without_end_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "MOST_PAGES", 5)
    endless = whole(lambda number: ([str(number)], 1_000), lambda row: row)
    with pytest.raises(ProviderUnavailable):
        list(islice(endless, 10))


def test_pages_are_asked_for_as_they_are_taken() -> None:
    asked: list[int] = []

    def page(number: int) -> tuple[list[str], int]:
        asked.append(number)
        return [f"{number}a", f"{number}b"], 100

    assert list(islice(whole(page, lambda row: row), 3)) == ["1a", "1b", "2a"]
    assert asked == [1, 2]
