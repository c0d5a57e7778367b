"""Ingests that die: each reads the catalogue of the provider `shop`, and is killed (SIGKILL) at a given step of that.

`python -m tests.inventory.catalogue.dying` reads lines, "<address of the shop> <step as in tests.inventory.dying>"; for
each it forks an ingest, tells its process id, and then what signal ended it. The step "-" kills nobody.
"""

import os
import sys
import traceback

import django


def live_and_die(address: str, step: str) -> int:
    """Fork an ingest; returns the signal that ended it, 0 if it reached its end."""
    child = os.fork()
    if child:
        print(child, flush=True)  # noqa: T201 - our answer
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        from django.conf import settings

        from inventory.catalogue import ingest
        from inventory.models import Provider
        from tests.inventory.dying import arm

        ingest.BATCH = 20
        settings.SANDBOX_URL = address
        if step != "-":
            arm(step)
        ingest.ingest(Provider.objects.get(slug="shop"))
    finally:
        traceback.print_exc()
        os._exit(0)


if __name__ == "__main__":
    django.setup()
    for line in sys.stdin:
        print(live_and_die(*line.strip().split(" ", 1)), flush=True)  # noqa: T201 - our answer
