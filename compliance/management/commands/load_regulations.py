"""`manage.py load_regulations`: the country files of compliance/data/regulations into versions of rules."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from compliance.rulebook.country_files import COUNTRY_FILES
from compliance.rulebook.sound_files import BadCountryFiles
from compliance.services import rulebooks


class Command(BaseCommand):
    help = "Load the country files. A country's first version is in force at once; a changed one waits for activation."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--folder", type=Path, default=COUNTRY_FILES, help="where the country files are")
        parser.add_argument("--activate", action="store_true", help="put changed versions in force today")

    def handle(self, *args: Any, folder: Path, activate: bool, **options: Any) -> None:
        try:
            loaded = rulebooks.load(folder, activate_later_ones=activate)
        except BadCountryFiles as bad:
            raise CommandError(f"Nothing was loaded:\n{bad}") from None
        self.stdout.write(f"{loaded.countries} country files read, {len(loaded.in_force)} versions put in force")
        for book in loaded.waiting:
            self.stdout.write(f"{book} waits: see `rulebook_impact {book.country}`, then `activate_rulebook`")
