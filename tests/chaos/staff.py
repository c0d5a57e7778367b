"""A member of staff who gives numbers back to their providers, one a second, and prints each that is done.

Run it in the environment of a stack; it goes on until killed.
"""

import random
import sys
import time

import django
from django.db import DatabaseError, close_old_connections

PAUSE_S = 1.0


def main() -> None:
    """Retire what failed its tests, or is on sale, at random."""
    from inventory.lifecycle import IllegalMove, State  # not before Django is set up
    from inventory.models import PhoneNumber
    from inventory.services.provider_releases import retire

    while True:
        time.sleep(PAUSE_S)
        close_old_connections()
        try:
            ripe = PhoneNumber.objects.filter(state__in=(State.FAILED, State.AVAILABLE)).exclude(country="US")
            if numbers := list(ripe.values_list("pk", flat=True)):
                sys.stdout.write(f"{retire(random.choice(numbers), actor='user:staff', reason='chaos')}\n")
                sys.stdout.flush()
        except (DatabaseError, IllegalMove):
            continue  # ask again: nothing was said to have been done


if __name__ == "__main__":
    django.setup()
    main()
