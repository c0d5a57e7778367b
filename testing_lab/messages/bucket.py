"""Messages per second as the carrier allows them: a token bucket in front of the link."""

import asyncio
import time
from collections.abc import Awaitable, Callable

Turn = Callable[[], Awaitable[None]]
"""Waits until the next message may be sent."""


class TokenBucket:
    """Lets `rate` per second through on average and `burst` at once; waiters are served in order of arrival."""

    def __init__(self, rate: float, burst: int = 1) -> None:
        if rate <= 0 or burst < 1:
            raise ValueError("a token bucket needs a positive rate and a burst of at least 1")
        self._interval_s = 1 / rate
        self._slack_s = (burst - 1) * self._interval_s
        self._next: float | None = None

    async def take(self) -> None:
        """Wait for one token."""
        if (wait_s := self.book(time.monotonic())) > 0:
            await asyncio.sleep(wait_s)

    def book(self, now: float) -> float:
        """Take the next token; how many seconds from `now` (of a monotonic clock) it is due.

        It is taken before it is waited for, so that the next waiter queues behind this one.
        """
        earliest = now - self._slack_s
        due = earliest if self._next is None else max(self._next, earliest)
        self._next = due + self._interval_s
        return max(0.0, due - now)
