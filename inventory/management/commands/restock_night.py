"""`manage.py restock_night`: decide what to order and what to hand back, for the last closed day or another one."""

from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from inventory.models import RestockProposal
from inventory.shelves import nights

NO_END = timedelta(days=1)


class Command(BaseCommand):
    help = "Decide for every SKU what to order and what to hand back. Run again, it decides only what is left."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--as-of", type=date.fromisoformat, help="the UTC day to close, 2026-11-21; the last one that is over"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        closed = nights.closed_day(timezone.now())
        day = options["as_of"] or closed
        if day > closed:
            raise CommandError(f"{day} is not over: the last closed day is {closed}")
        markets = nights.run(day, NO_END)
        made = RestockProposal.objects.filter(day=day).count()
        self.stderr.write(f"{day}: {markets} markets decided now; {made} proposals for that night")
