"""One UDP socket for all calls of a user agent (RFC 3261 18): reads, refuses what is malformed, never falls over."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
from collections.abc import Callable
from typing import cast

from .errors import MalformedMessage
from .message import Request, Response, parse, reply
from .values import Peer

log = logging.getLogger(__name__)

# The kernel's default of about 200 KiB is full after some 100 INVITEs that arrive while Python is busy.
SOCKET_BUFFER = 4 * 1024 * 1024


class UdpTransport(asyncio.DatagramProtocol):
    """Hands each well-formed message to `receive(message, peer)`; counts the rest in `malformed`."""

    def __init__(self, receive: Callable[[Request | Response, Peer], None]) -> None:
        self._receive = receive
        self._socket: asyncio.DatagramTransport | None = None
        self._lookups: set[asyncio.Task[None]] = set()
        self.malformed = 0

    async def open(self, host: str, port: int) -> Peer:
        """Bind, port 0 for any; returns the bound address."""
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(host, port))
        sock: socket.socket = transport.get_extra_info("socket")
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            sock.setsockopt(socket.SOL_SOCKET, option, SOCKET_BUFFER)
        bound = sock.getsockname()
        return bound[0], bound[1]

    def close(self) -> None:
        for lookup in self._lookups:
            lookup.cancel()
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def send(self, data: bytes, peer: Peer) -> None:
        """Send at once; a host that is a name is looked up first (A and AAAA; SRV is the trunk owner's business)."""
        if self._socket is None:
            return
        if _is_address(peer[0]):
            self._socket.sendto(data, peer)
            return
        lookup = asyncio.get_running_loop().create_task(self._send_by_name(data, peer))
        self._lookups.add(lookup)
        lookup.add_done_callback(self._lookups.discard)

    async def _send_by_name(self, data: bytes, peer: Peer) -> None:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(*peer, type=socket.SOCK_DGRAM)
        except OSError as fault:  # the transaction's timers turn silence into a timeout
            log.warning("no address for %s: %s", peer[0], fault)
            return
        if self._socket is not None:
            self._socket.sendto(data, found[0][4][:2])

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._socket = cast("asyncio.DatagramTransport", transport)

    def error_received(self, exc: Exception) -> None:
        log.debug("ICMP error, left to the timers: %s", exc)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if not data.strip(b"\r\n\0"):
            return  # keep-alive (RFC 5626 3.5.1)
        peer = addr[0], addr[1]
        try:
            message = parse(data)
        except MalformedMessage as fault:
            self._refuse(fault, peer)
            return
        try:
            self._receive(message, peer)
        except Exception:
            log.exception("message from %s:%d failed", *peer)

    def _refuse(self, fault: MalformedMessage, peer: Peer) -> None:
        self.malformed += 1
        log.info("malformed message from %s:%d: %s", *peer, fault.reason)
        if fault.request is not None:
            via = fault.request.via.seen_from(peer)
            answer = reply(fault.request, fault.status, tag="malformed")
            self.send(answer.serialise(), via.reply_to)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
