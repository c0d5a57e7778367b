"""How quiet the machine is: the same millisecond of work over and over, on every core; what it takes longer is not
ours."""

import multiprocessing
import os
import time
from typing import NamedTuple

SECONDS = 2.0
SPIN = 0.001


class Noise(NamedTuple):
    """Milliseconds that a millisecond of work took, half and 99 of a hundred times; which share of the time that busy
    processes, one for each core, asked for they got; and the load average before."""

    p50: float
    p99: float
    share: float
    load: float


def listen() -> Noise:
    """Work for a while and look at the clock."""
    load = os.getloadavg()[0]
    cores = os.cpu_count() or 1
    with multiprocessing.get_context("fork").Pool(cores) as pool:
        heard = pool.map(_spin, range(cores), chunksize=1)
    took = sorted(milliseconds for spins in heard for milliseconds in spins)
    share = len(took) * SPIN / (cores * SECONDS)
    return Noise(took[len(took) // 2], took[len(took) * 99 // 100], min(share, 1.0), load)


def _spin(_core: int) -> list[float]:
    took = []
    until = time.perf_counter() + SECONDS
    while (began := time.perf_counter()) < until:
        spent = time.process_time()
        while time.process_time() - spent < SPIN:
            pass
        took.append((time.perf_counter() - began) * 1_000)
    return took
