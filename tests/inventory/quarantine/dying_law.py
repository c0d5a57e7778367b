"""A change of the law that is killed (SIGKILL) at a step: `python -m tests.inventory.quarantine.dying_law STEP NTH
COUNTRY SIZE`. STEP and NTH as in `dying_night`."""

import sys

import django

from tests.inventory.quarantine.dying_night import arm

if __name__ == "__main__":
    django.setup()
    from inventory.quarantine import law_changes

    arm(sys.argv[1], int(sys.argv[2]))
    law_changes.apply(sys.argv[3], actor="user:ann", reason="the new rule", size=int(sys.argv[4]))
