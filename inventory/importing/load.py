"""Loading: good lines go to the stock and its ledger chunk by chunk, in one transaction: all of them or none.

The file is read once and never held in memory, however long it is. While PostgreSQL works on one chunk, the next one
is read and judged.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple, TypeVar

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Max
from django.db.models.functions import Coalesce

from inventory.importing.lines import COLUMNS, LineReader, RefusedLine, unknown_columns
from inventory.models import Origin, PhoneNumber
from inventory.models.provider_release import OPEN_RELEASE

CHUNK = 20000  # numbers

# A number that is live already is passed over, and returned. So is one on its way back to its provider: we go on until
# that is done, whatever stands in our stock by then.
_INSERT = """
WITH given AS MATERIALIZED (
    SELECT * FROM unnest(
        %(e164)s::bigint[], %(country)s::text[], %(number_type)s::text[], %(area_code)s::text[], %(place)s::bigint[],
        %(capabilities)s::smallint[], %(provider)s::bigint[], %(price)s::numeric[], %(currency)s::text[]
    ) AS row (e164, country, number_type, area_code, place_id, capabilities, provider_id, price, currency)
), born AS (
    INSERT INTO inventory_phonenumber (
        e164, country, number_type, area_code, region, place_id,
        declared_capabilities, capabilities, beta, origin, provider_id, monthly_cost, currency, state, blocked
    )
    SELECT e164, given.country, number_type, area_code, coalesce(place.region, ''), place_id,
        given.capabilities, 0, false, %(origin)s, provider_id, price, currency, 'SOURCED', false
    FROM given LEFT JOIN numbering_place AS place ON place.id = given.place_id
    WHERE e164 NOT IN (
        SELECT number.e164 FROM inventory_providerrelease AS release
        JOIN inventory_phonenumber AS number ON number.id = release.number_id WHERE next_attempt_at IS NOT NULL
    )
    ON CONFLICT (e164) WHERE state <> 'RETURNED' DO NOTHING
    RETURNING id, e164
), told AS (
    INSERT INTO inventory_lifecycleentry (number_id, verb, source, target, actor, reason, rule, data)
    SELECT id, 'source', '', 'SOURCED', %(actor)s, 'imported', '', '{}' FROM born
)
SELECT e164 FROM given WHERE e164 NOT IN (SELECT e164 FROM born)
"""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that was not loaded, or a number of it, by the line's place in the file (the header is 1), and why."""

    line: int
    reason: str


@dataclass(slots=True)
class Report:
    """`loaded` numbers; nothing is loaded when there are refusals and they may not be skipped."""

    loaded: int = 0
    refusals: list[Refusal] = field(default_factory=list)

    @property
    def refused_lines(self) -> int:
        """Lines of which something was refused."""
        return len({refusal.line for refusal in self.refusals})


class BadFile(ValueError):
    """The file as a whole can't be read: no header, unknown columns, not UTF-8 CSV."""


class _NotWanted(Exception):
    """Rolls the transaction back when lines were refused."""


def import_numbers(
    text: Iterable[str],
    reader: LineReader,
    *,
    actor: str,
    skip_refused: bool = False,
    origin: str = Origin.ONBOARDED_USED,
) -> Report:
    """Load a CSV file of numbers and blocks as SOURCED. Raises BadFile.

    With refused lines nothing is loaded, unless `skip_refused` says to load the others. A block with a number that
    can't be read is refused whole. Those of its numbers that are in stock, on their way back, or in the file before
    are refused one by one, and the rest of it is loaded.
    """
    report = Report()
    try:
        with transaction.atomic():
            _load(_chunks(_judge(_lines(text), reader, report), report), report, origin=origin, actor=actor)
            if report.refusals and not skip_refused:
                raise _NotWanted
    except _NotWanted:
        report.loaded = 0
    report.refusals.sort(key=lambda refusal: refusal.line)
    return report


Line = tuple[int, list[str]]
Item = TypeVar("Item")
Done = TypeVar("Done")


def _lines(text: Iterable[str]) -> Iterator[Line]:
    """Line numbers and values in the order of COLUMNS, blank where the file has no such column."""
    rows = csv.reader(text, strict=True)
    try:
        order = _order(next(rows, []))
        width = max(order) + 1
        for row in rows:
            if row:
                padded = row + [""] * (width - len(row))
                yield rows.line_num, [padded[place] if place >= 0 else "" for place in order] + row[width:]
    except (csv.Error, UnicodeDecodeError) as error:
        raise BadFile(f"line {rows.line_num + 1}: {error}") from error


