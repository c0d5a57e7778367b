"""Waiting for one's turn on a trunk: for a call, and for a message."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from testing_lab.asking import P, T, ask
from testing_lab.findings import OurTrouble
from testing_lab.messages.bucket import TokenBucket
from testing_lab.models import Trunk
from testing_lab.trunks import seats

LONGEST_WAIT_S = 40.0  # the long call, which lies beneath the others, is up for less than a minute
LOOK_S = 0.5  # how often one that waits looks whether a seat is free
MOMENT_S = 0.25  # so long after its time a call may still begin; calls that wait longer would set off at once


@dataclass(slots=True, eq=False)
class Leave:
    """To have one call up: a seat, and a moment to begin at. The seat is given back with `give_back`."""

    give_back: Callable[[], None]
    another_moment: Callable[[], Awaitable[None]]
    due_at: float = field(default_factory=time.monotonic)
    is_used: bool = False

    async def begin(self) -> None:
        """Wait for another moment if the one that was given has passed. Raises OurTrouble."""
        if time.monotonic() > self.due_at + MOMENT_S:
            await self.another_moment()
            self.due_at = time.monotonic()


class Limits(Protocol):
    """What a trunk's owner allows."""

    async def take(self) -> Leave:
        """Wait until a call may be set up; give the seat back as soon as it is over. Raises OurTrouble."""


class OwnLimits:
    """Of a trunk that nobody shares with us."""

    def __init__(self, calls_per_second: float, most_calls: int = 1000) -> None:
        self._bucket, self._seats = TokenBucket(calls_per_second), asyncio.Semaphore(most_calls)

    async def take(self) -> Leave:
        """Wait for a seat, then for a token."""
        await self._seats.acquire()
        try:
            await self._bucket.take()
        except BaseException:
            self._seats.release()
            raise
        return Leave(self._seats.release, self._bucket.take)


class SharedLimits:
    """Of a trunk that other daemons use too. One of ours asks at a time: so daemons take turns, however many wait."""

    def __init__(self, trunk: int, daemon: str, stop: asyncio.Event) -> None:
        self._trunk, self._daemon, self._stop = trunk, daemon, stop
        self._turn, self._freed = asyncio.Lock(), asyncio.Event()
        self._leaving: set[asyncio.Task[None]] = set()

    async def take(self) -> Leave:
        """Wait for a seat, then for the time at which its call may begin; LONGEST_WAIT_S at most, since calls of one
        suite that must lie side by side would miss one another. Raises OurTrouble."""
        seat: int | None = None
        latest = time.monotonic() + LONGEST_WAIT_S
        try:
            async with self._turn:
                seat, wait_s = await self._ask(None)
                while wait_s is None and time.monotonic() < latest:
                    await self._pause()
                    seat, wait_s = await self._ask(seat)
            await _sleep_until_due(wait_s, latest)
        except BaseException:
            self._leave(seat)
            raise
        return Leave(lambda: self._leave(seat), self._another_moment)

    async def _another_moment(self) -> None:
        wait_s = await self._answer(seats.book_call, self._trunk)
        await _sleep_until_due(wait_s, time.monotonic() + LONGEST_WAIT_S)

    async def _ask(self, seat: int | None) -> tuple[int, float | None]:
        return await self._answer(seats.take, self._trunk, self._daemon, seat)

    async def _answer(self, question: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            answer = await ask(self._stop, question, *args, **kwargs)
        except Trunk.DoesNotExist:
            raise OurTrouble("the trunk is gone") from None
        if answer is None:
            raise OurTrouble("the daemon stops")
        return answer

    async def _pause(self) -> None:
        self._freed.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._freed.wait(), LOOK_S)

    def _leave(self, seat: int | None) -> None:
        if seat is not None:
            task = asyncio.create_task(self._give_back(seat))
            self._leaving.add(task)
            task.add_done_callback(self._leaving.discard)

    async def _give_back(self, seat: int) -> None:
        await ask(self._stop, seats.leave, seat)
        self._freed.set()


async def _sleep_until_due(wait_s: float | None, latest: float) -> None:
    if wait_s is None or time.monotonic() + wait_s > latest:
        raise OurTrouble(f"no call may begin on the trunk for {LONGEST_WAIT_S:.0f} s: it has no room for more")
    await asyncio.sleep(wait_s)
