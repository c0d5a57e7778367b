"""The clockwork of RFC 3261: the three base timers, and a set of named alarms that can be cleared at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timers:
    """Base timers in seconds (RFC 3261 17.1.1.1 and Appendix A)."""

    t1: float = 0.5  # estimate of the round trip
    t2: float = 4.0  # longest interval between two copies of a non-INVITE request or an INVITE response
    t4: float = 5.0  # longest time a message stays in the network

    @property
    def patience(self) -> float:
        """64*T1: timers B, F, H, J, L, M, and D over UDP (32 s when T1 is 500 ms)."""
        return 64 * self.t1


class Alarms:
    """Named one-shot timers of one transaction or call; starting a name again replaces it."""

    __slots__ = ("_running",)

    def __init__(self) -> None:
        self._running: dict[str, asyncio.TimerHandle] = {}

    def start(self, name: str, delay: float, action: Callable[..., None], *args: object) -> None:
        """Call `action(*args)` after `delay` seconds unless stopped before."""
        self.stop(name)
        self._running[name] = asyncio.get_running_loop().call_later(delay, self._ring, name, action, args)

    def stop(self, name: str) -> None:
        if handle := self._running.pop(name, None):
            handle.cancel()

    def clear(self) -> None:
        for handle in self._running.values():
            handle.cancel()
        self._running.clear()

    def __len__(self) -> int:
        return len(self._running)

    def _ring(self, name: str, action: Callable[..., None], args: tuple[object, ...]) -> None:
        self._running.pop(name, None)
        action(*args)
