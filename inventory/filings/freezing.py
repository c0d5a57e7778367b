"""Making a filing: once for each kind and day, in one transaction, from days that are over."""

import csv
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from io import BytesIO, TextIOWrapper
from itertools import chain, islice

from django.db import connection, transaction
from django.utils import timezone

from inventory.filings import disconnects
from inventory.filings.census import Category
from inventory.filings.utilisation import FORMS, Figure, NoSuchFigure, Row, figure, lines
from inventory.models import Allocation, Filing, FilingKind, PhoneNumber
from inventory.refusals import Refused

CLOSED_AFTER = timedelta(hours=1)  # what began before midnight has then ended
HALF_YEARS = ((6, 30), (12, 31))
CUT_OFF = 10  # of the month: what is final by then is in the report of the 15th
_ALONE = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


class NotYet(Refused):
    """The day is not over."""


class NotSuchADay(Refused):
    """This return is as of other days."""


class AlreadyMade(Refused):
    """There is one of this kind and day, or of a later day."""


@transaction.atomic
def freeze(kind: FilingKind, *, last_day: date, actor: str) -> Filing:
    """Make the filing that tells of the time to the end of `last_day` (UTC).

    Raises NotYet, NotSuchADay, AlreadyMade. Who makes one meanwhile waits, and then meets what was made.
    """
    _wait_for_others(kind)
    last, at = _newest(kind), _end(last_day)
    _check(kind, last_day, at, last)
    if kind == FilingKind.RND:
        filing = _write(kind, at, disconnects.unreported(at, last), actor)
        disconnects.remember(filing)
        return filing
    form = FORMS[kind]
    return _write(kind, at, lines(form, at), actor, heading=form.heading)


@transaction.atomic
def rehearse(kind: FilingKind, *, last_day: date) -> Filing:
    """What `freeze` would make now; nothing of it is kept. Raises what it raises."""
    made = freeze(kind, last_day=last_day, actor="nobody")
    transaction.set_rollback(True)
    return made


def freeze_due(kind: FilingKind, today: date) -> Filing | None:
    """Make what is due of this kind, unless it is made, or we never had a number or a range in its countries."""
    last_day = due(kind, today)
    if Filing.objects.filter(kind=kind, as_of__gte=_end(last_day)).exists() or not _concerns_us(kind):
        return None
    return freeze(kind, last_day=last_day, actor="sweep:filings")


def due(kind: FilingKind, today: date) -> date:
    """The newest day as of which a return that has fixed days can be made: to be filed by 1 February and 1 August
    (Form 502), or by the 15th (disconnects). Ofcom asks on days of its own. Raises ValueError for such a kind."""
    if kind == FilingKind.NRUF:
        return max(
            day for year in (today.year - 1, today.year) for end in HALF_YEARS if (day := date(year, *end)) < today
        )
    if kind == FilingKind.RND:
        this_month, last_month = today.replace(day=CUT_OFF), (today.replace(day=1) - timedelta(days=1))
        return this_month if this_month < today else last_month.replace(day=CUT_OFF)
    raise ValueError(f"{kind} has no fixed days")


def usual_day(kind: FilingKind, today: date) -> date:
    """The day that one of this kind is most likely wanted for: the newest fixed one, else yesterday."""
    return today - timedelta(days=1) if kind == FilingKind.OFCOM else due(kind, today)


def heading(filing: Filing) -> Row:
    """The names of its columns, as its file has them; none, where the file has none."""
    return next(_read(filing)) if filing.kind in FORMS else []


def rows(filing: Filing) -> Iterator[Row]:
    """The lines of the file, without its heading."""
    return islice(_read(filing), 1 if filing.kind in FORMS else 0, None)


def trace(filing: Filing, line: int, category: Category) -> Figure:
    """A figure of the filing and the numbers behind it. `line` counts from 1.

    Raises NoSuchFigure, also for a file whose columns were others than ours are today.
    """
    form = FORMS.get(FilingKind(filing.kind))
    if form is None or not 1 <= line <= filing.rows or heading(filing) != form.heading:
        raise NoSuchFigure(f"{filing}: there is no figure in line {line}")
    row = next(islice(rows(filing), line - 1, None))
    return figure(form, filing.as_of, row, category)


@transaction.atomic
def still_holds(filing: Filing) -> bool:
    """Whether the ledger would give the same file today."""
    _take_your_time()
    form = FORMS.get(FilingKind(filing.kind))
    told = lines(form, filing.as_of) if form else disconnects.again(filing)
    content, _ = _csv(told, form.heading if form else None)
    return sha256(content).hexdigest() == filing.digest


def _read(filing: Filing) -> Iterator[Row]:
    return csv.reader(TextIOWrapper(BytesIO(filing.content), "utf-8", newline=""))


def _wait_for_others(kind: FilingKind) -> None:
    """One of a kind at a time; another kind is not held up."""
    with connection.cursor() as cursor:
        cursor.execute(_ALONE, [f"inventory.filings.{kind}"])
    _take_your_time()


def _take_your_time() -> None:
    """A return on millions of numbers takes longer than a statement of a worker may: its task has the limit."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")


def _check(kind: FilingKind, last_day: date, at: datetime, last: Filing | None) -> None:
    if timezone.now() < at + CLOSED_AFTER:
        raise NotYet(f"{last_day} is not over: a filing can be made from {at + CLOSED_AFTER:%Y-%m-%d %H:%M} UTC on")
    if kind == FilingKind.NRUF and (last_day.month, last_day.day) not in HALF_YEARS:
        raise NotSuchADay("Form 502 is as of 30 June or 31 December")
    made = Filing.objects.filter(kind=kind, as_of=at).first()
    if made or (kind == FilingKind.RND and last and last.as_of > at):
        raise AlreadyMade(f"{made or last} was made on {(made or last).made_at:%Y-%m-%d}")  # type: ignore[union-attr]


def _write(kind: FilingKind, at: datetime, told: Iterable[Row], actor: str, *, heading: Row | None = None) -> Filing:
    content, count = _csv(told, heading)
    digest = sha256(content).hexdigest()
    return Filing.objects.create(kind=kind, as_of=at, content=content, digest=digest, rows=count, made_by=actor[:80])


def _csv(told: Iterable[Row], heading: Row | None) -> tuple[memoryview, int]:
    """The file, and how many lines are below its heading. Line by line, so that only the file itself is in memory."""
    file, count = BytesIO(), -1 if heading else 0
    text = TextIOWrapper(file, "utf-8", newline="", write_through=True)
    writer = csv.writer(text)
    for row in chain([heading] if heading else [], told):
        writer.writerow(row)
        count += 1
    text.detach()
    return file.getbuffer(), count


def _newest(kind: FilingKind) -> Filing | None:
    return Filing.objects.filter(kind=kind).order_by("-as_of").first()


def _end(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, UTC)


def _concerns_us(kind: FilingKind) -> bool:
    countries = FORMS[FilingKind.NRUF if kind == FilingKind.RND else kind].scope.countries
    ours = Allocation.objects.filter(country__in=countries)
    return ours.exists() or PhoneNumber.objects.filter(country__in=countries).exists()
