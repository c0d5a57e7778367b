"""From a CSV file to chunks of different numbers, good ones only, each with what was refused around them."""

import csv
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from operator import itemgetter
from typing import NamedTuple, TypeVar

from inventory.importing.lines import COLUMNS, LineReader, RefusedLine, Stock, unknown_columns
from inventory.importing.report import Refused

CHUNK = 50_000  # numbers; and about as many refusals at most
TWICE = "in the file already"

#: By number: its line, and the texts that the line makes of it.
Numbers = dict[int, tuple[int, str, str]]
Item = TypeVar("Item")


class Chunk(NamedTuple):
    """A stretch of the file: its numbers, and what of it is refused."""

    numbers: Numbers
    refused: list[Refused]


class BadFile(ValueError):
    """The file as a whole can't be read: no header, unknown columns, not UTF-8 CSV."""


def chunks(text: Iterable[str], reader: LineReader) -> Iterator[Chunk]:
    """Chunks of CHUNK numbers, each in the order of the numbers: the order of the index that they go to.

    A chunk is cut short by as many refusals, so a file of nothing else stays as small in memory. Raises BadFile.
    """
    numbers: Numbers = {}
    refused: list[Refused] = []

    def cut() -> Chunk:
        chunk = Chunk(dict(sorted(numbers.items())), refused.copy())
        numbers.clear()
        refused.clear()
        return chunk

    for line, stock in _judge(text, reader, refused):
        for e164, described, given in stock:
            if e164 in numbers:
                refused.append(Refused(line, e164, TWICE))
                continue
            numbers[e164] = line, described, given
            if len(numbers) == CHUNK:
                yield cut()
        if len(refused) >= CHUNK:
            yield cut()
    yield cut()


def ahead(items: Iterator[Item]) -> Iterator[Item]:
    """The same items; while one is worked on, a thread makes the next."""
    with ThreadPoolExecutor(max_workers=1) as thread, _quick_turns():
        coming = thread.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = thread.submit(next, items, None)
            yield item


@contextmanager
def _quick_turns() -> Iterator[None]:
    """Whoever waits for PostgreSQL gets its turn at once when the answer is there. At Python's 5 ms, which count for
    every answer, a chunk would hardly move while the thread makes the next."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(0.000_2)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


def _judge(text: Iterable[str], reader: LineReader, refused: list[Refused]) -> Iterator[tuple[int, list[Stock]]]:
    """The place of every line and its numbers: none of a bad one. A block that breaks a rule is refused whole."""
    rows = csv.reader(text, strict=True)
    try:
        header = next(rows, [])
        in_order, width = itemgetter(*_order(header)), len(header)
        for row in rows:
            try:
                stock = reader.read(*in_order(_padded(row, width))) if row else []
            except RefusedLine as error:
                stock = []
                refused.append(Refused(rows.line_num, 0, str(error)))
            yield rows.line_num, stock
    except UnicodeDecodeError as error:
        raise BadFile("the file is not UTF-8: save it as that") from error
    except csv.Error as error:
        trouble = "a quotation mark that is not closed, or not doubled within a value, or a stray carriage return"
        raise BadFile(f"line {rows.line_num} or one before it is no CSV: look for {trouble}") from error


def _padded(row: list[str], width: int) -> list[str]:
    """With a blank for each value that the line leaves out, and one for the columns that the file does not have."""
    if len(row) > width:
        raise RefusedLine("more values than the header has columns")
    return row + [""] * (width + 1 - len(row))


def _order(header: list[str]) -> list[int]:
    """Where in a row each of COLUMNS stands; last, where `_padded` puts a blank, for those that are not there."""
    names = [name.strip().lower() for name in header]
    if "number" not in names:
        raise BadFile("the first line must be a header, separated by commas, with at least the column: number")
    if strangers := unknown_columns(names):
        raise BadFile(f"unknown columns: {', '.join(strangers)}")
    if len(set(names)) < len(names):
        raise BadFile("a column stands twice in the header")
    return [names.index(name) if name in names else len(names) for name in COLUMNS]
