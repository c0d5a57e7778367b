"""`manage.py quarantine_limits COUNTRY`: what the law of today changes for open stays, and to apply it."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from inventory.quarantine.law_changes import Moved, apply, difference


class Command(BaseCommand):
    help = (
        "Compare the limits of the open stays of a country with the rules in force, and show what differs. With "
        "--apply they follow: a minimum only ever grows, a maximum is that of today; each change is written down."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("country", help="ISO 3166-1 alpha-2, such as US")
        parser.add_argument("--apply", action="store_true", help="change them")
        parser.add_argument("--reason", default="", help="why; kept for good")
        parser.add_argument("--by", default="", help="who; kept for good")

    def handle(self, *_args: Any, country: str, **options: Any) -> None:
        who, why = options["by"].strip(), options["reason"].strip()
        if options["apply"] and not (who and why):
            raise CommandError("--apply takes --reason and --by")
        moved = apply(country, actor=f"user:{who}", reason=why) if options["apply"] else difference(country)
        for each in moved:
            self.stdout.write(_line(each))
        total = sum(each.stays for each in moved)
        self.stdout.write(f"{total} stays {'changed' if options['apply'] else 'would change'}")


def _line(moved: Moved) -> str:
    limits = f"minimum {_days(moved.minimum_was)} to {_days(moved.minimum_is)}"
    limits += f", maximum {_days(moved.maximum_was)} to {_days(moved.maximum_is)}"
    return f"{moved.stays} {moved.source} {moved.number_type}: {limits} ({moved.rule_was} to {moved.rule_is})"


def _days(age: timedelta | None) -> str:
    return "none" if age is None else f"{age / timedelta(days=1):g} days"
