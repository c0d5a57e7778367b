"""`manage.py rulebook_impact CC`: what the version that waits would change, and for whom."""

import json
from argparse import BooleanOptionalAction
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.command_line import day
from compliance.models import Rulebook
from compliance.services.impact import Impact, impact_of


class Command(BaseCommand):
    help = "Show what a country's newest version changes: regulations, approved bundles, numbers in service."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("country", type=str.upper, metavar="CC", help="ISO 3166-1 alpha-2")
        parser.add_argument("--effective-from", type=day, metavar="DAY", help="as if from this day on")
        parser.add_argument("--json", action=BooleanOptionalAction, default=False, help="for a program to read")

    def handle(self, *args: Any, country: str, effective_from: date | None, **options: Any) -> None:
        impact = impact_of(newest(country), effective_from=effective_from)
        if options["json"]:
            self.stdout.write(json.dumps(asdict(impact), default=str, indent=2))
        else:
            self.stdout.write("\n".join(_lines(impact)))


def newest(country: str) -> Rulebook:
    """The last version that was loaded. Raises CommandError."""
    book = Rulebook.objects.filter(country=country).order_by("-version").first()
    if book is None:
        raise CommandError(f"Nothing is loaded for {country}: is there a file {country.lower()}.yaml?")
    return book


def _lines(impact: Impact) -> Iterator[str]:
    yield f"{impact.country} version {impact.version}, instead of {impact.replaces or 'nothing'}, on {impact.on}"
    for change in impact.regulations:
        yield f"  {change.sid} {change.number_type} {change.end_user_type}: {change.kind}"
        yield from (f"    {line}" for line in change.differences)
    lacking = f"{len(impact.bundles)} of {impact.looked_at} approved bundles lack something"
    yield f"{lacking}; {impact.numbers} numbers in service are on them"
    for bundle in impact.bundles:
        yield f"  {bundle.sid} of {bundle.account_sid}, {len(bundle.numbers)} numbers"
        yield from (f"    {lack.requirement} {lack.field}: {lack.code}".replace(" :", ":") for lack in bundle.lacks)
