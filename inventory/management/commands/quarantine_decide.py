"""`manage.py quarantine_decide`: decide on the numbers of a file, with a model fitted to finished quarantines."""

from pathlib import Path
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.command_line import counted, day
from inventory import json_lines
from inventory.json_lines import BadLine
from inventory.quarantine import decide
from inventory.quarantine.calibration import fit
from inventory.quarantine.fields import BadRecord
from inventory.quarantine.model import DEFAULT, Model


class Command(BaseCommand):
    help = (
        "Decide on every number of a file as the nightly quarantine engine does, from files alone; see "
        "docs/quarantine.md. All files are JSON lines, packed if they end in .gz. Days without an event count as "
        "observed, unless the events tell of days on which nothing came ('observed': true, no contacts): then days "
        "that they don't tell of were not observed. Without any event nobody listened."
    )
    requires_system_checks = ()  # no database, and a mistake in a file is told at once

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--numbers", type=Path, required=True, help="the numbers in quarantine")
        parser.add_argument("--events", type=Path, required=True, help="their daily contacts, or traffic events")
        parser.add_argument("--as-of", type=day, required=True, metavar="DAY", help="days before it count")
        parser.add_argument("--out", type=Path, required=True, help="one decision a line; - for standard output")
        parser.add_argument("--train-numbers", type=Path, help="finished quarantines, at least 1,000")
        parser.add_argument("--train-events", type=Path, help="their events")
        parser.add_argument("--model", type=Path, help="a model of --save-model, instead of training")
        parser.add_argument("--save-model", type=Path, help="write the model, as JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            model = _model(options)
            decided = decide(
                options["as_of"], json_lines.read(options["numbers"]), json_lines.read(options["events"]), model=model
            )
            if options["save_model"]:
                json_lines.write(options["save_model"], [model.as_json().encode()])
            json_lines.write(options["out"], [orjson.dumps(each) for each in decided])
        except (BadLine, BadRecord) as error:
            raise CommandError(f"nothing was written: {error}") from error
        except OSError as error:
            raise CommandError(f"{error.filename or 'reading or writing'}: {error.strerror or error}") from error
        self.stderr.write(f"{counted(len(decided), 'decision')} with the model {model.version}")


def _model(options: dict[str, Any]) -> Model:
    if options["model"]:
        try:
            return Model.from_json(options["model"].read_text(encoding="utf-8"))
        except (KeyError, TypeError, ValueError) as error:
            raise CommandError(f"{options['model']}: not a model of --save-model") from error
    numbers, events = options["train_numbers"], options["train_events"]
    if (numbers is None) != (events is None):
        raise CommandError("--train-numbers and --train-events go together")
    return fit(json_lines.read(numbers), json_lines.read(events)) if numbers else DEFAULT
