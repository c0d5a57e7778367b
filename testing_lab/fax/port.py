"""The UDP port of one fax machine."""

import asyncio
from typing import Self, cast

from testing_lab.fax.ifp import Ifp
from testing_lab.fax.udptl import Receiver, Sender

MOST_WAITING = 2000  # packets; a flood is not kept


class FaxPort(asyncio.DatagramProtocol):
    """Use: `open`, set `remote`, `send` and `receive`, `close`."""

    def __init__(self) -> None:
        self.remote: tuple[str, int] | None = None
        self.received = Receiver()
        self.sent = 0
        self._sender = Sender()
        self._packets: asyncio.Queue[Ifp | None] = asyncio.Queue(MOST_WAITING)
        self._transport: asyncio.DatagramTransport | None = None

    @classmethod
    async def open(cls, host: str) -> Self:
        """Raises OSError when no port is free."""
        loop = asyncio.get_running_loop()
        _, port = await loop.create_datagram_endpoint(cls, local_addr=(host, 0))
        return port

    @property
    def port(self) -> int:
        """For the description."""
        assert self._transport is not None  # noqa: S101 - it is open
        return int(self._transport.get_extra_info("sockname")[1])

    def send(self, packet: Ifp) -> None:
        """Send the next packet, and its predecessors with it."""
        if self._transport is not None and self.remote is not None and not self._transport.is_closing():
            self._transport.sendto(self._sender.pack(packet), self.remote)
            self.sent += 1

    async def receive(self) -> Ifp | None:
        """The next packet in order; None for some that were lost."""
        return await self._packets.get()

    def close(self) -> None:
        """Harmless when closed."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        for packet in self.received.take(data):
            if not self._packets.full():
                self._packets.put_nowait(packet)