def _order(header: list[str]) -> list[int]:
    """Where in a row each of COLUMNS stands; -1 for those that are not there."""
    names = [name.strip().lower() for name in header]
    if "number" not in names:
        raise BadFile("the first line must be a header with at least the column: number")
    if strangers := unknown_columns(names):
        raise BadFile(f"unknown columns: {', '.join(strangers)}")
    if len(set(names)) < len(names):
        raise BadFile("a column stands twice in the header")
    return [names.index(name) if name in names else -1 for name in COLUMNS]


class Row(NamedTuple):
    """A number, each value as an element of PostgreSQL's array literals. The reader has judged them all, so that none
    needs escaping; what may be empty is quoted."""

    e164: int
    country: str
    number_type: str
    area_code: str
    place: int | str
    capabilities: int
    provider: int | str
    price: str
    currency: str


class Chunk(NamedTuple):
    """Different numbers, and the line of each."""

    rows: list[Row]
    lines: dict[int, int]


def _judge(lines: Iterable[Line], reader: LineReader, report: Report) -> Iterator[tuple[int, Row]]:
    """Every number of every line that can be read, after the line's."""
    for line, values in lines:
        try:
            if len(values) != len(COLUMNS):
                raise RefusedLine("more values than the header has columns")
            numbers = reader.read(*values)
        except RefusedLine as error:
            report.refusals.append(Refusal(line, str(error)))
            continue
        for e164, country, number_type, area_code, place, capabilities, provider, price, currency in numbers:
            known = place or "NULL", capabilities, provider or "NULL", price or "NULL", f'"{currency}"'
            yield line, Row(e164, country, number_type, f'"{area_code}"', *known)


def _chunks(rows: Iterator[tuple[int, Row]], report: Report) -> Iterator[Chunk]:
    while taken := list(islice(rows, CHUNK)):
        chunk = Chunk([], {})
        for line, row in taken:
            if chunk.lines.setdefault(row.e164, line) == line:
                chunk.rows.append(row)
            else:
                report.refusals.append(Refusal(line, f"+{row.e164} stands in the file already"))
        yield chunk


def _load(chunks: Iterator[Chunk], report: Report, **constants: str) -> None:
    """Insert all chunks. Foreign keys are checked with each, or else PostgreSQL would keep a note of every row."""
    before: int = PhoneNumber.objects.aggregate(newest=Coalesce(Max("pk"), 0))["newest"]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for chunk, doubles in _overlapped(lambda chunk: _insert(cursor, chunk, constants), chunks):
            report.loaded += len(chunk.rows) - len(doubles)
            report.refusals += _doubles(chunk, doubles, before)
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _overlapped(work: Callable[[Item], Done], items: Iterator[Item]) -> Iterator[Done]:
    """`work(item)` for each item in turn, in a thread, while the next item is being made.

    Here the thread only waits for PostgreSQL. Making an item may ask PostgreSQL too: psycopg lets one statement of a
    connection wait for the other.
    """
    with ThreadPoolExecutor(max_workers=1) as thread:
        running: Future[Done] | None = None
        for item in items:
            if running:
                yield running.result()
            running = thread.submit(work, item)
        if running:
            yield running.result()


def _insert(cursor: CursorWrapper, chunk: Chunk, constants: dict[str, str]) -> tuple[Chunk, list[int]]:
    """The chunk, and which of its numbers were live already."""
    columns = zip(Row._fields, zip(*sorted(chunk.rows), strict=True), strict=True)
    arrays = {name: f"{{{','.join(map(str, values))}}}" for name, values in columns}
    cursor.execute(_INSERT, arrays | constants)
    return chunk, [e164 for (e164,) in cursor.fetchall()]


def _doubles(chunk: Chunk, e164s: list[int], before: int) -> Iterator[Refusal]:
    """What was live when we began (up to id `before`) is in stock; what is not leaving either came with an earlier
    chunk."""
    known = PhoneNumber.objects.filter(e164__in=e164s, pk__lte=before)
    stocked = set(known.live().values_list("e164", flat=True))
    leaving = set(known.filter(provider_release__state__in=OPEN_RELEASE).values_list("e164", flat=True))
    for e164 in e164s:
        elsewhere = "is on its way back" if e164 in leaving else "stands in the file already"
        yield Refusal(chunk.lines[e164], f"+{e164} {'is in stock already' if e164 in stocked else elsewhere}")
