"""Set up the demonstration; harmless to repeat."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from compliance.services import rulebooks
from inventory.demo import credentials_file
from inventory.demo.logins import set_up_logins
from inventory.demo.stock import set_up_stock
from numbering.services.load_places import load_places


class Command(BaseCommand):
    help = "Load reference data, open the demo accounts, and aim at a stock. Harmless to repeat; not for production."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--credentials", type=Path, required=True, help="where to keep the credentials (mode 0600)")

    def handle(self, *args: Any, credentials: Path, **options: Any) -> None:
        load_places()
        rulebooks.load()
        set_up_stock()
        logins = set_up_logins(credentials_file.read(credentials))
        credentials_file.write(credentials, {"NUMBERYARD_URL": settings.PUBLIC_URL, **logins})
        self.stdout.write(f"Demo accounts are ready; their credentials are in {credentials}")
