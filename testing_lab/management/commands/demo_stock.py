"""Fill the demonstration with a large stock, on a first start."""

import contextlib
import time
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from inventory.demo.logins import CUSTOMER
from testing_lab.demo.filling import LEAST, MOST, NotEmpty, fill


class Command(BaseCommand):
    help = "Make a stock of the size asked for, with customers, papers and past; after `demo`, in an empty database."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--numbers", type=int, required=True, help=f"how many, {LEAST:,} to {MOST:,}")

    def handle(self, *args: Any, numbers: int, **options: Any) -> None:
        if not LEAST <= numbers <= MOST:
            raise CommandError(f"--numbers must be from {LEAST:,} to {MOST:,}")
        try:
            fill(numbers, self._step, member=CUSTOMER)
        except NotEmpty as refusal:
            self.stdout.write(f"No numbers made: {refusal}.")
        except User.DoesNotExist:
            raise CommandError("nobody was set up here by `manage.py demo`: this is no demonstration") from None

    @contextlib.contextmanager
    def _step(self, text: str) -> Iterator[None]:
        self.stdout.write(f"  {text} ...")
        self.stdout.flush()
        began = time.monotonic()
        yield
        self.stdout.write(f"  {text}: done in {time.monotonic() - began:.0f} s")
        self.stdout.flush()
