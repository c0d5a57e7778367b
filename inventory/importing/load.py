"""Loading: good lines go by COPY to a temporary table, and from there to the stock and its ledger, in one transaction.

The file is read once and never held in memory, however long it is.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from django.db.models.functions import Coalesce

from inventory.importing.lines import COLUMNS, LineReader, RefusedLine, unknown_columns
from inventory.models import Origin, PhoneNumber

_STAGE = """
DROP TABLE IF EXISTS pg_temp.imported;
CREATE TEMPORARY TABLE imported (
    line integer, e164 bigint, country text, number_type text, area_code text, place_id bigint,
    capabilities smallint, provider_id bigint, price numeric, currency text
) ON COMMIT DROP
"""

CHUNK = 5_000  # lines
_COPY = "COPY imported FROM STDIN"
NULL = r"\N"

# A number that is live already, or stands twice in the file, is passed over here and told by _DOUBLES.
_INSERT = """
WITH born AS (
    INSERT INTO inventory_phonenumber (
        e164, country, number_type, area_code, region, place_id, latitude, longitude,
        declared_capabilities, capabilities, beta, origin, provider_id, monthly_cost, currency, state, blocked
    )
    SELECT e164, imported.country, number_type, area_code, coalesce(place.region, ''), place_id,
        place.latitude, place.longitude, imported.capabilities, 0, false, %(origin)s, provider_id, price, currency,
        'SOURCED', false
    FROM imported LEFT JOIN numbering_place AS place ON place.id = imported.place_id
    ON CONFLICT (e164) WHERE state <> 'RETURNED' DO NOTHING
    RETURNING id
)
INSERT INTO inventory_lifecycleentry (number_id, verb, source, target, actor, reason, rule, data)
SELECT id, 'source', '', 'SOURCED', %(actor)s, %(reason)s, '', '{}' FROM born
"""

# What was passed over: every line but the first of a number, and numbers that were live before (up to id `before`).
_DOUBLES = """
SELECT line, e164, nth > 1 FROM (
    SELECT line, e164, row_number() OVER (PARTITION BY e164 ORDER BY line) AS nth FROM imported
) AS counted
WHERE nth > 1 OR EXISTS (
    SELECT FROM inventory_phonenumber AS number
    WHERE number.e164 = counted.e164 AND number.state <> 'RETURNED' AND number.id <= %(before)s
)
"""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that was not loaded, by its number in the file (the header is line 1), and why."""

    line: int
    reason: str


@dataclass(slots=True)
class Report:
    """`loaded` numbers; nothing is loaded when there are refusals and they may not be skipped."""

    loaded: int = 0
    refusals: list[Refusal] = field(default_factory=list)


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

    With refused lines nothing is loaded, unless `skip_refused` says to load the others.
    """
    report = Report()
    try:
        with transaction.atomic():
            staged = _stage(_lines(text), reader, report)
            before = PhoneNumber.objects.aggregate(newest=Coalesce(Max("pk"), 0))["newest"]
            report.loaded = _insert(origin=origin, actor=actor, reason="imported")
            if report.loaded < staged:
                report.refusals += _doubles(before)
            if report.refusals and not skip_refused:
                raise _NotWanted
    except _NotWanted:
        report.loaded = 0
    report.refusals.sort(key=lambda refusal: refusal.line)
    return report


Line = tuple[int, list[str]]


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


def _stage(lines: Iterator[Line], reader: LineReader, report: Report) -> int:
    """COPY every number of every good line; returns how many. A block with one bad number is refused whole.

    Chunk by chunk, since reading a line may ask the database, which can't answer in the middle of a COPY.
    """
    staged = 0
    with connection.cursor() as cursor:
        cursor.execute(_STAGE)
        while chunk := list(islice(lines, CHUNK)):
            rows = list(_judge(chunk, reader, report))
            with cursor.copy(_COPY) as copy:
                copy.write("".join(rows))
            staged += len(rows)
    return staged


def _judge(lines: Iterable[Line], reader: LineReader, report: Report) -> Iterator[str]:
    """Rows in COPY's text format: every value was judged by the reader, so none needs escaping."""
    for line, values in lines:
        try:
            if len(values) != len(COLUMNS):
                raise RefusedLine("more values than the header has columns")
            numbers = reader.read(*values)
        except RefusedLine as error:
            report.refusals.append(Refusal(line, str(error)))
            continue
        for n in numbers:
            place, provider, price = n.place or NULL, n.provider or NULL, n.price or NULL
            yield (
                f"{line}\t{n.digits}\t{n.country}\t{n.number_type}\t{n.area_code}\t{place}\t{n.capabilities}"
                f"\t{provider}\t{price}\t{n.currency}\n"
            )


def _insert(**parameters: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE imported")
        cursor.execute(_INSERT, parameters)
        return int(cursor.rowcount)


def _doubles(before: int) -> list[Refusal]:
    with connection.cursor() as cursor:
        cursor.execute(_DOUBLES, {"before": before})
        return [
            Refusal(line, f"+{e164} stands in the file already" if in_file else f"+{e164} is in stock already")
            for line, e164, in_file in cursor.fetchall()
        ]
