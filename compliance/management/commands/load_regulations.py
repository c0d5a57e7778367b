"""`manage.py load_regulations`: the country files of compliance/data/regulations into rows."""

from typing import Any

from django.core.management.base import BaseCommand

from compliance.services.load_regulations import load_regulations


class Command(BaseCommand):
    help = "Load the country files into dated rule rows (idempotent)."

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.stdout.write(f"{load_regulations()} country files loaded")
