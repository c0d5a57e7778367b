"""Messages per second as the carrier allows them: a token bucket in front of the link."""

import asyncio
import time


class TokenBucket:
    """Lets `rate` per second through on average and `burst` at once; waiters are served in order of arrival."""

    def __init__(self, rate: float, burst: int = 1) -> None:
        if rate <= 0 or burst < 1:
            raise ValueError("a token bucket needs a positive rate and a burst of at least 1")
        self._interval_s = 1 / rate
        self._slack_s = (burst - 1) * self._interval_s
        self._next = time.monotonic()

    async def take(self) -> None:
        """Wait for one token."""
        now = time.monotonic()
        self._next = max(self._next, now - self._slack_s)
        wait_s = self._next - now
        self._next += self._interval_s  # before the wait: the next waiter queues behind us
        if wait_s > 0:
            await asyncio.sleep(wait_s)
