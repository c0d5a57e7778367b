"""The SIP user agent of the lab: one UDP socket, hundreds of calls (RFC 3261)."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Sequence

from testing_lab.emergency import guard

from . import session_timer
from .call import SDP, Call
from .capabilities import ABILITIES, ACCEPT, ALLOW, unsupported
from .digest import Credentials, Login
from .endpoint import Endpoint
from .errors import CallCancelled, MalformedMessage
from .headers import Headers
from .incoming import IncomingCall
from .message import Request, Response
from .outgoing import OutgoingCall
from .server_transactions import InviteServer, ServerTransaction
from .timers import Timers
from .trace import Trace
from .values import Peer, Uri, name_addr

log = logging.getLogger(__name__)

Origin = tuple[str, str, int]  # Call-ID, From tag, CSeq number
USER_AGENT = "Numberyard testing lab"


class UserAgent:
    """Places and receives calls.

    `on_invite` is run as its own task for each new INVITE; while it is None they are refused with 480. What it
    leaves unanswered may be answered later by whoever holds the call.
    """

    def __init__(self, *, credentials: Credentials | None, user_agent: str, timers: Timers) -> None:
        self.on_invite: Callable[[IncomingCall], Awaitable[None]] | None = None
        self.endpoint = Endpoint(self._receive, timers=timers, credentials=credentials, user_agent=user_agent)
        self.calls: set[Call] = set()
        self._origins: dict[Origin, IncomingCall] = {}

    @classmethod
    async def start(
        cls,
        host: str,
        port: int,
        *,
        credentials: Credentials | None = None,
        user_agent: str = USER_AGENT,
        advertise: str | None = None,
        timers: Timers | None = None,
    ) -> UserAgent:
        """Bind `host`:`port` (0 for any port). `advertise` is the host written in Via and Contact behind a 1:1 NAT.

        Raises `OSError` when the address cannot be bound.
        """
        guard.prepare()
        agent = cls(credentials=credentials, user_agent=user_agent, timers=timers or Timers())
        agent.endpoint.open(host, port, advertise)
        return agent

    @property
    def address(self) -> Peer:
        """Where others reach us: host and port."""
        return self.endpoint.address

    async def invite(
        self,
        target: str,
        *,
        via: Peer,
        caller: str,
        sdp: bytes,
        headers: Sequence[tuple[str, str]] = (),
        display_name: str | None = None,
    ) -> OutgoingCall:
        """Send an INVITE for `target` (`sip:+14155550123@host`) to the hop `via`; returns at once.

        `caller` is the number for From, or a whole URI (`sip:anonymous@anonymous.invalid`, RFC 3323 4.1.1.3).
        `headers` are added as they are (P-Asserted-Identity, Privacy...);
        `("Session-Expires", "90")` asks for a session timer (RFC 4028). Raises `MalformedMessage` for what cannot
        be written in a header, `DiallingRefused` for an emergency service, `AgentClosed` after `close()`.
        """
        request = self._outside("INVITE", target, caller=caller, display_name=display_name)
        user = request.sender.uri.user or "lab"
        request.headers.add("Contact", name_addr(f"sip:{user}@{self.endpoint.host_port}"))
        for name, value in (*ABILITIES, *headers, *([SDP] if sdp else [])):
            request.headers.add(name, value)
        request.body = sdp
        call = OutgoingCall(self.endpoint, request, via)
        self._watch(call)
        return call

    async def options(self, target: str, *, via: Peer, timeout: float = 5.0) -> Response:
        """Ask what the other side can do (11). Raises `CallTimeout`, `DiallingRefused`."""
        request = self._outside("OPTIONS", target, caller="lab", display_name=None)
        request.headers.add("Accept", ACCEPT)
        sequence = iter(range(2, 10))
        return await self.endpoint.exchange(
            request,
            via,
            trace=Trace(),
            next_cseq=lambda: next(sequence),
            timeout=timeout,
            login=self.endpoint.login_at(via),
        )

    def log_in(self, peer: Peer, credentials: Credentials | None) -> None:
        """Use these credentials, or none, for all that is sent to the hop `peer` from now on."""
        if credentials is None:
            self.endpoint.logins.pop(peer, None)
        else:
            self.endpoint.logins[peer] = Login(credentials)

    async def close(self, grace: float = 2.0) -> None:
        """Hang up what is still up, waiting at most `grace` seconds for the answers, then drop everything."""
        self.on_invite = None
        endings = [asyncio.create_task(call.hang_up(grace)) for call in list(self.calls)]
        if endings:
            await asyncio.wait(endings, timeout=grace)
        for ending in endings:
            ending.cancel()
        for call in list(self.calls):
            call.drop()
        self.endpoint.close()

    def _outside(self, method: str, target: str, *, caller: str, display_name: str | None) -> Request:
        """A request outside any dialog (8.1.1), without Via. All that we dial goes through here, and past the guard."""
        is_uri = caller.lower().startswith(("sip:", "sips:", "tel:"))
        uri = caller if is_uri else f"sip:{caller}@{self.endpoint.host_port}"
        target_uri = Uri.parse(target)
        guard.check(target)
        headers = Headers(
            [
                ("Max-Forwards", "70"),
                ("From", f"{name_addr(Uri.parse(uri), display_name)};tag={secrets.token_hex(8)}"),
                ("To", name_addr(target_uri)),
                ("Call-ID", f"{secrets.token_hex(16)}@{self.address[0]}"),
                ("CSeq", f"1 {method}"),
            ]
        )
        return Request(method=method, uri=str(target_uri), headers=headers)

    # What arrives outside dialogs

    def _receive(self, transaction: ServerTransaction, request: Request) -> None:
        if missing := unsupported(request):
            transaction.reply(420, headers=[("Unsupported", ", ".join(missing))])
        elif isinstance(transaction, InviteServer):
            self._receive_invite(transaction, request)
        elif request.method == "OPTIONS":
            transaction.reply(200, headers=ABILITIES)  # 11.2
        elif request.method in {"BYE", "PRACK", "UPDATE"}:
            transaction.reply(481)
        else:
            transaction.reply(405, headers=[("Allow", ALLOW)])

    def _receive_invite(self, transaction: InviteServer, request: Request) -> None:
        if (first := self._origins.get(_origin(request))) is not None:
            first.merged += request.via.branch != first.request.via.branch
            transaction.reply(482)  # 8.2.2.2: the same call over a second path
            return
        if request.body and request.sdp is None:
            transaction.reply(415, headers=[("Accept", ACCEPT)])
            return
        if session_timer.is_too_small(request):
            transaction.reply(422, headers=[("Min-SE", str(session_timer.MIN_SE))])
            return
        if self.on_invite is None:
            transaction.reply(480)
            return
        transaction.reply(100)
        try:
            call = IncomingCall(self.endpoint, transaction)
        except MalformedMessage as fault:
            transaction.reply(400, fault.reason)
            return
        self._watch_incoming(call, _origin(request))
        self.endpoint.run(self._handle(call, self.on_invite))

    async def _handle(self, call: IncomingCall, handler: Callable[[IncomingCall], Awaitable[None]]) -> None:
        try:
            await handler(call)
        except CallCancelled:
            log.info("%s: the caller withdrew", call.call_id)
        except Exception:
            await call.fail()
            raise

    def _watch(self, call: Call) -> None:
        """Keep the call until it ends."""
        self.calls.add(call)
        call.on_end = lambda: self.calls.discard(call)

    def _watch_incoming(self, call: IncomingCall, origin: Origin) -> None:
        def release() -> None:
            self.calls.discard(call)
            self._origins.pop(origin, None)

        self.calls.add(call)
        self._origins[origin] = call
        call.on_end = release


def _origin(request: Request) -> Origin:
    return request.call_id, request.sender.tag or "", request.cseq.number
