"""`python -m tests.testing_lab.short_labd NAME`: a lab daemon, but for the call that is held for 50 seconds."""

import logging
import sys
from unittest.mock import patch

import django
from django.core.management import call_command


def main(name: str) -> None:
    django.setup()
    logging.basicConfig(level=logging.INFO, force=True)
    from testing_lab import suite_runner
    from testing_lab.exchanges.long_call import LongCall
    from testing_lab.registry import all_tests

    short = tuple(test for test in all_tests() if LongCall not in test.exchanges)
    with patch.object(suite_runner, "all_tests", lambda: short):
        call_command("labd", name=name)


if __name__ == "__main__":
    main(sys.argv[1])
