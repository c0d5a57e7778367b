"""docs/search.md says what the code does."""

import json
import re
from pathlib import Path

import pytest

from api.available.parameters import FILTERS, OURS
from api.available.payloads import AvailableNumberBody, OfferBody, SearchedCapabilitiesBody
from api.paging import V2010Page
from inventory.models import PhoneNumber
from numbering.models import Place
from numbering.patterns import Pattern

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "search.md").read_text(encoding="utf-8")
MATCHES = {
    "5*5*5*5": "14151525354",
    "+1415": "14155550100",
    "0000$": "14155550000",
    "taxi": "14158294000",
    "415%99$": "14155550199",
}


def rows(heading: str) -> list[tuple[str, ...]]:
    """The rows of the first table below the header that starts with this word."""
    table = PAGE.split(f"| {heading} |")[1].split("\n\n")[0]
    return [tuple(cell.strip() for cell in line.strip("| ").split(" | ")) for line in table.splitlines()[2:]]


def test_every_parameter_has_its_row() -> None:
    named = [name for first, *_ in rows("parameter") for name in re.findall(r"`(\w+)`", first)]
    assert sorted(named) == sorted(parameter.name for parameter in (*FILTERS, *OURS))


def test_its_answer_is_a_page_as_we_write_it() -> None:
    answer = json.loads(PAGE.split("```json")[1].split("```")[0])
    (number,) = answer.pop("available_phone_numbers")
    assert set(answer) == set(V2010Page.__annotations__)
    assert set(number) == set(AvailableNumberBody.__annotations__)
    assert set(number["capabilities"]) == set(SearchedCapabilitiesBody.__annotations__)
    assert set(number["numberyard"]) == set(OfferBody.__annotations__)


def test_every_index_that_it_names_exists_and_every_sale_index_is_named() -> None:
    named = {name for *_, index in rows("path") for name in re.findall(r"`((?:sale|place)_\w+)`", index)}
    indexes = {index.name for model in (PhoneNumber, Place) for index in model._meta.indexes}
    assert named <= indexes
    assert {name for name in indexes if name.startswith("sale_")} <= named


@pytest.mark.parametrize("text", [pattern.strip("`") for pattern, _ in rows("pattern")])
def test_the_patterns_find_what_it_says(text: str) -> None:
    assert Pattern.parse(text).matches(MATCHES[text])
