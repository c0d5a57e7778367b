"""Arithmetic in a process of its own: in the one that paces packets it would look like the carrier's jitter."""

import asyncio
import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from typing import TypeVar

from testing_lab.findings import OurTrouble
from testing_lab.media.way import step_back

T = TypeVar("T")

ONE_CORE_NO_PAGE_FAULTS = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(32 << 20),
}
"""Read by the libraries of a process when it starts. BLAS would spin on every core for products that are too small for
it, and glibc would give each array back to the kernel and fault it in again: together two thirds of all CPU time here.
"""


class Calculator:
    """One process at low priority; a new one is started when it dies (the kernel's out-of-memory killer does that)."""

    def __init__(self) -> None:
        self._pool = _pool()

    async def run(self, function: Callable[..., T], *args: object) -> T:
        """The function's result. Raises OurTrouble when the process died meanwhile."""
        pool = self._pool
        try:
            return await asyncio.get_running_loop().run_in_executor(pool, function, *args)
        except BrokenExecutor as error:
            if self._pool is pool:
                self._pool = _pool()
            raise OurTrouble("the calculating process died") from error

    def close(self) -> None:
        """End the process; what it has not begun is dropped."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _pool() -> ProcessPoolExecutor:
    for name, value in ONE_CORE_NO_PAGE_FAULTS.items():
        os.environ.setdefault(name, value)  # inherited by the process, which starts with the first task
    return ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"), initializer=step_back)
