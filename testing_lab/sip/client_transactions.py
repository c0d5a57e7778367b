"""Client transactions over UDP: RFC 3261 17.1, with the Accepted state of RFC 6026."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from typing import Protocol

from .headers import Headers
from .message import Request, Response
from .timers import Alarms, Timers
from .trace import Trace
from .values import Peer


class State(Enum):
    CALLING = auto()  # INVITE sent; "Trying" of other methods
    PROCEEDING = auto()
    ACCEPTED = auto()  # a 2xx came; further ones are passed up (RFC 6026 7.2)
    COMPLETED = auto()
    TERMINATED = auto()


class Wire(Protocol):
    """What a transaction needs of its surroundings."""

    timers: Timers

    def send(self, data: bytes, peer: Peer) -> None: ...
    def forget(self, transaction: ClientTransaction) -> None: ...


class ClientTransaction:
    """Sends one request until answered. `on_response` gets what the user of the transaction must see."""

    def __init__(
        self,
        wire: Wire,
        request: Request,
        peer: Peer,
        *,
        trace: Trace,
        on_response: Callable[[Response], None],
        on_timeout: Callable[[], None],
    ) -> None:
        self.wire, self.request, self.peer, self.trace = wire, request, peer, trace
        self.on_response, self.on_timeout = on_response, on_timeout
        self.key = request.via.branch, request.method
        self.state = State.CALLING
        self._alarms = Alarms()
        self._data = request.serialise()

    @property
    def is_open(self) -> bool:
        """Whether a final response may still come."""
        return self.state in {State.CALLING, State.PROCEEDING}

    def start(self) -> None:
        self._alarms.start("B/F", self.wire.timers.patience, self._time_out)
        self._repeat(self.wire.timers.t1)

    def receive(self, response: Response) -> None:
        raise NotImplementedError

    def terminate(self) -> None:
        """Stop every timer and leave the table."""
        self.state = State.TERMINATED
        self._alarms.clear()
        self.wire.forget(self)

    def limit(self, seconds: float) -> None:
        """Give up after this time although a provisional response came (RFC 3261 9.1 after a CANCEL)."""
        if self.is_open:
            self._alarms.start("B/F", seconds, self._time_out)

    def _repeat(self, interval: float) -> None:
        """Timers A and E: send and send again, the interval doubling."""
        self._send(self._data)
        self._alarms.start("A/E", interval, self._repeat, self._next_interval(interval))

    def _next_interval(self, interval: float) -> float:
        raise NotImplementedError

    def _linger(self, state: State, seconds: float) -> None:
        self.state = state
        self._alarms.clear()
        self._alarms.start("D/K/M", seconds, self.terminate)

    def _time_out(self) -> None:
        self.terminate()
        self.on_timeout()

    def _send(self, data: bytes) -> None:
        self.trace.note("sent", self.peer, data)
        self.wire.send(data, self.peer)


class InviteClient(ClientTransaction):
    """RFC 3261 17.1.1: timers A, B, D, and M of RFC 6026."""

    _ack: bytes = b""

    def receive(self, response: Response) -> None:
        if response.status < 200:
            self._provisional(response)
        elif response.status < 300:
            self._accepted(response)
        else:
            self._refused(response)

    def _next_interval(self, interval: float) -> float:
        return interval * 2

    def _provisional(self, response: Response) -> None:
        if self.state is State.CALLING:
            self.state = State.PROCEEDING
            self._alarms.clear()
        if self.state is State.PROCEEDING:
            self.on_response(response)

    def _accepted(self, response: Response) -> None:
        if self.is_open:
            self._linger(State.ACCEPTED, self.wire.timers.patience)
        if self.state is State.ACCEPTED:
            self.on_response(response)

    def _refused(self, response: Response) -> None:
        if self.is_open:
            self._linger(State.COMPLETED, self.wire.timers.patience)
            self._ack = self._make_ack(response).serialise()
            self._send(self._ack)
            self.on_response(response)
        elif self.state is State.COMPLETED:
            self._send(self._ack)

    def _make_ack(self, response: Response) -> Request:
        """The hop-by-hop ACK: same branch, Route and Request-URI, To of the response (RFC 3261 17.1.1.3)."""
        ack = Request(method="ACK", uri=self.request.uri, headers=_hop_headers(self.request, "ACK"))
        ack.headers.replace("To", response.headers.get("To") or "")
        return ack


class NonInviteClient(ClientTransaction):
    """RFC 3261 17.1.2: timers E, F, K."""

    def receive(self, response: Response) -> None:
        if not self.is_open:
            return
        if response.status < 200:
            self.state = State.PROCEEDING
        else:
            self._linger(State.COMPLETED, self.wire.timers.t4)
        self.on_response(response)

    def _next_interval(self, interval: float) -> float:
        longest = self.wire.timers.t2
        return longest if self.state is State.PROCEEDING else min(interval * 2, longest)


def make_cancel(request: Request) -> Request:
    """The CANCEL of a request that was sent: same Request-URI, branch, Route, CSeq number (RFC 3261 9.1)."""
    return Request(method="CANCEL", uri=request.uri, headers=_hop_headers(request, "CANCEL"))


def _hop_headers(request: Request, method: str) -> Headers:
    headers = Headers([("Via", request.headers.elements("Via")[0])])
    for name in ("Route", "Max-Forwards", "From", "To", "Call-ID"):
        for value in request.headers.all(name):
            headers.add(name, value)
    headers.add("CSeq", f"{request.cseq.number} {method}")
    return headers
