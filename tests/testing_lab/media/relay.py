"""A UDP relay that harms a stream in a known way: what the meter reads is held against this log."""

import asyncio
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, cast

Address = tuple[str, int]
Loses = Iterator[bool]


def bursty_loss(rng: random.Random, *, rate: float, mean_burst: float) -> Loses:
    """Two-state Gilbert model: `rate` of all packets lost, in runs of `mean_burst` on average."""
    leave_bad = 1 / mean_burst
    leave_good = leave_bad * rate / (1 - rate)
    bad = False
    while True:
        bad = rng.random() >= leave_bad if bad else rng.random() < leave_good
        yield bad


class Forwarded(NamedTuple):
    """A packet by its sequence number. It left between two readings of the monotonic clock, in ns: however busy the
    machine, that is what we know."""

    seq: int
    before_ns: int
    after_ns: int


@dataclass
class Relay(asyncio.DatagramProtocol):
    """Forwards every datagram to `target` after `delay_s()` seconds, unless `loses` says that it is lost."""

    target: Address
    delay_s: Callable[[], float] = lambda: 0.0
    loses: Loses | None = None
    lost: list[bool] = field(default_factory=list)
    forwarded: list["Forwarded"] = field(default_factory=list)
    transport: asyncio.DatagramTransport = field(init=False)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)  # asyncio's own class does not inherit it

    def datagram_received(self, data: bytes, addr: Address) -> None:
        lost = next(self.loses) if self.loses else False
        self.lost.append(lost)
        if not lost:
            loop = asyncio.get_running_loop()
            loop.call_later(self.delay_s(), self._forward, data)

    def _forward(self, data: bytes) -> None:
        before_ns = time.monotonic_ns()
        self.transport.sendto(data, self.target)
        self.forwarded.append(Forwarded(int.from_bytes(data[2:4], "big"), before_ns, time.monotonic_ns()))

    @property
    def address(self) -> Address:
        address: Address = self.transport.get_extra_info("sockname")
        return address


async def open_relay(relay: Relay) -> Relay:
    """Bind the relay to a free port."""
    await asyncio.get_running_loop().create_datagram_endpoint(lambda: relay, local_addr=("127.0.0.1", 0))
    return relay
