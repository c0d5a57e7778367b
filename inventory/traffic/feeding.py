"""From the lines of a feed to batches that are taken in, with a report: whoever tells them may do so again."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

import orjson
from django.utils import timezone

from inventory.refusals import NotAFeed
from inventory.traffic import feed_days
from inventory.traffic.events import BadEvent, Event, read
from inventory.traffic.ingest import BATCH, take

LONGEST_LINE = 4096  # octets
SHOWN = 100  # refusals that a report tells one by one
#: Columns without which no row can be taken: of events, and of days of the feed.
EVENT_COLUMNS = ("id", "at", "to", "channel")
DAY_COLUMNS = ("feed", "day")
LAB = "lab"  # the feed in whose name the testing lab tells of the days on which it listened


class Told(NamedTuple):
    """One line of a feed: what it holds, or why that can't be known."""

    line: int
    document: Any
    trouble: str = ""


class Refused(NamedTuple):
    """A line that was left out, and why."""

    line: int
    reason: str


@dataclass
class Report:
    """What became of the lines: each is new, known already, excluded (tests, receipts) or refused, or tells of a day of
    the feed (`days`); `ours` of the new were for numbers of ours."""

    lines: int = 0
    new: int = 0
    known: int = 0
    ours: int = 0
    excluded: int = 0
    days: int = 0
    refused: int = 0
    refusals: list[Refused] = field(default_factory=list)

    def refuse(self, line: int, reason: str) -> None:
        """Count a refusal, and tell it if it is one of the first."""
        self.refused += 1
        if len(self.refusals) < SHOWN:
            self.refusals.append(Refused(line, reason))

    def counts(self) -> dict[str, int]:
        """The counts alone, by name."""
        return {name: count for name, count in asdict(self).items() if name != "refusals"}


def feed_in(told: Iterable[Told], *, feed: str) -> Report:
    """Take in what a feed tells, in batches of `BATCH` lines. Refused lines hold nothing up.

    A crash in the middle leaves whole batches: tell all of it again, what is known is not counted twice. Raises
    NotAFeed for a name that nobody else may speak in.
    """
    _check_name(feed)
    report, batch, now = Report(), list[Event](), timezone.now()
    for each in told:
        report.lines += 1
        try:
            if each.trouble:
                raise BadEvent(each.trouble)
            if feed_days.is_report(each.document):
                feed_days.tell(feed=feed, now=now, **feed_days.read(each.document, now)._asdict())
                report.days += 1
                continue
            found = read(each.document, feed=feed, now=now)
        except BadEvent as error:
            report.refuse(each.line, str(error))
            continue
        if found is None:
            report.excluded += 1
            continue
        batch.append(found)
        if len(batch) >= BATCH:
            _take(batch, report)
            batch = []
    _take(batch, report)
    return report


def _check_name(feed: str) -> None:
    """Who spoke as the lab could make days observed on which nobody listened, and the lab would not say it again."""
    if not feed.strip():
        raise NotAFeed("feed: whose events these are, such as switch")
    if feed.strip().casefold() == LAB:
        raise NotAFeed(f"feed: {LAB} is the name of the testing lab's own feed; give another")


def _take(batch: list[Event], report: Report) -> None:
    if batch:
        taken = take(batch)
        report.new += taken.new
        report.ours += taken.ours
        report.known += len(batch) - taken.new


def ndjson(lines: Iterable[bytes]) -> Iterator[Told]:
    """A JSON object on each line (https://github.com/ndjson/ndjson-spec); empty lines are passed over."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        if len(line) > LONGEST_LINE:
            yield Told(number, None, f"longer than {LONGEST_LINE} octets")
            continue
        try:
            yield Told(number, orjson.loads(line))
        except ValueError:
            yield Told(number, None, "not JSON")


def rows(text: Iterable[str]) -> Iterator[Told]:
    """CSV (RFC 4180) whose first line names the columns as the fields of an event. Raises NotAFeed if it does not."""
    reader = csv.DictReader(text, strict=True)
    _check_columns(reader)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Told(reader.line_num, None, f"not CSV: {error}")
        else:
            yield Told(reader.line_num, {name: value for name, value in row.items() if value != ""})


def _check_columns(reader: "csv.DictReader[str]") -> None:
    try:
        columns = set(reader.fieldnames or ())
    except csv.Error as error:
        raise NotAFeed(f"not CSV: {error}") from error
    if columns.issuperset(EVENT_COLUMNS) or columns.issuperset(DAY_COLUMNS):
        return
    missing = ", ".join(name for name in EVENT_COLUMNS if name not in columns)
    raise NotAFeed(
        f"the first line must name the columns {', '.join(EVENT_COLUMNS)} (or {' and '.join(DAY_COLUMNS)}): "
        f"{missing} {'is' if missing in EVENT_COLUMNS else 'are'} missing; nothing was taken"
    )
