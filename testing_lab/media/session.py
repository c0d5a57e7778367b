"""One end of the media of a call: a UDP port pair that sends a prepared signal and logs whatever comes.

Send and receive share one socket (symmetric RTP, RFC 4961). Arrivals carry the kernel's stamp where the system gives
one (SO_TIMESTAMPNS), so that a busy event loop does not look like jitter, and nobody needs to be there when they come:
they are read some at a time. RTCP has its port reserved and is not spoken: the lab owns both ends and needs no reports
from the far end.
"""

import asyncio
import contextlib
import ipaddress
import secrets
import socket
import struct
import sys
import time
from functools import cache
from typing import Self

import numpy as np

from testing_lab.media import g711, rtp
from testing_lab.media.latch import Latch, Source
from testing_lab.media.logs import ReceivedLog, SentLog, received_log
from testing_lab.media.pacer import PACKET_NS, pacer
from testing_lab.media.rounds import rounds
from testing_lab.media.sending import Events, Sending

SAMPLES_PER_PACKET = g711.SAMPLE_RATE * PACKET_NS // 1_000_000_000
MAX_PACKETS = 1 << 15
"""Longest signal, about 11 minutes: half the sequence space, so that sequence numbers stay unambiguous."""
MAX_ARRIVALS = 1 << 16
"""Datagrams kept per session; what comes beyond is counted and dropped, so that a flood cannot fill the memory."""
MAX_OF_STRANGERS = 1 << 14
"""Of them, those from elsewhere than the far end is said to be: five minutes of a route that sends from there."""

_SO_TIMESTAMPNS = 35  # asm-generic/socket.h; Python's socket module has no name for it
_SO_RXQ_OVFL = 40  # counts what the kernel dropped because we read too slowly
_TIMESPEC = struct.Struct("@qq")
_COUNTER = struct.Struct("@I")
_ANCILLARY = socket.CMSG_SPACE(_TIMESPEC.size) + socket.CMSG_SPACE(_COUNTER.size)
_DATAGRAM = 2048
_READS_AT_ONCE = 64  # a flood to one session must not hold up the others
_MANY, _SOON_S = 16, 0.005  # so many in a round are no call's: the buffer might not hold those of the next
_RECEIVE_BUFFER = 1 << 20
_READS_AT_CLOSE = _RECEIVE_BUFFER >> 8  # more than it holds: the kernel counts at least 512 octets for a datagram


