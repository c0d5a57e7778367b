"""A transaction-stateful SIP proxy over UDP (RFC 3261 16 and 17): one request in, one request out, no forking.

The proxy knows transactions and nothing of calls; what to do with a request is the policy's choice (trunk.py).
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from typing import Any, Protocol, cast

from sandbox.log import event
from sandbox.settings import Address
from sandbox.sip.message import BadMessage, Message, host_of, parameters, parse, respond, uri_of

T1, T2 = 0.5, 4.0  # RFC 3261 17.1.1.1
TIMEOUT = 64 * T1  # timers B, F, H, J; and RFC 6026's L and M
TIMER_C = 180.0  # RFC 3261 16.6 item 11
COOKIE = "z9hG4bK"
MAX_FORWARDS = 70

Key = tuple[str, ...]


class Context:
    """One request, our copy of it, and the response on its way back (RFC 3261 16.2, "response context")."""

    def __init__(self, proxy: Proxy, received: Message, reply_to: Address, key: Key) -> None:
        self.received, self.reply_to, self.key = received, reply_to, key
        self.branch = COOKIE + secrets.token_hex(12)
        self.tag = secrets.token_hex(6)
        self.sent: Message | None = None
        self.target: Address | None = None
        self.rang = False  # a provisional response came from the far end
        self.cancelled = False
        self.final = 0
        self.on_response: Callable[[Message], None] | None = None  # the policy's last look
        self.hold: Callable[[Message], float | None] | None = None  # seconds until a response goes on; None: never
        self._last: bytes | None = None
        self._proxy = proxy
        self._timers: list[asyncio.TimerHandle] = []

    @property
    def is_invite(self) -> bool:
        return self.received.method == "INVITE"

    def later(self, seconds: float, action: Callable[..., object], *args: Any) -> None:
        """Do something later, unless the transaction is settled before."""
        self._timers.append(asyncio.get_running_loop().call_later(seconds, action, *args))

    def stop_timers(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()

    def respond(self, status: int, reason: str) -> None:
        """Answer by ourselves."""
        self.send_back(respond(self.received, status, reason, tag=self.tag if status > 100 else None))

    def send_back(self, response: Message) -> None:
        """Send a response towards the sender of the request; a final one settles the transaction."""
        if self.final and not (200 <= response.status < 300 and self.is_invite):
            return
        if self.on_response and response.status > 100:
            self.on_response(response)
        self._last = response.encode()
        self.replay()
        if response.status >= 200 and not self.final:
            self._settle(response.status)

    def _settle(self, status: int) -> None:
        self.final = status
        self.stop_timers()
        self.later(TIMEOUT, self._proxy.forget, self)
        if self.is_invite and status >= 300:
            self.later(T1, self._repeat_until_ack, 2 * T1)

    def _repeat_until_ack(self, wait: float) -> None:
        """Timer G."""
        self.replay()
        self.later(min(wait, T2), self._repeat_until_ack, 2 * wait)

    def replay(self) -> None:
        """Answer a retransmitted request with the last response."""
        if self._last:
            self._proxy.send(self._last, self.reply_to)


class Policy(Protocol):
    """What a proxy asks."""

    def is_deaf(self) -> bool:
        """Whether nothing is heard."""

    def handle(self, context: Context) -> None:
        """Answer a new request, or forward it."""

    def acknowledge(self, ack: Message) -> Address | None:
        """Where the ACK of a 2xx goes; None to drop it."""


class Proxy(asyncio.DatagramProtocol):
    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._transport: asyncio.DatagramTransport | None = None
        self._received: dict[Key, Context] = {}
        self._sent: dict[tuple[str, str], Context] = {}
        self.address: Address = ("", 0)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)  # its class does not inherit from it in 3.11
        self.address = transport.get_extra_info("sockname")[:2]

    def send(self, datagram: bytes, target: Address) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(datagram, target)

    def datagram_received(self, data: bytes, source: Address) -> None:
        if not data.strip(b"\r\n\0") or self._policy.is_deaf():
            return  # keep-alive, RFC 5626 3.5.1
        try:
            message = parse(data)
            if message.is_request:
                self._receive_request(message, source)
            else:
                self._receive_response(message)
        except BadMessage as error:
            event("sip.malformed", source=f"{source[0]}:{source[1]}", octets=len(data), why=error)

    def error_received(self, error: Exception) -> None:
        event("sip.unreachable", why=error)  # an ICMP answer; the timers decide what becomes of the request

    def _receive_request(self, request: Message, source: Address) -> None:
        reply_to = note_source(request, source)
        key = _key(request)
        known = self._received.get(key)
        if request.method == "ACK":
            self._receive_ack(request, known)
        elif known:
            known.replay()
        elif request.method == "CANCEL":
            self._cancel(request, reply_to, key)
        else:
            context = Context(self, request, reply_to, key)
            self._received[key] = context
            self._screen(context)

    def _screen(self, context: Context) -> None:
        """RFC 3261 16.3: what no policy needs to see."""
        if int(context.received.first("max-forwards") or MAX_FORWARDS) == 0:
            context.respond(483, "Too Many Hops")
            return
        if context.is_invite:
            context.respond(100, "Trying")
        self._policy.handle(context)

    def _receive_ack(self, ack: Message, invite: Context | None) -> None:
        if invite and invite.final >= 300:
            invite.stop_timers()  # timer I: keep absorbing retransmissions for a while
            invite.later(T2 + 1, self.forget, invite)
            return
        target = self._policy.acknowledge(ack)
        if target:
            self._push_via(ack, COOKIE + secrets.token_hex(12))
            self.send(ack.encode(), target)

    def forward(self, context: Context, request: Message, target: Address) -> None:
        """Send a copy of the request on its way (RFC 3261 16.6), repeating it until it is answered."""
        if context.final or context.cancelled:
            return
        self._push_via(request, context.branch)
        context.sent, context.target = request, target
        self._sent[context.branch, request.method] = context
        self._transmit(context, request.encode(), T1)
        context.later(TIMEOUT, self._give_up, context)

    def send_request(self, request: Message, target: Address) -> None:
        """Send a request of our own, once: nobody waits for its answer."""
        self._push_via(request, COOKIE + secrets.token_hex(12))
        self.send(request.encode(), target)

    def _push_via(self, request: Message, branch: str) -> None:
        hops = int(request.first("max-forwards") or MAX_FORWARDS + 1)
        request.replace("Max-Forwards", str(hops - 1))
        request.push("Via", f"SIP/2.0/UDP {self.address[0]}:{self.address[1]};branch={branch}")

    def _transmit(self, context: Context, datagram: bytes, wait: float) -> None:
        """Timers A and E."""
        if context.final or context.target is None or (context.rang and context.is_invite):
            return
        self.send(datagram, context.target)
        longest = TIMEOUT if context.is_invite else T2
        context.later(wait, self._transmit, context, datagram, min(2 * wait, longest))

    def _give_up(self, context: Context) -> None:
        """Timers B and F."""
        if not context.final and not (context.rang and context.is_invite):
            context.respond(408, "Request Timeout")

    def _receive_response(self, response: Message) -> None:
        branch = parameters(response.pop("via") or "").get("branch", "")
        context = self._sent.get((branch, response.method))
        if context is None or response.first("via") is None:
            return
        if response.status < 200:
            self._note_ringing(context)
        elif response.status >= 300 and context.is_invite:
            self._acknowledge_failure(context, response)
        if response.status != 100:
            self._send_back(context, response)

    def _send_back(self, context: Context, response: Message) -> None:
        wait = context.hold(response) if context.hold else 0.0
        if wait:
            asyncio.get_running_loop().call_later(wait, context.send_back, response)
        elif wait is not None:
            context.send_back(response)

    def _note_ringing(self, context: Context) -> None:
        if not context.rang:
            context.rang = True
            context.later(TIMER_C, self._cancel_downstream, context)
            if context.cancelled:
                self._cancel_downstream(context)

    def _acknowledge_failure(self, context: Context, response: Message) -> None:
        """The ACK of a 3xx-6xx is ours to send, hop by hop (RFC 3261 17.1.1.3)."""
        ack = self._follow_up(context, "ACK")
        if ack and context.target:
            ack.replace("To", response.require("to"))
            self.send(ack.encode(), context.target)

    def _follow_up(self, context: Context, method: str) -> Message | None:
        """An ACK or CANCEL for what we sent: same Request-URI, topmost Via, Route, From, To, Call-ID, CSeq number."""
        if context.sent is None:
            return None
        sent = context.sent
        message = Message(f"{method} {sent.uri} SIP/2.0", [], method=method, uri=sent.uri)
        message.headers.append(("Via", sent.all("via")[0]))
        message.headers += [("Route", route) for route in sent.all("route")]
        message.headers += [(name, sent.require(name.lower())) for name in ("From", "To", "Call-ID")]
        message.headers += [("CSeq", f"{sent.sequence} {method}"), ("Max-Forwards", str(MAX_FORWARDS))]
        return message

    def _cancel(self, request: Message, reply_to: Address, key: Key) -> None:
        """RFC 3261 16.10."""
        answer = Context(self, request, reply_to, key)
        self._received[key] = answer
        invite = self._received.get((*key[:-1], "INVITE"))
        if invite is None:
            answer.respond(481, "Call/Transaction Does Not Exist")
            return
        answer.respond(200, "OK")
        invite.cancelled = True
        if invite.sent is None:
            invite.respond(487, "Request Terminated")
        elif invite.rang:
            self._cancel_downstream(invite)

    def _cancel_downstream(self, context: Context, wait: float = T1) -> None:
        cancel = self._follow_up(context, "CANCEL")
        if context.final or cancel is None or context.target is None:
            return
        self.send(cancel.encode(), context.target)
        if wait <= TIMEOUT / 2:
            context.later(wait, self._cancel_downstream, context, 2 * wait)
        else:
            context.respond(408, "Request Timeout")

    def lose(self, context: Context) -> None:
        """Leave a request without an answer, however often it is repeated."""
        context.later(TIMEOUT, self.forget, context)

    def forget(self, context: Context) -> None:
        context.stop_timers()
        self._received.pop(context.key, None)
        if context.sent:
            self._sent.pop((context.branch, context.sent.method), None)


def note_source(request: Message, source: Address) -> Address:
    """Write `received` and `rport` into the top Via (RFC 3261 18.2.1, RFC 3581); returns where responses go."""
    via = request.pop("via") or ""
    given = parameters(via)
    sent_by = host_of("sip:" + via.partition(";")[0].split()[-1]) if via.partition(";")[0].split() else None
    if sent_by is None:
        raise BadMessage("Via")
    if "rport" in given:
        via = via.replace(";rport", f";rport={source[1]}", 1) if not given["rport"] else via
    if "rport" in given or sent_by[0] != source[0]:
        via += f";received={source[0]}"
    request.push("Via", via)
    return source if "rport" in given else (source[0], sent_by[1])


def _key(request: Message) -> Key:
    """What makes a transaction (RFC 3261 17.2.3), with Call-ID and CSeq for peers that reuse branches."""
    via = request.require("via")
    sent_by = via.partition(";")[0]
    method = "INVITE" if request.method == "ACK" else request.method
    call = (request.require("call-id"), str(request.sequence))
    return (parameters(via).get("branch", ""), sent_by, *call, method)


def next_hop(request: Message) -> Address | None:
    """Where a request goes by its Route set, or else by its Request-URI (RFC 3261 16.6 item 7)."""
    route = request.first("route")
    return host_of(uri_of(route)) if route else host_of(request.uri)
