"""One UDP socket for all calls of a user agent (RFC 3261 18): reads, refuses what is malformed, never falls over."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
import time
from collections import deque
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from testing_lab.admission import Admission

from .errors import MalformedMessage
from .message import Request, Response, parse, reply
from .values import Peer

log = logging.getLogger(__name__)

# The kernel's default of about 200 KiB is full after some 100 INVITEs that arrive while Python is busy.
SOCKET_BUFFER = 4 * 1024 * 1024
READS_PER_TURN = 256  # so that a flood cannot starve the timers for ever
MOST_KEPT_OUT, LONGEST_LINE = 256, 200


class KeptOut(NamedTuple):
    """The first line of an INVITE from an address that is not admitted; when it came, by the monotonic clock."""

    at: float
    host: str
    line: bytes


class UdpTransport:
    """Hands each well-formed message to `receive(message, peer)`; counts the rest in `malformed`.

    What comes from elsewhere than `admission` allows is counted in `unwelcome`, and not looked at.

    asyncio's own datagram transport reads one datagram per turn of the loop; in a burst its timers then repeat
    requests whose answers already wait in the socket. This one empties the socket first.
    """

    def __init__(self, receive: Callable[[Request | Response, Peer], None]) -> None:
        self._receive = receive
        self.admission = Admission()
        self._socket: socket.socket | None = None
        self._lookups: set[asyncio.Task[None]] = set()
        self.malformed = self.unwelcome = 0
        self.kept_out: deque[KeptOut] = deque(maxlen=MOST_KEPT_OUT)

    def open(self, host: str, port: int) -> Peer:
        """Bind, port 0 for any; returns the bound address. Raises `OSError`."""
        sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        try:
            sock.setblocking(False)
            for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
                sock.setsockopt(socket.SOL_SOCKET, option, SOCKET_BUFFER)
            sock.bind((host, port))
        except OSError:
            sock.close()
            raise
        asyncio.get_running_loop().add_reader(sock, self._read)
        self._socket = sock
        bound = sock.getsockname()
        return bound[0], bound[1]

    def close(self) -> None:
        for lookup in self._lookups:
            lookup.cancel()
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
            self._socket = None

    def send(self, data: bytes, peer: Peer) -> None:
        """Send at once; a host that is a name is looked up first (A and AAAA; SRV is the trunk owner's business)."""
        if self._socket is None:
            return
        if _is_address(peer[0]):
            self._put(data, peer)
            return
        lookup = asyncio.get_running_loop().create_task(self._send_by_name(data, peer))
        self._lookups.add(lookup)
        lookup.add_done_callback(self._lookups.discard)

    async def _send_by_name(self, data: bytes, peer: Peer) -> None:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(*peer, type=socket.SOCK_DGRAM)
        except (OSError, ValueError) as fault:  # no such name, or none at all; the timers turn silence into a timeout
            log.warning("no address for %s: %s", peer[0], fault)
            return
        self._put(data, (str(found[0][4][0]), int(found[0][4][1])))

    def _put(self, data: bytes, peer: Peer) -> None:
        """A datagram that the kernel refuses (full buffer, no route, ICMP error) is as good as lost on the way."""
        if self._socket is None:
            return
        try:
            self._socket.sendto(data, peer)
        except OSError as fault:
            log.debug("not sent to %s:%d, left to the timers: %s", *peer, fault)

    def _read(self) -> None:
        for _ in range(READS_PER_TURN):
            if self._socket is None:
                return
            try:
                data, source = self._socket.recvfrom(65_536)
            except (BlockingIOError, InterruptedError):
                return
            except OSError as fault:  # an ICMP error of an earlier datagram
                log.debug("socket error, left to the timers: %s", fault)
                continue
            if self.admission.admits(source[0]):
                self._take(data, (source[0], source[1]))
            else:
                self._keep_out(data, source[0])

    def _keep_out(self, data: bytes, host: str) -> None:
        self.unwelcome += 1
        if data.startswith(b"INVITE "):
            self.kept_out.append(KeptOut(time.monotonic(), host, data[:LONGEST_LINE].partition(b"\r\n")[0]))

    def _take(self, data: bytes, peer: Peer) -> None:
        if not data.strip(b"\r\n\0"):
            return  # keep-alive (RFC 5626 3.5.1)
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


@lru_cache(maxsize=1024)
def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