class RtpSession:
    """One end of a call's media. Use: `open`, `start` (once), `stop`, then read `sent` and `received`."""

    def __init__(self, rtp_socket: socket.socket, rtcp_socket: socket.socket) -> None:
        self._socket, self._rtcp = rtp_socket, rtcp_socket
        self.address: tuple[str, int] = rtp_socket.getsockname()
        self._loop = asyncio.get_running_loop()
        self._stamped = _ask_for_stamps(rtp_socket)
        self._opened_ns = self._closed_ns = time.monotonic_ns()
        self._arrivals: list[tuple[int, bytes, Source]] = []
        self._refused = self._kernel_drops = self._of_strangers = 0
        self._remote: Source = ("", 0)  # set by start()
        self._described: set[Source] = set()
        self._early: Sending | None = None
        self._sending: Sending | None = None
        self._received: ReceivedLog | None = None
        self._reads_on: asyncio.Handle | None = None
        self._loop.add_reader(rtp_socket, self._wake)

    @classmethod
    async def open(cls, host: str) -> Self:
        """Bind an even UDP port and the odd one above it (RFC 3550 section 11). Raises OSError if none is free."""
        return cls(*_bind_pair(host))

    @property
    def port(self) -> int:
        """The RTP port, for the SDP."""
        return self.address[1]

    @property
    def packets_received(self) -> int:
        """Datagrams read so far."""
        return len(self._arrivals)

    def start_early(self, remote: tuple[str, int], payload_type: int, *, signal: g711.Samples) -> None:
        """Send early media (RFC 3960) until `start` takes over; the RTP stream is one. Raises as `start` does."""
        if self._early is not None or self._sending is not None or self._received is not None:
            raise RuntimeError("early media come first")
        self._early = Sending(_prepare(signal, payload_type, _beginning()), {}, None)
        self._turn_to(remote)
        pacer().add(self)

    def start(
        self,
        remote: tuple[str, int],
        payload_type: int,
        *,
        signal: g711.Samples,
        ssrc: int | None = None,
        events: Events | None = None,
        event_type: int | None = None,
    ) -> None:
        """Begin to send `signal` (int16, 8 kHz) to `remote`, one packet per 20 ms; the last one is filled with silence.

        `events` take the turns of audio packets, as payload type `event_type`; without one none are sent. Raises
        RuntimeError on a second start, ValueError for a signal that is empty or above MAX_PACKETS, KeyError for a
        payload type that is not G.711.
        """
        if self._sending is not None or self._received is not None:
            raise RuntimeError("an RTP session starts once")
        known, seq, timestamp = self._early.following() if self._early else _beginning()
        stream = _prepare(signal, payload_type, (known if ssrc is None else ssrc, seq, timestamp))
        self._sending = Sending(stream, events or {}, event_type)
        self._turn_to(remote)
        pacer().remove(self)
        pacer().add(self)

    def send_next(self, due_ns: int) -> bool:
        """For the pacer: send the next packet."""
        sending = self._sending or self._early
        assert sending is not None  # noqa: S101  # the pacer gets a session only from start() or start_early()
        return sending.send_next(self._socket, self._remote, due_ns)

    async def stop(self, drain_s: float = 0.5) -> None:
        """Stop sending, listen for `drain_s` seconds to what is still in flight, close. Stop both ends together."""
        if self._received is not None:
            return
        pacer().remove(self)
        await asyncio.sleep(drain_s)
        self.close()

    def close(self) -> None:
        """Close at once; harmless when closed."""
        if self._received is not None:
            return
        pacer().remove(self)
        rounds().leave(self)
        self._read(_READS_AT_CLOSE)
        if self._reads_on is not None:
            self._reads_on.cancel()
        self._loop.remove_reader(self._socket)
        self._socket.close()
        self._rtcp.close()
        self._closed_ns = time.monotonic_ns()
        latch = Latch(self._described)
        admitted = [(at, octets) for at, octets, source in self._arrivals if latch.admits(source, at)]
        self._received = received_log(
            admitted,
            opened_ns=self._opened_ns,
            closed_ns=self._closed_ns,
            refused=self._refused,
            kernel_drops=self._kernel_drops,
            stamped=self._stamped,
            overheard=len(self._arrivals) - len(admitted),
        )
        self._arrivals = []

    @property
    def sent(self) -> SentLog:
        """The audio that went out so far, without early media. Raises RuntimeError before `start`."""
        if self._sending is None:
            raise RuntimeError("this session has sent nothing")
        return self._sending.log

    @property
    def sent_early(self) -> SentLog | None:
        """The early media that went out, or None."""
        return self._early.log if self._early else None

    @property
    def received(self) -> ReceivedLog:
        """What came in. Raises RuntimeError before the session is stopped."""
        if self._received is None:
            raise RuntimeError("stop the session before reading what it received")
        return self._received

    def _wake(self) -> None:
        """Something came. Where that is stamped, what follows can wait for its round, until one finds nothing."""
        self._read(_READS_AT_ONCE)
        if self._stamped:
            self._loop.remove_reader(self._socket)
            rounds().join(self)

    def read(self) -> None:
        """For the rounds: take what has come."""
        count = self._read(_READS_AT_ONCE)
        if not count:
            rounds().leave(self)
            self._loop.add_reader(self._socket, self._wake)
        elif count > _MANY and self._reads_on is None:
            self._reads_on = self._loop.call_later(_SOON_S, self._read_on)

    def _read_on(self) -> None:
        self._reads_on = None
        self.read()

    def _read(self, most: int) -> int:
        """Take `most` datagrams at most; how many there were."""
        offset = _realtime_minus_monotonic() if self._stamped else 0
        for count in range(most):
            try:
                octets, ancillary, _flags, address = self._socket.recvmsg(_DATAGRAM, _ANCILLARY)
            except BlockingIOError:
                return count
            except OSError:  # an ICMP error of an earlier send: not a packet
                continue
            source: Source = address[:2]
            if source[0] != self._remote[0]:
                self._of_strangers += 1
                if self._of_strangers > MAX_OF_STRANGERS:
                    continue
            if len(self._arrivals) >= MAX_ARRIVALS:
                self._refused += 1
                continue
            self._arrivals.append((self._arrival_ns(ancillary, offset), octets, source))
        return most

    def _turn_to(self, remote: Source) -> None:
        """To whom we send, and whom we therefore expect: with the address as the kernel writes it."""
        self._remote = str(ipaddress.ip_address(remote[0])), remote[1]
        self._described.add(self._remote)

    def _arrival_ns(self, ancillary: list[tuple[int, int, bytes]], offset: int) -> int:
        stamp = time.monotonic_ns()
        for level, kind, value in ancillary:
            if level != socket.SOL_SOCKET:
                continue
            if kind == _SO_TIMESTAMPNS:
                seconds, nanoseconds = _TIMESPEC.unpack(value)
                stamp = seconds * 1_000_000_000 + nanoseconds - offset
            elif kind == _SO_RXQ_OVFL:
                self._kernel_drops = _COUNTER.unpack(value)[0]
        return stamp


