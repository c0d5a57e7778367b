"""`manage.py import_numbers FILE`: bring in numbers one already owns, from CSV; the whole file or nothing."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from inventory.importing.chunks import BadFile
from inventory.importing.lines import LineReader
from inventory.importing.load import import_numbers
from inventory.importing.report import Report
from inventory.models import Origin

SHOWN = 50


class Command(BaseCommand):
    help = (
        "Load numbers from CSV with the columns number, type, capabilities, locality, provider, price, currency "
        "(only number is needed; a block is written '+1415555 2000-2999'). Every refused line is reported, and "
        "nothing is loaded while there is one."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="the CSV file, UTF-8; - for standard input")
        parser.add_argument("--provider", default="", help="slug for lines that name none")
        parser.add_argument("--capabilities", default="voice", help="for lines that name none (default: voice)")
        parser.add_argument("--currency", default="USD", help="for lines that name none (default: USD)")
        parser.add_argument("--origin", choices=Origin.values, default=Origin.ONBOARDED_USED)
        parser.add_argument("--skip-refused", action="store_true", help="load the good lines and numbers all the same")
        parser.add_argument("--report", type=Path, help="write every refused line to this file")

    def handle(self, *_args: Any, **options: Any) -> None:
        reader = LineReader(
            default_provider=options["provider"],
            default_capabilities=options["capabilities"],
            default_currency=options["currency"],
        )
        report = self._load(reader, options)
        self._tell(report, options["report"])
        if report.refusals and not options["skip_refused"]:
            raise CommandError(f"nothing was loaded: {report.refused_lines} lines were refused")

    def _load(self, reader: LineReader, options: dict[str, Any]) -> Report:
        settings: dict[str, Any] = {
            "actor": "import:command",
            "skip_refused": options["skip_refused"],
            "origin": options["origin"],
        }
        try:
            if options["file"] == "-":
                return import_numbers(sys.stdin, reader, **settings)
            with Path(options["file"]).open(encoding="utf-8-sig", newline="") as file:
                return import_numbers(file, reader, **settings)
        except (BadFile, OSError) as error:
            raise CommandError(str(error)) from error

    def _tell(self, report: Report, path: Path | None) -> None:
        lines = [f"line {refusal.line}: {refusal.reason}" for refusal in report.refusals]
        if path:
            path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        for line in lines[:SHOWN]:
            self.stderr.write(line)
        if len(lines) > SHOWN:
            self.stderr.write(f"… and {len(lines) - SHOWN} more; --report FILE writes them all")
        self.stdout.write(f"{report.loaded} numbers loaded")
