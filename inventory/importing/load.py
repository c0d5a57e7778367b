"""Loading: good lines go to the stock and its ledger chunk by chunk, in one transaction: all of them or none.

The file is read once and never held in memory, however long it is. While PostgreSQL takes one chunk in, a thread reads
and judges the next.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Max
from django.db.models.functions import Coalesce
from psycopg import errors

from inventory.importing.chunks import TWICE, Chunk, Numbers, ahead, chunks
from inventory.importing.geography import escaped
from inventory.importing.lines import DESCRIBED, GIVEN, LineReader
from inventory.importing.report import Refusal, Refused, Report
from inventory.models import Origin, PhoneNumber, ProviderRelease

_PIECE = 1_000  # rows sent at a time: PostgreSQL takes some in while the next are put together

_IDS = "WITH ids AS MATERIALIZED (SELECT pg_get_serial_sequence('inventory_phonenumber', 'id')::regclass AS sequence)"
_IDS += " SELECT string_agg(nextval(ids.sequence)::text, ' ') FROM ids, generate_series(1, %s)"  # looked up once
_ROW = ("id", "e164", *DESCRIBED, *GIVEN, "capabilities", "beta", "origin", "state", "blocked")
_NUMBERS = f"COPY inventory_phonenumber ({', '.join(_ROW)}) FROM STDIN"
_LEDGER = "COPY inventory_lifecycleentry (number_id, verb, source, target, actor, reason, rule, data) FROM STDIN"


class _NotWanted(Exception):
    """Rolls back to where the transaction, or the chunk, began."""


def import_numbers(
    text: Iterable[str],
    reader: LineReader,
    *,
    actor: str,
    skip_refused: bool = False,
    origin: str = Origin.ONBOARDED_USED,
    tell: Callable[[Refusal], object] | None = None,
) -> Report:
    """Load a CSV file of numbers and blocks as SOURCED; `tell` gets every refusal as it is found. Raises BadFile.

    With refused lines nothing is loaded, unless `skip_refused` says to load the others. A block with a number that
    can't be read is refused whole. Those of its numbers that are in stock, on their way back, or in the file before
    are refused one by one, and the rest of it is loaded.
    """
    report = Report(tell)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            # Foreign keys are checked with each chunk, or else PostgreSQL would keep a note of every row.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            writer = _Writer(cursor, report, origin, actor)
            for chunk in ahead(chunks(text, reader)):
                writer.take(chunk)
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            if report.refusals and not skip_refused:
                raise _NotWanted
    except _NotWanted:
        report.loaded = 0
    return report


class _Writer:
    """Writes chunks, and reports what turns out to be in stock."""

    def __init__(self, cursor: CursorWrapper, report: Report, origin: str, actor: str) -> None:
        self._cursor, self._report = cursor, report
        self._number_ends = f"\t0\tf\t{origin}\tSOURCED\tf\n"
        self._entry_ends = f"\tsource\t\tSOURCED\t{escaped(actor)}\timported\t\t{{}}\n"
        self._newest: int = PhoneNumber.objects.aggregate(newest=Coalesce(Max("pk"), 0))["newest"]

    def take(self, chunk: Chunk) -> None:
        """Write the chunk as if nothing spoke against it, which is the usual case; if something does, without that."""
        numbers, refused = chunk
        while numbers and not self._is_written(numbers):
            for e164, reason in self._unwanted(numbers).items():
                refused.append(Refused(numbers.pop(e164)[0], e164, reason))
        self._report.loaded += len(numbers)
        self._report.add(refused)

    def _is_written(self, numbers: Numbers) -> bool:
        """Whether all could be written; if not, none is."""
        try:
            with transaction.atomic():
                self._copy(numbers)
                # Looked for last: one that was retired a moment ago is no double any more, and leaves all the same.
                if _leaving(numbers):
                    raise _NotWanted
        except _NotWanted:
            return False
        except errors.UniqueViolation as error:
            if error.diag.constraint_name != "number_one_live_row":
                raise
            return False
        return True

    def _copy(self, numbers: Numbers) -> None:
        self._cursor.execute(_IDS, [len(numbers)])
        ids = self._cursor.fetchone()[0].split()
        rows = zip(ids, numbers.items(), strict=True)
        self._send(
            _NUMBERS,
            (f"{pk}\t{e164}\t{described}\t{given}" for pk, (e164, (_, described, given)) in rows),
            self._number_ends,
        )
        self._send(_LEDGER, iter(ids), self._entry_ends)

    def _send(self, statement: str, rows: Iterator[str], end: str) -> None:
        with self._cursor.copy(statement) as copy:
            while piece := list(islice(rows, _PIECE)):
                copy.write(end.join((*piece, "")))

    def _unwanted(self, numbers: Numbers) -> dict[int, str]:
        """Numbers that may not come in, and why. What came to be live after we began came with an earlier chunk."""
        live = PhoneNumber.objects.live().filter(e164__in=numbers).values_list("e164", "pk")
        known = {e164: "in stock already" if pk <= self._newest else TWICE for e164, pk in live}
        return dict.fromkeys(_leaving(numbers), "on its way back") | known


def _leaving(numbers: Numbers) -> set[int]:
    """Those that are on their way back to a provider: we go on until that is done, whatever is in stock by then."""
    leaving = ProviderRelease.objects.filter(next_attempt_at__isnull=False)
    return numbers.keys() & set(leaving.values_list("number__e164", flat=True))
