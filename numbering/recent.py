"""A small cache in the process for reference data that changes rarely and may be a few seconds old."""

import time
from collections.abc import Callable, Hashable
from typing import Any, ClassVar, Generic, TypeVar

Value = TypeVar("Value")


class Recent(Generic[Value]):
    """`recent(key)` is `read(key)`, at most `seconds` old. Safe between threads: at worst two read at once."""

    every: ClassVar["list[Recent[Any]]"] = []

    def __init__(self, read: Callable[..., Value], *, seconds: float, limit: int = 1_000) -> None:
        self._read, self._seconds, self._limit = read, seconds, limit
        self._held: dict[Hashable, tuple[float, Value]] = {}
        self.every.append(self)

    def __call__(self, *key: Hashable) -> Value:
        held = self._held.get(key)
        if held is None or time.monotonic() - held[0] > self._seconds:
            return self._renewed(*key)
        return held[1]

    def fresh(self, *key: Hashable) -> Value:
        """Read it now, and remember it."""
        return self._renewed(*key)

    def _renewed(self, *key: Hashable) -> Value:
        value = self._read(*key)
        if len(self._held) >= self._limit:
            self._held.clear()
        self._held[key] = (time.monotonic(), value)
        return value

    def forget(self) -> None:
        """Read everything anew from now on."""
        self._held.clear()


def forget_everything() -> None:
    """As in a process that has just started: the tests begin so."""
    for memory in Recent.every:
        memory.forget()
