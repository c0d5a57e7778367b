"""One round for all that listen in an event loop: each reads every 100 ms what has come meanwhile.

Five packets at a time cost half of what they cost one by one, each with a wake-up of its own. They must be stamped by
the kernel, or their delay would be ours. Linux does the same with a network card: an interrupt for the first packet,
and rounds until one finds nothing (NAPI). The listeners are in slots, as the streams of the pacer are.
"""

import asyncio
from typing import Protocol
from weakref import WeakKeyDictionary

ROUND_S = 0.1
SLOTS = 4


class Listener(Protocol):
    """What reads when it has its turn."""

    def read(self) -> None:
        """Take what has come."""


class Rounds:
    """Goes from one listener of an event loop to the next; it sleeps when there is none."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._slots: list[list[Listener]] = [[] for _ in range(SLOTS)]
        self._turn = 0
        self._wake: asyncio.Handle | None = None

    def join(self, listener: Listener) -> None:
        """Let it read from now on."""
        min(self._slots, key=len).append(listener)
        if self._wake is None:
            self._wake = self._loop.call_soon(self._read)

    def leave(self, listener: Listener) -> None:
        """It reads no more; nothing happens if it never did."""
        for slot in self._slots:
            if listener in slot:
                slot.remove(listener)

    def _read(self) -> None:
        listeners, self._turn = self._slots[self._turn], (self._turn + 1) % SLOTS
        # Before they read: one that fails must not end the rounds of all others.
        self._wake = self._loop.call_later(ROUND_S / SLOTS, self._read) if any(self._slots) else None
        for listener in tuple(listeners):  # who finds nothing leaves
            listener.read()


_rounds: WeakKeyDictionary[asyncio.AbstractEventLoop, Rounds] = WeakKeyDictionary()


def rounds() -> Rounds:
    """Those of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _rounds:
        _rounds[loop] = Rounds(loop)
    return _rounds[loop]