def _beginning() -> tuple[int, int, int]:
    """SSRC, sequence number and timestamp of a new stream: random (RFC 3550 5.1)."""
    return secrets.randbits(32), secrets.randbits(16), secrets.randbits(32)


def _prepare(signal: g711.Samples, payload_type: int, beginning: tuple[int, int, int]) -> rtp.PreparedStream:
    count = -(-len(signal) // SAMPLES_PER_PACKET)
    if not 0 < count <= MAX_PACKETS:
        raise ValueError(f"a signal of {count} packets")
    padded = np.pad(signal, (0, count * SAMPLES_PER_PACKET - len(signal)))
    payloads = g711.encode(padded, payload_type).reshape(count, SAMPLES_PER_PACKET)
    ssrc, seq, timestamp = beginning
    return rtp.prepare(payloads, payload_type=payload_type, ssrc=ssrc, first_seq=seq, first_timestamp=timestamp)


def _bind_pair(host: str, attempts: int = 64) -> tuple[socket.socket, socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for _ in range(attempts):
        with contextlib.ExitStack() as stack:
            pair = [stack.enter_context(socket.socket(family, socket.SOCK_DGRAM)) for _ in range(2)]
            pair[0].bind((host, 0))
            port = pair[0].getsockname()[1]
            if port % 2:
                continue
            try:
                pair[1].bind((host, port + 1))
            except OSError:
                continue
            stack.pop_all()  # both are ours: keep them open
            for half in pair:
                half.setblocking(False)
            return pair[0], pair[1]
    raise OSError(f"no free pair of UDP ports on {host}")


def _ask_for_stamps(sock: socket.socket) -> bool:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
    if not _kernel_stamps():
        return False
    try:
        sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        sock.setsockopt(socket.SOL_SOCKET, _SO_RXQ_OVFL, 1)
    except OSError:
        return False
    return True


@cache
def _kernel_stamps() -> bool:
    """Whether a datagram to ourselves comes stamped. Some systems (gVisor) take the option and do nothing, and who
    reads in rounds without stamps measures the rounds.
    """
    if not sys.platform.startswith("linux"):
        return False
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
        try:
            own.settimeout(1.0)
            own.bind(("127.0.0.1", 0))
            own.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
            own.sendto(b"", own.getsockname())
            ancillary = own.recvmsg(_DATAGRAM, _ANCILLARY)[1]
        except OSError:
            return False
    return any(kind == _SO_TIMESTAMPNS and len(value) == _TIMESPEC.size for _, kind, value in ancillary)


def _realtime_minus_monotonic(tries: int = 4, good_enough_ns: int = 20_000) -> int:
    """Offset of the two clocks in ns, so that kernel stamps compare with send times even if the wall clock is stepped.

    Measured between two readings; when they lie far apart we were interrupted, and the narrowest try counts.
    """
    best_width, offset = 1 << 62, 0
    for _ in range(tries):
        before, wall, after = time.monotonic_ns(), time.time_ns(), time.monotonic_ns()
        if after - before < best_width:
            best_width, offset = after - before, wall - (before + after) // 2
        if best_width < good_enough_ns:
            break
    return offset
