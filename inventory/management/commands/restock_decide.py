"""`manage.py restock_decide`: the restock engine for files of JSON lines, so that it can be judged from outside."""

import argparse
from datetime import date
from pathlib import Path
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.command_line import counted, day
from inventory import json_lines
from inventory.json_lines import BadLine
from inventory.restock import BadRecord, propose
from inventory.restock.fields import described


class Command(BaseCommand):
    help = "Say how many numbers of each SKU to order, or to hand back. Reads and writes nothing but these files."
    requires_system_checks = ()  # no model and no setting has a part in it

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        kwargs |= {"epilog": described(), "formatter_class": argparse.RawDescriptionHelpFormatter}
        return super().create_parser(prog_name, subcommand, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--skus", type=Path, required=True, help="the SKUs, JSON lines")
        parser.add_argument("--demand", type=Path, help="demand events, JSON lines; later ones than --day don't count")
        parser.add_argument("--day", type=day, required=True, metavar="DAY", help="the day just closed, 2026-11-21")
        parser.add_argument(
            "--out", type=Path, required=True, help="where to write the proposals, JSON lines; - for standard output"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            records = _decide(options["day"], options["skus"], options["demand"])
            json_lines.write(options["out"], records)
        except OSError as error:
            raise CommandError(f"{error.filename or 'reading or writing'}: {error.strerror}") from error
        self.stderr.write(f"{counted(len(records), 'SKU')} decided")


def _decide(on: date, skus: Path, demand: Path | None) -> list[bytes]:
    """The proposals as lines. Raises CommandError, which names file, line and field."""
    try:
        proposals = propose(on, list(json_lines.read(skus)), list(json_lines.read(demand)) if demand else ())
    except BadLine as error:
        raise CommandError(f"{error}; nothing was written") from error
    except BadRecord as error:
        path = demand if error.kind == "demand event" else skus
        raise CommandError(f"{path}, line {error.index + 1}: {error}; nothing was written") from error
    return [orjson.dumps(each.record()) for each in proposals]
