"""`manage.py load_limits`: the rows of testing_lab/data/limits.yaml into the database."""

from typing import Any

from django.core.management.base import BaseCommand

from testing_lab.services.limits import load_limits


class Command(BaseCommand):
    help = "Load the limits of the lab's tests into dated rows (idempotent)."

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.stdout.write(f"{load_limits()} limits loaded")
