"""Memory of the web server's processes, after they have served requests of every kind."""

import os
from typing import NamedTuple

from bench.client import Job, load
from bench.measures import web
from bench.measures.customers import Customer
from bench.measures.questions import Asker
from bench.measures.searching import CLIENTS, prepare_requests

DIFFERENT = 2_000


class Result(NamedTuple):
    """The web server's processes before and after `requests` searches, `rate` a second."""

    requests: int
    rate: float
    before: list[web.Memory]
    after: list[web.Memory]


def measure(count: int, asker: Asker, customers: list[Customer]) -> Result:
    """Send `count` requests, of every kind of search mixed, each client its share."""
    before = web.memory()
    requests = prepare_requests(asker, customers, min(count, DIFFERENT))
    repeated = [requests[index % len(requests)] for index in range(count)]
    timings = load(Job(os.environ["NUMBERYARD_URL"], repeated, CLIENTS, shared=True, seconds=3_600))
    return Result(count, timings.rate, before, web.memory())
