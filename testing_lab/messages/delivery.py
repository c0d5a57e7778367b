"""One inbound message, and the waiters that it may be for."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from testing_lab.messages import alphabet, concatenation

UNCLAIMED_KEPT = 1000


@dataclass(frozen=True, slots=True)
class Delivery:
    """A deliver_sm as it came. Addresses and `body` are untouched (the header of a part included), `at` is UTC."""

    source: str
    source_ton: int
    destination: str
    body: bytes
    data_coding: int
    esm_class: int
    at: datetime

    @property
    def part(self) -> concatenation.Part | None:
        """The part of a long message that this is, or None."""
        return concatenation.parse(self.body) if self.esm_class & concatenation.ESM_UDHI else None

    @property
    def text(self) -> str:
        """The text by its data_coding, without the header of a part."""
        part = self.part
        return alphabet.decode(self.data_coding, part.body if part else self.body)


Predicate = Callable[[Delivery], bool]


def subscriber(address: str) -> str:
    """The address without the plus that some carriers write before E.164 and some do not."""
    return address.removeprefix("+")


class Inbox:
    """Hands each delivery to the first waiter that it suits; the last ones that suited nobody are kept to look at."""

    def __init__(self) -> None:
        self._waiters: dict[str, list[tuple[Predicate, asyncio.Future[Delivery]]]] = {}
        self.unclaimed: deque[Delivery] = deque(maxlen=UNCLAIMED_KEPT)

    def expect(self, destination: str, predicate: Predicate) -> asyncio.Future[Delivery]:
        """Wait from now on for a delivery to `destination`; cancel the future to give up."""
        future: asyncio.Future[Delivery] = asyncio.get_running_loop().create_future()
        key, waiter = subscriber(destination), (predicate, future)
        self._waiters.setdefault(key, []).append(waiter)
        future.add_done_callback(lambda _: self._forget(key, waiter))
        return future

    def hand_over(self, delivery: Delivery) -> None:
        """Give a delivery to its waiter. A predicate that raises fails its own waiter and no other."""
        for predicate, future in tuple(self._waiters.get(subscriber(delivery.destination), ())):
            if future.done():
                continue
            try:
                suits = predicate(delivery)
            except Exception as error:  # noqa: BLE001  # the waiter's code: its error belongs to who awaits it
                future.set_exception(error)
                continue
            if suits:
                future.set_result(delivery)
                return
        self.unclaimed.append(delivery)

    def close(self) -> None:
        """Cancel every waiter."""
        for waiters in tuple(self._waiters.values()):
            for _, future in tuple(waiters):
                future.cancel()

    def _forget(self, key: str, waiter: tuple[Predicate, asyncio.Future[Delivery]]) -> None:
        self._waiters[key].remove(waiter)
        if not self._waiters[key]:
            del self._waiters[key]
