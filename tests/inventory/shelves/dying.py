"""Workers that die before their n-th SQL statement (SIGKILL), for each n until one survives.

`python -m tests.inventory.shelves.dying` reads lines "<n> <act>"; for each it forks a worker that does the act, and
writes down what signal ended it: 0 if the worker came to its end.
"""

import os
import signal
import sys
import traceback
from collections.abc import Callable
from datetime import date
from typing import Any

import django


def _before(statement: int) -> Callable[..., Any]:
    """An execute wrapper that lets so many statements through, less one."""
    seen = 0

    def wrapper(execute: Callable[..., Any], *args: Any) -> Any:
        nonlocal seen
        seen += 1
        if seen == statement:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(*args)

    return wrapper


def _act(name: str) -> None:
    from inventory.models import RestockProposal
    from inventory.shelves import carrying_out, nights

    if name == "night":
        nights.run(date(2026, 6, 30))
        return
    carrying_out.BATCH = 2
    carrying_out.carry_out(RestockProposal.objects.get(status="approved").pk)


def live_and_die(line: str) -> int:
    """Fork a worker; returns the signal that ended it, 0 if it reached the end of its work."""
    from django.db import connection

    statement, name = line.split()
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    failed = 1
    try:
        with connection.execute_wrapper(_before(int(statement))):
            _act(name)
        failed = 0
    finally:
        traceback.print_exc()
        os._exit(failed)


if __name__ == "__main__":
    django.setup()
    import inventory.providers.sandbox
    import inventory.shelves.carrying_out
    import inventory.shelves.nights  # noqa: F401 - once, and not in each worker

    for request in sys.stdin:
        print(live_and_die(request), flush=True)  # noqa: T201 - our answer
