"""`manage.py import_traffic FILE`: traffic events from a file of CSV or of JSON lines, as often as one likes."""

import os
import sys
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError, CommandParser

from inventory.refusals import NotAFeed
from inventory.traffic.feeding import Report, Told, feed_in, ndjson, rows


class Command(BaseCommand):
    help = (
        "Count the calls and messages that reached numbers which nobody had: CSV with the columns id, at, to, from, "
        "channel (voice or sms), otp, receipt, test, or a JSON object with these fields on each line. The id makes it "
        "harmless to tell an event again. Refused lines are reported, and the others taken; if all are, it fails."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="UTF-8; *.ndjson and *.jsonl are JSON lines, others CSV; - for standard input")
        parser.add_argument("--feed", required=True, help="whose events these are: their ids are unique in it")
        parser.add_argument("--json-lines", action="store_true", help="whatever the file is called")

    def handle(self, *_args: Any, file: str, feed: str, json_lines: bool, **_options: Any) -> None:
        is_json = json_lines or Path(file).suffix in (".ndjson", ".jsonl")
        try:
            with _opened(file) as source:
                report = feed_in(ndjson(source) if is_json else _csv(source), feed=feed)
        except NotAFeed as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{error.filename or file}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise CommandError(f"{file} is not UTF-8: {error.reason}; what came before is counted") from error
        self._tell(report)
        if report.refused and report.refused == report.lines:
            raise CommandError(f"nothing was taken: every line of {file} was refused")

    def _tell(self, report: Report) -> None:
        for line, reason in report.refusals:
            self.stderr.write(f"line {line}: {reason}")
        if more := report.refused - len(report.refusals):
            self.stderr.write(f"... and {more} more")
        self.stdout.write(", ".join(f"{count} {name}" for name, count in report.counts().items()))


def _opened(name: str) -> BinaryIO:
    return os.fdopen(sys.stdin.fileno(), "rb", closefd=False) if name == "-" else Path(name).open("rb")


def _csv(source: BinaryIO) -> Iterator[Told]:
    """The file may begin with the mark that Excel puts before UTF-8."""
    with TextIOWrapper(source, encoding="utf-8-sig", newline="") as text:
        yield from rows(text)
