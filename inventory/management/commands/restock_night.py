"""`manage.py restock_night`: decide what to order and what to hand back, for the last closed day or another one."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.command_line import counted, day
from inventory.models import RestockProposal
from inventory.shelves import nights

NO_END = timedelta(days=1)


class Command(BaseCommand):
    help = "Decide for every SKU what to order and what to hand back. Run again, it decides only what is left."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--as-of", type=day, metavar="DAY", help="the UTC day to close, 2026-11-21; the last one that is over"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        closed = nights.closed_day(timezone.now())
        on = options["as_of"] or closed
        if on > closed:
            raise CommandError(f"{on} is not over: the last closed day is {closed}")
        markets = nights.run(on, NO_END)
        made = RestockProposal.objects.filter(day=on).count()
        self.stderr.write(f"{on}: {counted(markets, 'market')} decided now; {counted(made, 'proposal')} for that night")
