"""The kinds of numbers, and what all numbers of a kind share: dated rows of `cells.yaml`, read once. Pure."""

import math
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml

FILE = Path(__file__).with_name("cells.yaml")
ANY = "any"


class Cell(NamedTuple):
    """`bg` is in contacts a day; `alpha` a likelihood; `confirmed_by` is empty for what nobody has confirmed yet."""

    country: str
    number_type: str
    bg: float
    alpha: float
    may_give_up: bool
    privacy: bool
    valid_from: date
    source: str
    confirmed_by: str


@cache
def rows() -> tuple[Cell, ...]:
    """Every row, oldest first."""
    found = (Cell(**row) for row in yaml.safe_load(FILE.read_text(encoding="utf-8"))["cells"])
    return tuple(sorted(found, key=lambda cell: cell.valid_from))


@cache
def governing(country: str, number_type: str, on: date) -> Cell:
    """The row in force on that day: that of the kind, else the country's, else the one for any country."""
    found = {(cell.country, cell.number_type): cell for cell in rows() if cell.valid_from <= on}
    return found.get((country, number_type)) or found.get((country, ANY)) or found[ANY, ANY]


def threshold(bg: float) -> int:
    """`k` of A1: more contacts than this in 30 days are unwanted traffic."""
    return max(6, math.ceil(round(60 * bg, 9)))  # rounded: 60 * 0.35 must not become 22
