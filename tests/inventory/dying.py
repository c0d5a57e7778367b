"""A worker that dies: buys three numbers, gives one back, and is killed (SIGKILL) at a given step of that.

Run as a process of its own: `python -m tests.inventory.dying "<module>:<name> before|after"`.
"""

import importlib
import os
import signal
import sys
import time
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
    from inventory.models import PhoneNumber, ProviderOrder, ProviderRelease
    from inventory.services import provider_releases, settling, sourcing
    from numbering.types import NumberType

    sourcing.ask(country="US", number_type=NumberType.LOCAL, quantity=3)
    while ProviderOrder.objects.filter(next_attempt_at__isnull=False).exists():
        settling.settle_due(limit=10)
        time.sleep(0.05)
    provider_releases.retire(PhoneNumber.objects.earliest("pk").pk, actor="user:staff", reason="too many")
    while ProviderRelease.objects.filter(next_attempt_at__isnull=False).exists():
        provider_releases.settle_due(limit=10)
        time.sleep(0.05)


if __name__ == "__main__":
    django.setup()
    arm(sys.argv[1])
    work()
