"""Which path each search takes: the table of docs/search.md."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path as File

import pytest

from inventory.search.criteria import Criteria, Near
from inventory.search.digits import Kind, Span
from inventory.search.plan import Path, choose, needs_kind
from numbering.patterns import Pattern
from numbering.types import NumberType

US = Criteria("US", NumberType.LOCAL)
KIND = Kind((Span(11, "1"),), size=2_000_000)
PAGE = File(__file__).resolve().parents[3] / "docs" / "search.md"


def asking(pattern: str) -> Criteria:
    return replace(US, pattern=Pattern.parse(pattern))


@pytest.mark.parametrize(
    ("asked", "places", "path"),
    [
        (US, None, Path.SHELF),
        (replace(US, capabilities=8), None, Path.SHELF),
        (asking("55"), None, Path.SHELF),
        (asking("555"), None, Path.SHELF),
        (asking("5*5*5"), None, Path.SHELF),
        (asking("5555"), None, Path.DIGITS),
        (asking("5*5*5*5"), None, Path.DIGITS),
        (asking("41*5**2*9"), None, Path.DIGITS),
        (asking("+1415"), None, Path.DIGITS),
        (asking("55$"), None, Path.DIGITS),
        (asking("+49"), None, Path.NOTHING),
        (replace(US, area_code="415"), None, Path.AREA),
        (replace(asking("5*5*5*5"), area_code="415"), None, Path.AREA),
        (replace(US, region="CA"), None, Path.REGION),
        (replace(US, region="CA", area_code="415"), None, Path.AREA),
        (US, frozenset({1}), Path.PLACE),
        (replace(US, area_code="415"), frozenset({1}), Path.PLACE),
        (replace(US, must_pass=1), None, Path.TESTED),
        (replace(US, tested_within=timedelta(days=1)), None, Path.TESTED),
        (replace(US, must_pass=1, area_code="415"), None, Path.AREA),
        (replace(asking("5*5"), must_pass=1), None, Path.SHELF),
        (replace(asking("5*5*5*5"), must_pass=1), None, Path.DIGITS),
        (US, frozenset(), Path.NOTHING),
        (replace(US, near=Near(1, 1)), None, Path.NEAR),
        (replace(US, near=Near(1, 1)), frozenset({1}), Path.NEAR),
    ],
)
def test_the_path_is_a_function_of_what_is_asked(asked: Criteria, places: frozenset[int] | None, path: Path) -> None:
    assert choose(asked, places, KIND if needs_kind(asked, places) else None).path is path


def test_the_page_explains_every_path() -> None:
    explained = re.findall(r"^\| `([A-Z]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(explained) == sorted(path.name for path in Path)
