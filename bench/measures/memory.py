"""Memory of the web server's processes, after they have served requests of every kind."""

import os
from pathlib import Path
from typing import NamedTuple

from bench.client import Job, load
from bench.measures.customers import Customer
from bench.measures.questions import Asker
from bench.measures.searching import prepare_requests

CLIENTS = 8
DIFFERENT = 2_000


class Memory(NamedTuple):
    """MiB of one process: resident, and its proportional share (pages that processes share are counted once)."""

    name: str
    resident: float
    proportional: float


class Result(NamedTuple):
    """The web server's processes before and after `requests` searches, `rate` a second."""

    requests: int
    rate: float
    before: list[Memory]
    after: list[Memory]


def measure(count: int, asker: Asker, customers: list[Customer]) -> Result:
    """Send `count` requests, of every kind of search mixed, each client its share."""
    leader = int(os.environ["BENCH_WEB_PID"])
    before = _of_group(leader)
    requests = prepare_requests(asker, customers, min(count, DIFFERENT))
    repeated = [requests[index % len(requests)] for index in range(count)]
    timings = load(Job(os.environ["NUMBERYARD_URL"], repeated, CLIENTS, shared=True, seconds=3_600))
    return Result(count, timings.rate, before, _of_group(leader))


def _of_group(leader: int) -> list[Memory]:
    """The manager first, then its workers."""
    pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    return [_of(pid, leader) for pid in sorted(pids) if _group(pid) == leader]


def _of(pid: int, leader: int) -> Memory:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    sizes = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in lines}
    return Memory("manager" if pid == leader else "worker", sizes["Rss"], sizes["Pss"])


def _group(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return 0
