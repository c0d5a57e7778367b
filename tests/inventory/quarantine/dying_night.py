"""A night that is killed (SIGKILL) at a step: `python -m tests.inventory.quarantine.dying_night STEP NTH DAY SIZE`.

STEP is "<module>:<name>", a function; it dies when that has returned for the NTH time. With NTH 0 it lives.
"""

import importlib
import os
import signal
import sys
from datetime import date
from typing import Any

import django


def arm(step: str, nth: int) -> None:
    """Put the failpoint around the function."""
    module, _, name = step.partition(":")
    owner = importlib.import_module(module)
    original, calls = getattr(owner, name), list[int]()

    def dying(*args: Any, **kwargs: Any) -> Any:
        found = original(*args, **kwargs)
        calls.append(1)
        if len(calls) == nth:
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    setattr(owner, name, dying)


if __name__ == "__main__":
    django.setup()
    from inventory.quarantine.nights.stretches import run

    arm(sys.argv[1], int(sys.argv[2]))
    run(date.fromisoformat(sys.argv[3]), size=int(sys.argv[4]))
