"""`python -m bench.lab.labd NAME`: the lab daemon as it is, but that it begins with as many numbers as it may have."""

import os
import sys

import django
from django.core.management import call_command

if __name__ == "__main__":
    django.setup()
    from testing_lab.pace import Pace

    Pace.FIRST = int(os.environ["LAB_CONCURRENCY"])
    call_command("labd", name=sys.argv[1])
