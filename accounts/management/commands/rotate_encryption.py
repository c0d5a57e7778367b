"""`manage.py rotate_encryption`: run after putting a new key first in FIELD_ENCRYPTION_KEYS. Steps: docs/privacy.md."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.services.rotation import left_behind, rotate


class Command(BaseCommand):
    help = "Encrypt every stored secret with the first key of FIELD_ENCRYPTION_KEYS; then the old keys may go."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="rotate nothing; fail if an old key is still needed")

    def handle(self, *_args: Any, check: bool = False, **_options: Any) -> None:
        if not check:
            self.stdout.write(f"{rotate()} rows encrypted with the newest key")
        elif old := left_behind():
            raise CommandError(f"{old} values still need an old key")
        else:
            self.stdout.write("the newest key opens everything: the others may go")
