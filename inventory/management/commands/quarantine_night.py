"""`manage.py quarantine_night`: the night of the quarantine engine, now and to its end."""

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.command_line import counted, day
from inventory.models import QuarantineNight
from inventory.quarantine.nights.stretches import NotClosed, morning, run


class Command(BaseCommand):
    help = (
        "Decide on every open stay in quarantine for a morning: the days before it are counted. Nothing is done twice, "
        "and several of these may work side by side."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--as-of", type=day, metavar="DAY", help="the morning, such as 2026-11-22; usually the last"
        )

    def handle(self, *_args: Any, as_of: date | None, **_options: Any) -> None:
        on = as_of or morning(timezone.now())
        if later := QuarantineNight.objects.filter(day__gt=on).order_by("day").last():
            raise CommandError(f"the night for {later.day} has begun: one before it would take its decisions back")
        try:
            count = run(on)
        except NotClosed as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{counted(count, 'stay')} decided on for {on}")
