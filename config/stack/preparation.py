"""Bring the database from any state to one that serves: each step may be repeated."""

import os
from collections.abc import Mapping
from pathlib import Path

import django
from django.core.management import call_command

from config.stack import progress
from config.stack.processes import ROOT


def run(surroundings: Mapping[str, str], credentials: Path) -> None:
    """Migrate, collect static files, load reference data, and write the demo credentials; in one process, for speed."""
    os.chdir(ROOT)
    os.environ.update(surroundings)
    django.setup()
    with progress.step("Migrating the database"):
        call_command("migrate", verbosity=0)
    with progress.step("Collecting static files"):
        call_command("collectstatic", interactive=False, verbosity=0)
    with progress.step("Loading reference data, opening demo accounts"):
        call_command("roles", verbosity=0)
        call_command("load_limits", verbosity=0)
        call_command("demo", credentials=credentials)
    if numbers := surroundings.get("NUMBERS"):
        with progress.step(f"Making a large stock, NUMBERS={numbers}"):
            call_command("demo_stock", "--numbers", numbers)
