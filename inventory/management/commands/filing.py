"""`manage.py filing make|list|trace|check`: returns to regulators, from the ledger."""

import sys
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.command_line import day
from inventory.filings.census import Category
from inventory.filings.freezing import freeze, still_holds, trace
from inventory.filings.utilisation import NoSuchFigure
from inventory.models import Filing, FilingKind
from inventory.refusals import Refused


class Command(BaseCommand):
    help = (
        "Make a return to a regulator from the ledger, list those that were made, or show the numbers behind a figure."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        make = verbs.add_parser("make", help="make it and freeze it")
        make.add_argument("kind", choices=FilingKind.values)
        make.add_argument(
            "--last-day", required=True, type=day, metavar="DAY", help="2026-06-30: tells of all to its end"
        )
        make.add_argument("--out", type=Path, help="also write the file here")
        verbs.add_parser("list", help="those that were made, the newest first")
        shown = verbs.add_parser("show", help="the file")
        figure = verbs.add_parser("trace", help="the numbers behind one figure")
        check = verbs.add_parser("check", help="whether the ledger gives the same file today")
        for parser_of in (shown, figure, check):
            parser_of.add_argument("filing", help="as the list names it: nruf-2026-06-30")
        figure.add_argument("line", type=int, help="of the file, below its heading")
        figure.add_argument("category", choices=list(Category))

    def handle(self, *_args: Any, verb: str, **options: Any) -> None:
        try:
            getattr(self, f"_{verb}")(**options)
        except (Refused, NoSuchFigure) as refusal:
            raise CommandError(str(refusal)) from refusal

    def _make(self, kind: str, last_day: date, out: Path | None, **_options: Any) -> None:
        filing = freeze(FilingKind(kind), last_day=last_day, actor="command:filing")
        if out:
            out.write_bytes(filing.content)
        self.stdout.write(f"{filing}: {filing.rows} lines, SHA-256 {filing.digest}")

    def _list(self, **_options: Any) -> None:
        for filing in Filing.objects.defer("content").order_by("-as_of", "kind"):
            self.stdout.write(f"{filing}: {filing.rows} lines, made {filing.made_at:%F} by {filing.made_by}")

    def _show(self, filing: str, **_options: Any) -> None:
        sys.stdout.write(bytes(_named(filing).content).decode())

    def _trace(self, filing: str, line: int, category: str, **_options: Any) -> None:
        found = trace(_named(filing), line, Category(category))
        for e164 in found.numbers:
            self.stdout.write(f"+{e164}")
        self.stderr.write(f"{len(found.numbers)} numbers; the filing says {found.told}")

    def _check(self, filing: str, **_options: Any) -> None:
        named = _named(filing)
        if not still_holds(named):
            raise CommandError(f"{named}: the ledger gives another file today")
        self.stdout.write(f"{named}: the ledger gives the same file today")


def _named(name: str) -> Filing:
    """Raises CommandError."""
    for filing in Filing.objects.filter(kind=name.partition("-")[0]):
        if filing.file_name.removesuffix(".csv") == name.removesuffix(".csv"):
            return filing
    raise CommandError(f"there is no filing {name}: see manage.py filing list")
