"""`manage.py rotate_encryption`: run after putting a new key first in FIELD_ENCRYPTION_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand

from accounts.services.rotation import rotate


class Command(BaseCommand):
    help = "Encrypt every stored secret with the first key of FIELD_ENCRYPTION_KEYS; then the old keys may go."

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.stdout.write(f"{rotate()} rows encrypted with the newest key")
