"""`manage.py labd`: the lab daemon, in the foreground, until SIGTERM or SIGINT."""

import asyncio
import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from testing_lab.daemon import Daemon
from testing_lab.sole_use import InUse


class Command(BaseCommand):
    help = "Run the testing lab: claim due suite runs, make the calls and messages, record the verdicts."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", help="of this daemon in claims and logs (default: host and process)")

    def handle(self, *_args: Any, name: str | None = None, **_options: Any) -> None:
        try:
            asyncio.run(_run(name))
        except InUse as error:
            raise CommandError(str(error)) from None


async def _run(name: str | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await Daemon(name).run(stop)
