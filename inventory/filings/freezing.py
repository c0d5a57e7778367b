"""Making a filing: once for each kind and day, in one transaction, from days that are over."""

import csv
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from io import StringIO

from django.db import connection, transaction
from django.utils import timezone

from inventory.filings import disconnects
from inventory.filings.census import Category
from inventory.filings.utilisation import FORMS, Figure, NoSuchFigure, Row, figure, lines
from inventory.models import Filing, FilingKind, PhoneNumber
from inventory.refusals import Refused

CLOSED_AFTER = timedelta(hours=1)  # what began before midnight has then ended
HALF_YEARS = ((6, 30), (12, 31))
CUT_OFF = 10  # of the month: what is final by then is in the report of the 15th


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
    _lock()
    last, at = _newest(kind), _end(last_day)
    _check(kind, last_day, at, last)
    if kind == FilingKind.RND:
        told = disconnects.unreported(at, last)
        filing = _write(kind, at, [each.line for each in told], actor)
        disconnects.remember(filing, told)
        return filing
    form = FORMS[kind]
    return _write(kind, at, lines(form, at), actor, heading=form.heading)


def freeze_due(today: date) -> list[Filing]:
    """Make what is due and not made yet, of the kinds for whose countries we ever had a number."""
    made = []
    for kind, last_day in due(today):
        if not Filing.objects.filter(kind=kind, as_of__gte=_end(last_day)).exists() and _concerns_us(kind):
            made.append(freeze(kind, last_day=last_day, actor="sweep:filings"))
    return made


def due(today: date) -> list[tuple[FilingKind, date]]:
    """The newest day as of which each return that has fixed days can be made: to be filed by 1 February and 1 August
    (Form 502), and by the 15th (disconnects). Ofcom asks on days of its own."""
    ends = [date(year, *day) for year in (today.year - 1, today.year) for day in HALF_YEARS]
    cut_offs = [today.replace(day=CUT_OFF), (today.replace(day=1) - timedelta(days=1)).replace(day=CUT_OFF)]
    return [
        (FilingKind.NRUF, max(day for day in ends if day < today)),
        (FilingKind.RND, max(day for day in cut_offs if day < today)),
    ]


def rows(filing: Filing) -> list[Row]:
    """The lines of the file, without its heading."""
    found = list(csv.reader(StringIO(bytes(filing.content).decode())))
    return found[1:] if filing.kind in FORMS else found


def trace(filing: Filing, line: int, category: Category) -> Figure:
    """A figure of the filing and the numbers behind it. `line` counts from 1. Raises NoSuchFigure."""
    form, known = FORMS.get(FilingKind(filing.kind)), rows(filing)
    if form is None or not 1 <= line <= len(known):
        raise NoSuchFigure(f"{filing}: there is no figure in line {line}")
    return figure(form, filing.as_of, known[line - 1], category)


def still_holds(filing: Filing) -> bool:
    """Whether the ledger would give the same file today."""
    form = FORMS.get(FilingKind(filing.kind))
    if form is None:
        told = filing.disconnects.order_by("number__e164", "entry").values_list("number__e164", "disconnected_on")
        again = _csv([str(e164)[1:], day.isoformat()] for e164, day in told)
    else:
        again = _csv([form.heading, *lines(form, filing.as_of)])
    return sha256(again).hexdigest() == filing.digest


def _lock() -> None:
    """One at a time; readers go on."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE inventory_filing IN SHARE ROW EXCLUSIVE MODE")


def _check(kind: FilingKind, last_day: date, at: datetime, last: Filing | None) -> None:
    if timezone.now() < at + CLOSED_AFTER:
        raise NotYet(f"{last_day} is not over: a filing can be made from {at + CLOSED_AFTER:%Y-%m-%d %H:%M} UTC on")
    if kind == FilingKind.NRUF and (last_day.month, last_day.day) not in HALF_YEARS:
        raise NotSuchADay("Form 502 is as of 30 June or 31 December")
    made = Filing.objects.filter(kind=kind, as_of=at).first()
    if made or (kind == FilingKind.RND and last and last.as_of > at):
        raise AlreadyMade(f"{made or last} was made on {(made or last).made_at:%Y-%m-%d}")  # type: ignore[union-attr]


def _write(kind: FilingKind, at: datetime, told: Iterable[Row], actor: str, *, heading: Row | None = None) -> Filing:
    listed = list(told)
    content = _csv([heading, *listed] if heading else listed)
    digest = sha256(content).hexdigest()
    return Filing.objects.create(
        kind=kind, as_of=at, content=content, digest=digest, rows=len(listed), made_by=actor[:80]
    )


def _csv(told: Iterable[Row]) -> bytes:
    text = StringIO(newline="")
    csv.writer(text).writerows(told)
    return text.getvalue().encode()


def _newest(kind: FilingKind) -> Filing | None:
    return Filing.objects.filter(kind=kind).order_by("-as_of").first()


def _end(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, UTC)


def _concerns_us(kind: FilingKind) -> bool:
    countries = FORMS[FilingKind.NRUF if kind == FilingKind.RND else kind].scope.countries
    return PhoneNumber.objects.filter(country__in=countries).exists()
