"""`manage.py lint_regulations [FILES]`: what is wrong with country files, by file, line and place."""

from collections.abc import Sized
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from compliance.rulebook.country_files import COUNTRY_FILES, paths_of
from compliance.rulebook.linter import lint_file, strangers


class Command(BaseCommand):
    help = "Check country files; without names, all of compliance/data/regulations. Needs no database."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="*", type=Path, metavar="FILE")

    def handle(self, *args: Any, files: list[Path], **options: Any) -> None:
        paths = files or paths_of(COUNTRY_FILES)
        try:
            findings = strangers(paths) + [finding for path in paths for finding in lint_file(path).findings]
        except OSError as error:
            raise CommandError(str(error)) from None
        for finding in findings:
            self.stdout.write(str(finding))
        if findings:
            raise CommandError(f"{_counted(findings, 'finding')} in {_counted(paths, 'country file')}", returncode=1)
        self.stdout.write(f"{_counted(paths, 'country file')}: nothing is wrong")


def _counted(things: Sized, name: str) -> str:
    return f"{len(things)} {name}{'' if len(things) == 1 else 's'}"
