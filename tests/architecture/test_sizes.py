"""The size budget: small functions, small files."""

import statistics
from pathlib import Path

import pytest

from tests.architecture import sizes

SOURCES = sizes.source_files(*sizes.ROOMS)
LENGTHS = [function.lines for path in SOURCES for function in sizes.functions(path)]


@pytest.mark.parametrize("room", [*sizes.ROOMS, "tests"])
def test_no_function_is_above_50_lines_and_no_file_above_400(room: str) -> None:
    assert sizes.over_budget(sizes.source_files(room)) == []


def test_half_of_the_functions_have_at_most_8_lines() -> None:
    assert statistics.median(LENGTHS) <= sizes.MEDIAN_FUNCTION


def test_nine_in_ten_functions_have_at_most_25_lines() -> None:
    assert sizes.percentile(LENGTHS, 90) <= sizes.P90_FUNCTION


def test_a_long_function_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sizes, "ROOT", tmp_path)
    long = tmp_path / "long.py"
    long.write_text("@decorated\ndef long():\n" + "    x = 1\n\n" * 49)
    assert sizes.over_budget([long]) == ["long.py:2 long: 51 lines"]


def test_blank_lines_are_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sizes, "ROOT", tmp_path)
    short = tmp_path / "short.py"
    short.write_text("def short():\n" + "    x = 1\n\n" * 49)
    assert sizes.over_budget([short]) == []
