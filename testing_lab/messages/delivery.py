"""One inbound message, and the waiters that it may be for."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from testing_lab.messages import alphabet, concatenation

log = logging.getLogger(__name__)

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
    tlvs: Mapping[int, bytes] = field(default_factory=dict)

    @property
    def part(self) -> concatenation.Part | None:
        """The part of a long message that this is, by its user data header or by the sar_* parameters; or None."""
        if self.esm_class & concatenation.ESM_UDHI:
            return concatenation.parse(self.body)
        return concatenation.from_parameters(self.tlvs, self.body)

    @property
    def text(self) -> str:
        """The text by its data_coding, without the header of a part."""
        part = self.part
        return alphabet.decode(self.data_coding, part.body if part else self.body)


Predicate = Callable[[Delivery], bool]
Taker = Callable[[Delivery], int | None]
"""The command_status that a delivery is answered with, from whom it is for; None from whom it is not for."""
OK = 0x00  # ESME_ROK


def subscriber(address: str) -> str:
    """The address without the plus that some carriers write before E.164 and some do not."""
    return address.removeprefix("+")


class Inbox:
    """Hands each delivery to the first taker that wants it; the last ones that nobody wanted are kept to look at."""

    def __init__(self) -> None:
        self._takers: dict[str, list[Taker]] = {}
        self._expected: set[asyncio.Future[Delivery]] = set()
        self.unclaimed: deque[Delivery] = deque(maxlen=UNCLAIMED_KEPT)
        self.on_unclaimed: Callable[[Delivery], None] = lambda delivery: None

    def listen(self, destination: str, taker: Taker) -> Callable[[], None]:
        """Offer `taker` every delivery to `destination`, until what is returned is called."""
        key = subscriber(destination)
        self._takers.setdefault(key, []).append(taker)

        def end() -> None:
            self._takers[key].remove(taker)
            if not self._takers[key]:
                del self._takers[key]

        return end

    def expect(self, destination: str, predicate: Predicate) -> asyncio.Future[Delivery]:
        """Wait from now on for one delivery to `destination`; cancel the future to give up.

        A predicate that raises fails its own waiter and no other.
        """
        future: asyncio.Future[Delivery] = asyncio.get_running_loop().create_future()

        def take(delivery: Delivery) -> int | None:
            if future.done():
                return None
            try:
                suits = predicate(delivery)
            except Exception as error:  # noqa: BLE001  # the waiter's code: its error belongs to who awaits it
                future.set_exception(error)
                return None
            if suits:
                future.set_result(delivery)
            return OK if suits else None

        end = self.listen(destination, take)
        self._expected.add(future)
        future.add_done_callback(self._expected.discard)
        future.add_done_callback(lambda _: end())
        return future

    def hand_over(self, delivery: Delivery) -> int:
        """Give a delivery to whom it is for; the command_status to answer it with."""
        for taker in tuple(self._takers.get(subscriber(delivery.destination), ())):
            try:
                status = taker(delivery)
            except Exception:  # one taker's bug must not cost the others the session
                log.exception("a taker of messages failed")
                continue
            if status is not None:
                return status
        self.unclaimed.append(delivery)
        self.on_unclaimed(delivery)
        return OK

    def close(self) -> None:
        """Cancel every waiter."""
        for future in tuple(self._expected):
            future.cancel()
