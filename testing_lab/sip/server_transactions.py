"""Server transactions over UDP: RFC 3261 17.2, with the Accepted state of RFC 6026."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from enum import Enum, auto
from typing import Protocol

from .message import Request, Response, reply
from .timers import Alarms, Timers
from .trace import Trace
from .values import BRANCH_COOKIE, Peer

ServerKey = tuple[str, ...]


class State(Enum):
    PROCEEDING = auto()  # also "Trying" of other methods than INVITE
    ACCEPTED = auto()  # a 2xx was sent; copies of the INVITE are absorbed (RFC 6026 7.1)
    COMPLETED = auto()
    CONFIRMED = auto()
    TERMINATED = auto()


class Wire(Protocol):
    """What a transaction needs of its surroundings."""

    timers: Timers

    def send(self, data: bytes, peer: Peer) -> None: ...
    def dismiss(self, transaction: ServerTransaction) -> None: ...


def server_key(request: Request) -> ServerKey:
    """What makes two requests copies of one another (RFC 3261 17.2.3); an ACK has the key of its INVITE."""
    via = request.via
    method = "INVITE" if request.method == "ACK" else request.method
    if via.branch.startswith(BRANCH_COOKIE):
        return via.branch, via.sent_by, method
    return request.call_id, request.sender.tag or "", str(request.cseq.number), via.sent_by, via.branch, method


class ServerTransaction:
    """Answers one request, and every copy of it with the same answer."""

    def __init__(self, wire: Wire, request: Request, *, trace: Trace) -> None:
        self.wire, self.request, self.trace = wire, request, trace
        self.key = server_key(request)
        self.peer = request.via.reply_to
        self.tag = secrets.token_hex(8)  # our To tag, should the request not bring one
        self.state = State.PROCEEDING
        self._alarms = Alarms()
        self._last: bytes | None = None

    @property
    def is_open(self) -> bool:
        """Whether a final response is still owed."""
        return self.state is State.PROCEEDING

    def note_received(self, request: Request) -> None:
        self.trace.note("received", self.peer, request.raw)

    def receive_copy(self, request: Request) -> None:
        """The request once more: replay the last response (17.2.1, 17.2.2)."""
        self.note_received(request)
        if self._last is not None and self.state in {State.PROCEEDING, State.COMPLETED}:
            self._send(self._last)

    def respond(self, response: Response) -> None:
        raise NotImplementedError

    def reply(
        self, status: int, reason: str | None = None, *, headers: Sequence[tuple[str, str]] = (), body: bytes = b""
    ) -> Response:
        """Make a response to the request, send it, and return it."""
        response = reply(self.request, status, reason, tag=None if status == 100 else self.tag)
        for name, value in headers:
            response.headers.add(name, value)
        response.body = body
        self.respond(response)
        return response

    def terminate(self) -> None:
        self.state = State.TERMINATED
        self._alarms.clear()
        self.wire.dismiss(self)

    def _send(self, data: bytes) -> None:
        self._last = data
        self.trace.note("sent", self.peer, data)
        self.wire.send(data, self.peer)

    def _linger(self, state: State, seconds: float) -> None:
        self.state = state
        self._alarms.clear()
        self._alarms.start("H/I/J/L", seconds, self.terminate)


class InviteServer(ServerTransaction):
    """RFC 3261 17.2.1: timers G, H, I, and L of RFC 6026. Its user repeats 2xx responses (13.3.1.4)."""

    on_cancel: Callable[[Request], None] | None = None

    def respond(self, response: Response) -> None:
        """Send; a 2xx may be sent again, anything after another final response is ignored."""
        data = response.serialise()  # first: what cannot be written must not change the state
        if response.status < 300 and self.state is State.ACCEPTED:
            self._send(data)
        elif not self.is_open:
            return
        elif response.status < 200:
            self._send(data)
        elif response.status < 300:
            self._linger(State.ACCEPTED, self.wire.timers.patience)
            self._send(data)
        else:
            self._linger(State.COMPLETED, self.wire.timers.patience)
            self._repeat(data, self.wire.timers.t1)

    def receive_ack(self) -> None:
        """The hop-by-hop ACK of our 3xx-6xx."""
        if self.state is State.COMPLETED:
            self._linger(State.CONFIRMED, self.wire.timers.t4)

    def _repeat(self, data: bytes, interval: float) -> None:
        """Timer G."""
        self._send(data)
        self._alarms.start("G", interval, self._repeat, data, min(interval * 2, self.wire.timers.t2))


class NonInviteServer(ServerTransaction):
    """RFC 3261 17.2.2: timer J."""

    def respond(self, response: Response) -> None:
        data = response.serialise()
        if not self.is_open:
            return
        if response.status >= 200:
            self._linger(State.COMPLETED, self.wire.timers.patience)
        self._send(data)
