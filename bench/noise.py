"""How quiet the machine is: the same millisecond of work over and over; what it takes longer is not ours."""

import os
import time
from typing import NamedTuple

SECONDS = 2.0
SPIN = 0.001


class Noise(NamedTuple):
    """Milliseconds that a millisecond of work took, at best half and 99 of a hundred times, and the load average."""

    p50: float
    p99: float
    load: float


def listen() -> Noise:
    """Work for a while and look at the clock."""
    took = []
    until = time.perf_counter() + SECONDS
    while (began := time.perf_counter()) < until:
        spent = time.process_time()
        while time.process_time() - spent < SPIN:
            pass
        took.append((time.perf_counter() - began) * 1_000)
    took.sort()
    return Noise(took[len(took) // 2], took[len(took) * 99 // 100], os.getloadavg()[0])
