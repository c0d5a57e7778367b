"""Workers that die: each buys three numbers, gives one back, and is killed (SIGKILL) at a given step of that.

`python -m tests.inventory.dying` reads steps, one a line; for each it forks a worker, and writes down what signal ended
it. It starts once, since most of a worker's life is spent importing. A step is a place in our code,
"<module>:<name> before|after", or the n-th time that the worker reaches out of its process, "crossing <n>".
"""

import importlib
import os
import signal
import sys
import time
import traceback
from typing import Any

import django
import httpx


def die() -> None:
    """As the kernel's out-of-memory killer does it: nothing is cleaned up."""
    os.kill(os.getpid(), signal.SIGKILL)


def arm(step: str) -> None:
    """Put the failpoint where the step says."""
    what, which = step.split()
    if what == "crossing":
        die_before_crossing(int(which))
    else:
        die_around(what, which)


def die_before_crossing(last: int) -> None:
    """Die before the `last` statement, commit or request.

    Nothing outside changes but by one of these: to die anywhere after one is to die before the next.
    """
    from django.db import connection

    crossings = 0

    def counted(act: Any) -> Any:
        def crossing(*args: Any, **kwargs: Any) -> Any:
            nonlocal crossings
            crossings += 1
            if crossings == last:
                die()
            return act(*args, **kwargs)

        return crossing

    connection.execute_wrappers.append(counted(lambda execute, *statement: execute(*statement)))
    connection._commit = counted(connection._commit)  # type: ignore[attr-defined]  # what atomic() calls
    httpx.Client.send = counted(httpx.Client.send)  # type: ignore[method-assign]  # every request of ours to a provider


def die_around(path: str, moment: str) -> None:
    """Die before or after one function or method."""
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
    provider_releases.retire(PhoneNumber.objects.live().earliest("pk").pk, actor="user:staff", reason="too many")
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
