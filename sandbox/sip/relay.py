"""The RTP relay of a call: for each stream a pair of sockets towards each side, symmetric (RFC 4961), RTCP beside.

Plain non-blocking sockets with loop.add_reader: a relay is set up without awaiting, and a packet costs one recvfrom
and one sendto.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence

from sandbox.settings import Address
from sandbox.sip import sdp
from sandbox.sip.impairments import Impairment

MOST_STREAMS = 4
PACKETS_AT_ONCE = 32
CALLER, CALLEE = 0, 1


class Leg:
    """One socket: what arrives here leaves through the other side's leg."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.remote: Address | None = None
        self.other = self
        self.impairment: Impairment | None = None  # on what this side sends
        self.packets = 0
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(sock.fileno(), self._receive)

    @property
    def port(self) -> int:
        return int(self.sock.getsockname()[1])

    def _receive(self) -> None:
        for _ in range(PACKETS_AT_ONCE):
            try:
                packet, self.remote = self.sock.recvfrom(2048)
            except OSError:  # nothing left, or an ICMP error of an earlier send
                return
            self.packets += 1
            self._pass_on(packet)

    def _pass_on(self, packet: bytes) -> None:
        if self.impairment is None:
            self.other.send(packet)
            return
        for delay, copy in self.impairment(packet):
            if delay:
                self._loop.call_later(delay, self.other.send, copy)
            else:
                self.other.send(copy)

    def send(self, packet: bytes) -> None:
        """Send to our side. A packet that the kernel refuses is lost, as packets are."""
        if self.remote is None or self.sock.fileno() < 0:
            return
        try:
            self.sock.sendto(packet, self.remote)
        except OSError:
            return

    def close(self) -> None:
        self._loop.remove_reader(self.sock.fileno())
        self.sock.close()


class Relay:
    """All legs of one call. `impairments` act on what the caller and what the callee send."""

    def __init__(self, host: str, impairments: Sequence[Impairment | None] = (None, None)) -> None:
        self.host = host
        self._impairments = impairments
        self._rtp: list[tuple[Leg, Leg]] = []
        self._rtcp: list[tuple[Leg, Leg]] = []

    @property
    def packets(self) -> tuple[int, int]:
        """How many RTP packets came from the caller and from the callee."""
        return sum(pair[CALLER].packets for pair in self._rtp), sum(pair[CALLEE].packets for pair in self._rtp)

    def pass_description(self, body: bytes, side: int) -> bytes:
        """Learn where `side` wants its media, and return the description that the other side may see.

        Raises OSError when there are no ports left, ValueError for more streams than we relay.
        """
        described = sdp.streams(body)
        if len(described) > MOST_STREAMS:
            raise ValueError("too many media streams")
        while len(self._rtp) < len(described):
            self._open_stream()
        for stream, rtp, rtcp in zip(described, self._rtp, self._rtcp, strict=False):
            _point(rtp[side], stream.address, 0)
            _point(rtcp[side], stream.address, 1)
        ports = [pair[1 - side].port for pair in self._rtp]
        return sdp.redirect(body, self.host, ports)

    def _open_stream(self) -> None:
        pairs = [_adjacent_sockets(self.host) for _ in (CALLER, CALLEE)]
        self._rtp.append(_joined(Leg(pairs[CALLER][0]), Leg(pairs[CALLEE][0])))
        self._rtcp.append(_joined(Leg(pairs[CALLER][1]), Leg(pairs[CALLEE][1])))
        for leg, impairment in zip(self._rtp[-1], self._impairments, strict=True):
            leg.impairment = impairment

    def close(self) -> None:
        for pair in (*self._rtp, *self._rtcp):
            for leg in pair:
                leg.close()
        self._rtp, self._rtcp = [], []


def _point(leg: Leg, address: Address | None, offset: int) -> None:
    leg.remote = None if address is None else (address[0], address[1] + offset)


def _joined(caller: Leg, callee: Leg) -> tuple[Leg, Leg]:
    caller.other, callee.other = callee, caller
    return caller, callee


def _adjacent_sockets(host: str) -> tuple[socket.socket, socket.socket]:
    """An even port for RTP and the odd one above it for RTCP (RFC 3550 11)."""
    for _ in range(100):
        rtp = _bound(host, 0)
        port = rtp.getsockname()[1]
        try:
            if port % 2 == 0:
                return rtp, _bound(host, port + 1)
        except OSError:
            pass
        rtp.close()
    raise OSError("no adjacent ports free")


def _bound(host: str, port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setblocking(False)
    try:
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock
