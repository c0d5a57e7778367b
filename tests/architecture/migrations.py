"""Which changes of the models have no migration yet. `python -m tests.architecture.migrations` needs no database."""

import os
import sys

import django
from django.apps import apps
from django.core.management.commands.makemigrations import Command
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState


def missing() -> list[str]:
    """Name each change that `makemigrations` would write down, triggers included: pgtrigger has extended it."""
    loader = MigrationLoader(None)
    detector = Command.autodetector(loader.project_state(), ProjectState.from_apps(apps))
    changes = detector.changes(graph=loader.graph)
    return [
        f"{app}: {operation.describe()}"
        for app, migrations in changes.items()
        for migration in migrations
        for operation in migration.operations
    ]


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    django.setup()
    sys.exit("\n".join(["no migration yet for", *found]) if (found := missing()) else 0)
