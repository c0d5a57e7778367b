"""A clock that stands still while anything happens: the timers of RFC 3261, all 32 seconds of them, in no time."""

from __future__ import annotations

import asyncio
import selectors

_Events = list[tuple[selectors.SelectorKey, int]]

IN_FLIGHT_S = 0.02
"""Real seconds for a datagram that the kernel has not handed over yet. On the loopback it is there when `sendto`
returns, unless the kernel puts its network work off to a thread of its own."""


class StillLoop(asyncio.SelectorEventLoop):
    """An event loop over real sockets whose time is not that of the world.

    Whenever nobody has anything to do or to read, its clock jumps to the next timer. A timer therefore never fires
    because the machine is slow, and every interval that is measured with `time()` is exact. Only for parties that all
    live in this loop: another process would find that an hour passes while it thinks.
    """

    def __init__(self) -> None:
        self._now = 0.0
        super().__init__(_Jumping(self))

    def time(self) -> float:
        return self._now

    def jump(self, seconds: float) -> None:
        self._now += seconds


class _Jumping(selectors.DefaultSelector):
    """Says that nothing came, and that the time is over, as soon as nothing can come any more."""

    def __init__(self, loop: StillLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> _Events:
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        events = super().select(IN_FLIGHT_S)
        if not events:
            self._loop.jump(timeout)
        return events
