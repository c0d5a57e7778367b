"""`manage.py activate_rulebook CC --effective-from DAY --by NAME`: put the version that waits in force."""

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.command_line import day
from compliance.management.commands.rulebook_impact import newest
from compliance.services import rulebooks


class Command(BaseCommand):
    help = "Put a country's newest version in force. Look at `rulebook_impact` first; the sweeps do the rest."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("country", type=str.upper, metavar="CC", help="ISO 3166-1 alpha-2")
        parser.add_argument("--effective-from", type=day, required=True, metavar="DAY", help="2027-01-31")
        parser.add_argument("--by", required=True, metavar="NAME", help="who decided it")

    def handle(self, *args: Any, country: str, effective_from: date, by: str, **options: Any) -> None:
        try:
            book = rulebooks.activate(newest(country), effective_from=effective_from, actor=f"user:{by}")
        except rulebooks.NotActivated as refused:
            raise CommandError(str(refused)) from None
        self.stdout.write(f"{book} is in force from {book.effective_from} on, by {book.activated_by}")
