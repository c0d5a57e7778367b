"""Waiting for one's turn on a trunk: for a call, and for a message."""

import asyncio
import contextlib
import math
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from random import uniform
from typing import Protocol

from testing_lab.asking import P, T, ask
from testing_lab.findings import OurTrouble
from testing_lab.messages.bucket import TokenBucket
from testing_lab.models import Trunk
from testing_lab.trunks import seats

LONGEST_WAIT_S = 40.0  # the long call, which lies beneath the others, is up for less than a minute
LOOK_S = 0.5  # at least so often one that waits looks whether it may go on
AHEAD_S = 0.75  # how long before its time a moment is given: none that comes between two looks goes by unused


@dataclass(slots=True, eq=False)
class Leave:
    """To have one call up: a seat, which is given back with `give_back`, and at `begin` a moment to set the call up.

    `is_urgent`: others wait meanwhile for more than the trunk, so that it gets the very next moment.
    """

    give_back: Callable[[], None]
    wait_for_moment: Callable[[bool], Awaitable[None]]
    is_urgent: bool = False
    is_used: bool = False

    async def begin(self) -> None:
        """Wait for the moment. Raises OurTrouble."""
        await self.wait_for_moment(self.is_urgent)


class Limits(Protocol):
    """What a trunk's owner allows."""

    async def take(self) -> Leave:
        """Wait for a seat; give it back as soon as the call is over. Raises OurTrouble."""


class OwnLimits:
    """Of a trunk that nobody shares with us."""

    def __init__(self, calls_per_second: float, most_calls: int = 1000) -> None:
        self._bucket, self._seats = TokenBucket(calls_per_second), asyncio.Semaphore(most_calls)

    async def take(self) -> Leave:
        """Wait for a seat."""
        await self._seats.acquire()
        return Leave(self._seats.release, lambda _: self._bucket.take())


class SharedLimits:
    """Of a trunk that other daemons use too. One of ours asks at a time: so daemons take turns, however many wait.

    `held`: where the daemon keeps the seats that its calls have.
    """

    def __init__(self, trunk: int, daemon: str, stop: asyncio.Event, held: set[int]) -> None:
        self._trunk, self._daemon, self._stop, self._held = trunk, daemon, stop, held
        self._turn, self._next, self._freed = asyncio.Lock(), asyncio.Lock(), asyncio.Event()
        self._due = _Moments()
        self._leaving: set[asyncio.Task[None]] = set()

    async def take(self) -> Leave:
        """Wait for a seat; for it and the moment together LONGEST_WAIT_S at most, since calls of one suite that must
        lie side by side would miss one another. Raises OurTrouble."""
        seat: int | None = None
        latest = time.monotonic() + LONGEST_WAIT_S
        try:
            async with self._turn:
                seat, is_taken = await self._ask(None)
                while not is_taken:
                    _give_up_after(latest)
                    await self._pause()
                    seat, is_taken = await self._ask(seat)
        except BaseException:
            self._leave(seat)
            raise
        self._held.add(seat)
        return Leave(lambda: self._leave(seat), partial(self._wait_for_moment, latest))

    async def _wait_for_moment(self, latest: float, is_urgent: bool) -> None:
        """Book a moment as late as may be, so that the next one is never far, and the urgent ones need not queue."""
        if is_urgent:
            wait_s = await self._book(LONGEST_WAIT_S)
            if wait_s == math.inf:
                raise _no_room()
        else:
            async with self._next:
                while (wait_s := await self._book(AHEAD_S)) == math.inf:
                    _give_up_after(latest)
                    await asyncio.sleep(uniform(0, LOOK_S))  # noqa: S311 - else one daemon might always come too late
        await self._due.use(wait_s, is_urgent=is_urgent)

    async def _book(self, within_s: float) -> float:
        return await self._answer(seats.book_call, self._trunk, within_s)

    async def _ask(self, seat: int | None) -> tuple[int, bool]:
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
            self._held.discard(seat)
            task = asyncio.create_task(self._give_back(seat))
            self._leaving.add(task)
            task.add_done_callback(self._leaving.discard)

    async def _give_back(self, seat: int) -> None:
        await ask(self._stop, seats.leave, seat)
        self._freed.set()


class _Moments:
    """Those that were booked, and the calls that wait for them: at each, the one that may wait the least is let go."""

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def use(self, wait_s: float, *, is_urgent: bool) -> None:
        """Bring in a moment that is due in `wait_s` seconds; return at one. If we break off, it is another call's."""
        loop = asyncio.get_running_loop()
        ours = loop.create_future()
        (self._waiting.appendleft if is_urgent else self._waiting.append)(ours)
        loop.call_later(wait_s, self._let_one_go)
        await ours

    def _let_one_go(self) -> None:
        while self._waiting:
            call = self._waiting.popleft()
            if not call.done():
                call.set_result(None)
                return


def _give_up_after(latest: float) -> None:
    if time.monotonic() >= latest:
        raise _no_room()


def _no_room() -> OurTrouble:
    return OurTrouble(f"no call may begin on the trunk for {LONGEST_WAIT_S:.0f} s: it has no room for more")
