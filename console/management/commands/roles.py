"""Writes the roles of the staff into the database: `console/roles.py` says what each may do."""

from typing import Any

from django.core.management.base import BaseCommand

from accounts.roles import StaffRole
from console import roles


class Command(BaseCommand):
    """Idempotent: a start of the demonstration, and each deployment, runs it after migrating."""

    help = "Make the roles of the staff as the table says."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make them."""
        roles.install()
        if options["verbosity"]:
            for role in StaffRole:
                self.stdout.write(f"{role.value}: {len(roles.of(role))} permissions")
