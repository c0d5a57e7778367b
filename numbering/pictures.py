"""Answers that take long to read and may be some seconds old: all processes have them together, and a worker renews
them before anybody has to wait for one.

With `Recent` alone the first visitor of each process, after each pause, waits until millions are counted.
"""

import inspect
import time
from collections.abc import Callable, Hashable, Iterable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, NamedTuple

import structlog
from django.core.cache import cache
from redis import RedisError

from numbering.recent import Recent, Value

log = structlog.get_logger(__name__)
#: Reading takes the worker this share of its time at most, however large the stock: what takes long is read seldom.
SHARE = 1 / 30
#: How many times older a page may find it. Where no worker renews it, the page then reads for itself.
PATIENCE = 3
#: For so many seconds a process need not ask for what the others have.
LOCAL = 1.0
#: For so many seconds no other worker reads it too: as long as a task may take (`config.queues`). What could not be
#: read is tried again no sooner.
LEASE = 150
#: What unpickling raises where a class has gone, or takes other arguments now.
UNREADABLE = (UnpicklingError, AttributeError, ImportError, TypeError, ValueError)


class Painted(NamedTuple):
    """What all processes have: when it was read (seconds since 1970), and how many seconds that took."""

    at: float
    took: float
    value: Any


class Picture(Recent[Value]):
    """`picture(key)` is `read(key)`, about `seconds` old; older where reading takes longer than `SHARE` of that.

    `name` tells it from all others. The worker renews what `keys` lists: tuples of arguments. Another release, whose
    module of `read` is another, has pictures of its own: what it has kept would fit the classes of ours by chance.
    """

    def __init__(
        self,
        name: str,
        read: Callable[..., Value],
        *,
        seconds: float,
        keys: Callable[[], Iterable[tuple[Hashable, ...]]] = lambda: [()],
    ) -> None:
        super().__init__(self._look, seconds=min(LOCAL, seconds))
        self._known: set[tuple[Hashable, ...]] = set()
        self._name, self._make, self._age, self._keys = name, read, seconds, keys
        self._edition = sha256(Path(inspect.getfile(read)).read_bytes()).hexdigest()[:8]

    def fresh(self, *key: Hashable) -> Value:
        """Read it now, and remember it for all."""
        self._paint(*key)
        return self._renewed(*key)

    def renew(self) -> int:
        """Read what is due, unless another worker reads it just now; returns how many that was."""
        renewed = 0
        for key in self._keys():
            lease = f"{self._place(*key)}:reading"
            if self._is_due(*key) and cache.add(lease, 1, timeout=LEASE):
                self._paint(*key)
                cache.delete(lease)
                renewed += 1
        return renewed

    def forget(self) -> None:
        """Read everything anew from now on."""
        if self._known:
            cache.delete_many([self._place(*key) for key in self._known])
            self._known.clear()
        super().forget()

    def _look(self, *key: Hashable) -> Value:
        """What all have; read now where nobody has it, or it is too old."""
        self._known.add(key)
        held = self._shared(*key)
        if held is None or time.time() - held.at > PATIENCE * self._lasts(held):
            held = self._paint(*key)
        value: Value = held.value
        return value

    def _shared(self, *key: Hashable) -> Painted | None:
        """Nothing without Redis: then each process reads for itself, which keeps nobody out. Nor does what another
        release has pickled, whose classes were others."""
        try:
            held: Painted | None = cache.get(self._place(*key))
        except (RedisError, *UNREADABLE):
            log.warning("picture_not_shared", picture=self._name, exc_info=True)
            return None
        return held

    def _is_due(self, *key: Hashable) -> bool:
        held = self._shared(*key)
        return held is None or time.time() - held.at > self._lasts(held)

    def _lasts(self, held: Painted) -> float:
        return max(self._age, held.took / SHARE)

    def _paint(self, *key: Hashable) -> Painted:
        self._known.add(key)
        began = time.monotonic()
        value = self._make(*key)
        held = Painted(time.time(), time.monotonic() - began, value)
        with suppress(RedisError):  # said where it was looked for
            cache.set(self._place(*key), held, timeout=PATIENCE * self._lasts(held))
        return held

    def _place(self, *key: Hashable) -> str:
        return ":".join(["picture", self._name, self._edition, *(str(part) for part in key)])
