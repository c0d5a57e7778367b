"""Arithmetic in a process of its own: in the one that paces packets it would look like the carrier's jitter."""

import asyncio
import multiprocessing
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from typing import TypeVar

from testing_lab.findings import OurTrouble
from testing_lab.media.way import step_back

T = TypeVar("T")


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
    return ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"), initializer=step_back)
