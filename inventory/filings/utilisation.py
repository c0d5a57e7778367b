"""Returns on utilisation: how many numbers of each block are in which category. The United States', and Ofcom's."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple, Protocol

from inventory.filings.census import Block, Category, Scope, blocks, stood
from inventory.models import FilingKind
from numbering.types import NumberType

Row = list[str]


class Form(Protocol):
    """How one regulator wants the blocks."""

    scope: Scope
    heading: Row

    def row(self, block: Block) -> Row:
        """Its line in the file."""

    def block_of(self, row: Row) -> tuple[range, bool]:
        """Which numbers a line is about (E.164 digits), and whether they are allocated to us."""


class Nruf:
    """Form 502 of the FCC, geographic, by thousands block: U1 for blocks that are ours, U3 for what others let us have.

    The form reckons what is available itself: of a block of ours all that is in no other category.
    """

    scope = Scope(("US", "PR", "VI", "GU", "AS", "MP"), (NumberType.LOCAL, NumberType.MOBILE, NumberType.VOIP), 1_000)
    heading = [
        *("Form", "NPA-NXX", "X", "Rate Center", "State"),
        *("Assigned", "Intermediate", "Reserved", "Aging", "Administrative", "Received", "Available", "Allocated to"),
    ]

    def row(self, block: Block) -> Row:
        """Intermediate is none: see `Category`."""
        digits, counts = str(block.first), block.counts
        named = ["U1" if block.is_own else "U3", f"{digits[1:4]}-{digits[4:7]}", digits[7]]
        figures = [counts[Category.ASSIGNED], 0, counts[Category.RESERVED], counts[Category.AGING]]
        figures.append(counts[Category.ADMINISTRATIVE])
        received, available = "" if block.is_own else str(block.held), str(counts[Category.AVAILABLE])
        return [*named, block.rate_centre, block.region, *map(str, figures), received, available, block.holder]

    def block_of(self, row: Row) -> tuple[range, bool]:
        """From the form, NPA-NXX and X."""
        first = int("1" + row[1].replace("-", "") + row[2]) * self.scope.block_size
        return range(first, first + self.scope.block_size), row[0] == "U1"


class Ofcom:
    """Geographic and mobile numbers of the United Kingdom by blocks of 10,000, the unit that Ofcom allocates most; a
    smaller range of ours is a line of its own, as it is an allocation of its own.

    Ofcom publishes no fixed form: it asks, and audits. These are the figures that it asks for.
    """

    scope = Scope(("GB",), (NumberType.LOCAL, NumberType.MOBILE), 10_000, has_small=True)
    heading = [
        *("Block", "Size", "Area code", "Area", "Allocated", "Held"),
        *("Assigned", "Reserved", "Aging", "Administrative", "Available", "Utilisation %"),
    ]

    def row(self, block: Block) -> Row:
        """Utilisation is what customers have: of all that is allocated to us, else of what we hold."""
        named = [f"+{block.first // block.size}", str(block.size), block.area_code, block.place]
        counts = [block.counts[category] for category in Category]
        share = 100 * block.counts[Category.ASSIGNED] / (block.allocated or block.held)
        return [*named, str(block.allocated), str(block.held), *map(str, counts), f"{share:.1f}"]

    def block_of(self, row: Row) -> tuple[range, bool]:
        """From its digits and its size, and how much of it is ours."""
        size = int(row[1])
        return range(int(row[0]) * size, (int(row[0]) + 1) * size), row[4] != "0"


FORMS: Mapping[FilingKind, Form] = {FilingKind.NRUF: Nruf(), FilingKind.OFCOM: Ofcom()}


class NoSuchFigure(LookupError):
    """The filing has no such line, or the line no such figure."""


class Figure(NamedTuple):
    """What a line says of one category, and the numbers behind it (E.164 digits)."""

    told: int
    numbers: list[int]


def lines(form: Form, at: datetime) -> Iterator[Row]:
    """The lines of the file."""
    return map(form.row, blocks(form.scope, at))


def figure(form: Form, at: datetime, row: Row, category: Category) -> Figure:
    """The figure that a line gives for a category, and its numbers, read once more from the ledger."""
    block, is_own = form.block_of(row)
    told = int(row[form.heading.index(category.title())])
    known = stood(form.scope, at, block, is_own=is_own)
    return Figure(told, [e164 for e164, where in known.items() if where == category])
