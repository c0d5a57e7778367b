"""Returns on utilisation: how many numbers of each block are in which category. The United States', and Ofcom's."""

from collections.abc import Iterable, Iterator, Mapping
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

    def block_of(self, row: Row) -> tuple[int, bool]:
        """Which block a line is about: its digits, and whether it is our own."""

    def is_whole(self, *, is_own: bool) -> bool:
        """Whether a line speaks of every number of the block, also of those that we never opened."""


class Nruf:
    """Form 502 of the FCC, geographic, by thousands block: U1 for blocks that are ours, U3 for what others let us have.

    The form reckons what is available itself: of a block of ours all that is in no other category.
    """

    scope = Scope(("US", "PR", "VI", "GU", "AS", "MP"), (NumberType.LOCAL, NumberType.MOBILE, NumberType.VOIP), 3)
    heading = [
        *("Form", "NPA-NXX", "X", "Rate Center", "State"),
        *("Assigned", "Intermediate", "Reserved", "Aging", "Administrative", "Received", "Available"),
    ]

    def row(self, block: Block) -> Row:
        """Intermediate is none: see `Category`."""
        digits, counts = str(block.number), block.counts
        total = self.scope.block_size if block.is_own else block.held
        available = total - block.held + counts[Category.AVAILABLE]
        figures = [counts[Category.ASSIGNED], 0, counts[Category.RESERVED], counts[Category.AGING]]
        named = ["U1" if block.is_own else "U3", f"{digits[1:4]}-{digits[4:7]}", digits[7]]
        received = "" if block.is_own else str(block.held)
        figures.append(counts[Category.ADMINISTRATIVE])
        return [*named, block.rate_centre, block.region, *map(str, figures), received, str(available)]

    def block_of(self, row: Row) -> tuple[int, bool]:
        """From the form, NPA-NXX and X."""
        return int("1" + row[1].replace("-", "") + row[2]), row[0] == "U1"

    def is_whole(self, *, is_own: bool) -> bool:
        """A block of our own is."""
        return is_own


class Ofcom:
    """Geographic and mobile numbers of the United Kingdom by blocks of 10,000, the unit that Ofcom allocates most.

    Ofcom publishes no fixed form: it asks, and audits. These are the figures that it asks for.
    """

    scope = Scope(("GB",), (NumberType.LOCAL, NumberType.MOBILE), 4)
    heading = [
        *("Block", "Allocated to us", "Area code", "Area"),
        *("Held", "Assigned", "Reserved", "Aging", "Administrative", "Available", "Utilisation %"),
    ]

    def row(self, block: Block) -> Row:
        """Utilisation is what customers have of all that we hold."""
        named = [f"+{block.number}", "yes" if block.is_own else "no", block.area_code, block.place]
        counts = [block.counts[category] for category in Category]
        share = 100 * block.counts[Category.ASSIGNED] / block.held
        return [*named, str(block.held), *map(str, counts), f"{share:.1f}"]

    def block_of(self, row: Row) -> tuple[int, bool]:
        """From its digits, and whose it is."""
        return int(row[0]), row[1] == "yes"

    def is_whole(self, *, is_own: bool) -> bool:
        """Never: only what we hold is told."""
        return False


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
    return Figure(told, list(_in(category, known, _span(form, block, is_own=is_own))))


def _span(form: Form, block: int, *, is_own: bool) -> range:
    """The numbers that nobody opened yet are available too, where the line speaks of the whole block."""
    first = block * form.scope.block_size
    return range(first, first + form.scope.block_size if form.is_whole(is_own=is_own) else first)


def _in(category: Category, known: Mapping[int, Category], unopened: Iterable[int]) -> Iterator[int]:
    yield from (e164 for e164, where in known.items() if where == category)
    if category == Category.AVAILABLE:
        yield from (e164 for e164 in unopened if e164 not in known)
