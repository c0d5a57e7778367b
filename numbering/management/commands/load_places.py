"""Load the shipped places into the database; harmless to repeat."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from numbering import place_file
from numbering.services.load_places import load_places


class Command(BaseCommand):
    help = "Load the places that telephone numbers belong to (reference data). Harmless to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--file", type=Path, default=place_file.SHIPPED)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        loaded = load_places(file)
        self.stdout.write(f"places: {loaded.places} rows changed, prefixes: {loaded.prefixes} rows changed")
