"""Workers that die: each buys three numbers, gives one back, and is killed (SIGKILL) at a given step of that.

`python -m tests.inventory.dying` reads steps, "<module>:<name> before|after", one a line; for each it forks a worker,
and writes down what signal ended it. It starts once, since most of a worker's life is spent importing.
"""

import importlib
import os
import signal
import sys
import time
import traceback
from typing import Any

import django


def die() -> None:
    """As the kernel's out-of-memory killer does it: nothing is cleaned up."""
    os.kill(os.getpid(), signal.SIGKILL)


def arm(step: str) -> None:
    """Put the failpoint around one function or method."""
    path, moment = step.split()
    module, _, dotted = path.partition(":")
    owner: Any = importlib.import_module(module)
    *parents, name = dotted.split(".")
    for parent in parents:
        owner = getattr(owner, parent)
    original = getattr(owner, name)

    def dying(*args: Any, **kwargs: Any) -> Any:
        if moment == "before":
            die()
        original(*args, **kwargs)
        die()

    setattr(owner, name, dying)


def work() -> None:
    """The life of an order and of a release, from the first line to the last."""
    from django.utils import timezone

    from inventory.models import PhoneNumber, ProviderOrder, ProviderRelease
    from inventory.services import provider_releases, settling, sourcing
    from numbering.types import NumberType

    sourcing.ask(country="US", number_type=NumberType.LOCAL, quantity=3)
    while ProviderOrder.objects.filter(next_attempt_at__isnull=False).update(next_attempt_at=timezone.now()):
        settling.settle_due(limit=10)
        time.sleep(0.05)
    provider_releases.retire(PhoneNumber.objects.earliest("pk").pk, actor="user:staff", reason="too many")
    while ProviderRelease.objects.filter(next_attempt_at__isnull=False).update(next_attempt_at=timezone.now()):
        provider_releases.settle_due(limit=10)
        time.sleep(0.05)


def live_and_die(step: str) -> int:
    """Fork a worker; returns the signal that ended it, 0 if it reached the end of its work."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        arm(step)
        work()
    finally:
        traceback.print_exc()
        os._exit(0)


if __name__ == "__main__":
    django.setup()
    for module in ("config.celery", "inventory.services.sourcing", "inventory.providers.sandbox"):
        importlib.import_module(module)
    for line in sys.stdin:
        print(live_and_die(line.strip()), flush=True)  # noqa: T201 - our answer
