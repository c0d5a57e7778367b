"""From a CSV file to chunks of different numbers, good ones only; the refused lines go to the report."""

import csv
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from operator import itemgetter
from typing import TypeVar

from inventory.importing.lines import COLUMNS, LineReader, RefusedLine, Stock, unknown_columns
from inventory.importing.report import Report

CHUNK = 50_000  # numbers

#: By number: its line, and the texts that the line makes of it.
Chunk = dict[int, tuple[int, str, str]]
Item = TypeVar("Item")


class BadFile(ValueError):
    """The file as a whole can't be read: no header, unknown columns, not UTF-8 CSV."""


def chunks(text: Iterable[str], reader: LineReader, report: Report) -> Iterator[Chunk]:
    """Chunks of CHUNK numbers, each in the order of the numbers: the order of the index that they go to.

    Raises BadFile.
    """
    chunk: Chunk = {}
    for line, stock in _judge(_lines(text, report), reader, report):
        for e164, described, given in stock:
            if e164 in chunk:
                report.refuse(line, f"+{e164} stands in the file already")
                continue
            chunk[e164] = line, described, given
            if len(chunk) == CHUNK:
                yield dict(sorted(chunk.items()))
                chunk = {}
    yield dict(sorted(chunk.items()))


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


def _judge(
    lines: Iterable[tuple[int, tuple[str, ...]]], reader: LineReader, report: Report
) -> Iterator[tuple[int, list[Stock]]]:
    """The numbers of every good line, after the line's own. A block that breaks a rule is refused whole."""
    for line, values in lines:
        try:
            yield line, reader.read(*values)
        except RefusedLine as error:
            report.refuse(line, str(error))


def _lines(text: Iterable[str], report: Report) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Line numbers and values in the order of COLUMNS, blank where the file has no such column."""
    rows = csv.reader(text, strict=True)
    try:
        header = next(rows, [])
        in_order = itemgetter(*_order(header))
        for row in rows:
            if len(row) > len(header):
                report.refuse(rows.line_num, "more values than the header has columns")
            elif row:
                blanks = [""] * (len(header) + 1 - len(row))  # for what the line leaves out, and for absent columns
                yield rows.line_num, in_order(row + blanks)
    except (csv.Error, UnicodeDecodeError) as error:
        raise BadFile(f"line {rows.line_num + 1}: {error}") from error


def _order(header: list[str]) -> list[int]:
    """Where in a row each of COLUMNS stands; last, where `_lines` puts a blank, for those that are not there."""
    names = [name.strip().lower() for name in header]
    if "number" not in names:
        raise BadFile("the first line must be a header with at least the column: number")
    if strangers := unknown_columns(names):
        raise BadFile(f"unknown columns: {', '.join(strangers)}")
    if len(set(names)) < len(names):
        raise BadFile("a column stands twice in the header")
    return [names.index(name) if name in names else len(names) for name in COLUMNS]
