"""`manage.py import_numbers FILE`: bring in numbers one already owns, from CSV; the whole file or nothing."""

import os
import sys
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError, CommandParser

from inventory.importing.chunks import BadFile
from inventory.importing.lines import LineReader
from inventory.importing.load import import_numbers
from inventory.importing.report import Report
from inventory.models import Origin


class Command(BaseCommand):
    help = (
        "Load numbers from CSV with the columns number, type, capabilities, locality, provider, price, currency "
        "(only number is needed; a block is written '+1415555 2000-2999' and holds at most 100,000 numbers). Every "
        "refused line is reported, and nothing is loaded while there is one."
    )
    requires_system_checks = ()  # they take seconds, and a file that is not there is told at once

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="the CSV file, UTF-8; - for standard input")
        parser.add_argument("--provider", default="", help="slug for lines that name none")
        parser.add_argument("--capabilities", default="voice", help="for lines that name none (default: voice)")
        parser.add_argument("--currency", default="USD", help="for lines that name none (default: USD)")
        parser.add_argument("--origin", choices=Origin.values, default=Origin.ONBOARDED_USED)
        parser.add_argument("--skip-refused", action="store_true", help="load the good lines and numbers all the same")
        parser.add_argument("--report", type=Path, help="write every refused line to this file")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            with _opened(options["file"]) as text, _report(options["report"]) as told:
                report = self._load(text, told, options)
        except BadFile as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{error.filename or 'reading or writing'}: {error.strerror}") from error
        self._tell(report)
        if report.refusals and not options["skip_refused"]:
            raise CommandError(f"nothing was loaded: {report.refused_lines} lines were refused")

    def _load(self, text: TextIO, told: TextIO, options: dict[str, Any]) -> Report:
        reader = LineReader(
            default_provider=options["provider"],
            default_capabilities=options["capabilities"],
            default_currency=options["currency"],
        )
        return import_numbers(
            text,
            reader,
            actor="import:command",
            skip_refused=options["skip_refused"],
            origin=options["origin"],
            tell=lambda refusal: told.write(f"{refusal}\n"),
        )

    def _tell(self, report: Report) -> None:
        for refusal in report.shown:
            self.stderr.write(str(refusal))
        if more := report.refusals - len(report.shown):
            self.stderr.write(f"… and {more} more; --report FILE writes them all")
        self.stdout.write(f"{report.loaded} numbers loaded")


def _opened(name: str) -> TextIO:
    """The CSV file, or standard input. Both may begin with the mark that Excel puts before UTF-8."""
    if name == "-":
        return os.fdopen(sys.stdin.fileno(), encoding="utf-8-sig", newline="", closefd=False)
    return Path(name).open(encoding="utf-8-sig", newline="")


def _report(path: Path | None) -> TextIO:
    """Where the refusals go; opened before anything is loaded, since it may not be writable."""
    return (path or Path(os.devnull)).open("w", encoding="utf-8")
