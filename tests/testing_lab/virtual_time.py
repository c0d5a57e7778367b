"""An event loop whose clock leaps from one event to the next: hours in a second. For what asks no network."""

import asyncio
import selectors
from typing import Any


class VirtualTime(asyncio.SelectorEventLoop):
    """Use: `with asyncio.Runner(loop_factory=VirtualTime) as runner: runner.run(...)`; `time()` begins at 0."""

    def __init__(self) -> None:
        self._now_s = 0.0
        super().__init__(_Hurried(self))

    def time(self) -> float:
        """Seconds since the loop was made."""
        return self._now_s

    def leap(self, seconds: float) -> None:
        """Nothing happens for so long."""
        self._now_s += seconds


class _Hurried(selectors.DefaultSelector):
    def __init__(self, loop: VirtualTime) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> Any:
        if timeout:
            self._loop.leap(timeout)
        return super().select(0)
