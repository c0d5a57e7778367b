"""The transaction layer of one user agent: matches messages to transactions and dialogs (RFC 3261 17, 18)."""

from __future__ import annotations

import asyncio
import logging
import secrets
import socket
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from testing_lab.admission import Admission

from .client_transactions import ClientTransaction, InviteClient, NonInviteClient
from .dialog import DialogKey
from .digest import Credentials, Login
from .errors import AgentClosed, CallTimeout, SipError
from .message import Request, Response
from .server_transactions import InviteServer, NonInviteServer, ServerKey, ServerTransaction, server_key
from .server_transactions import State as ServerState
from .timers import Timers
from .trace import Trace
from .transport import UdpTransport
from .values import BRANCH_COOKIE, Peer

log = logging.getLogger(__name__)

MAX_SERVERS = 4096  # requests outside dialogs that are being answered; whoever floods us with more is not answered
MAX_CHALLENGES = 3  # a proxy's, a server's, and one stale nonce; a server that only ever says "stale" is left alone


class DialogUser(Protocol):
    """A call: gets the requests of its dialogs."""

    trace: Trace

    def receive(self, transaction: ServerTransaction, request: Request) -> None: ...
    def acknowledge(self, request: Request) -> None: ...


class Endpoint:
    """All transactions and dialogs that share one socket. `on_request` gets requests outside dialogs."""

    def __init__(
        self,
        on_request: Callable[[ServerTransaction, Request], None],
        *,
        timers: Timers,
        credentials: Credentials | None,
        user_agent: str,
    ) -> None:
        self.timers, self.user_agent = timers, user_agent
        self.logins: dict[Peer, Login] = {}  # of the servers that want one
        self._login = Login(credentials) if credentials else None  # of all others
        self.clients: dict[tuple[str, str], ClientTransaction] = {}
        self.servers: dict[ServerKey, ServerTransaction] = {}
        self.dialogs: dict[DialogKey, DialogUser] = {}
        self.address: Peer = ("", 0)
        self.is_open = False
        self._on_request = on_request
        self._tasks: set[asyncio.Task[object]] = set()
        self._transport = UdpTransport(self.receive)

    def open(self, host: str, port: int, advertise: str | None) -> None:
        bound = self._transport.open(host, port)
        self.address = advertise or _reachable(bound[0]), bound[1]
        self.is_open = True

    def close(self) -> None:
        """Drop every transaction, telling those who wait that no answer will come, and the socket."""
        self.is_open = False
        for client in list(self.clients.values()):
            client.terminate()
            client.on_timeout()
        for server in list(self.servers.values()):
            server.terminate()
        for task in self._tasks:
            task.cancel()
        self.dialogs.clear()
        self._transport.close()

    @property
    def malformed(self) -> int:
        """How many datagrams were refused or dropped."""
        return self._transport.malformed

    @property
    def unwelcome(self) -> int:
        """How many datagrams came from addresses that are not admitted."""
        return self._transport.unwelcome

    def kept_out(self, number: str, since: float) -> str:
        """The host from which a call for the number came since that time (by the monotonic clock) and was not heard,
        since it is not admitted; "" if none did. The last seven digits tell, so that any way to write it will do."""
        digits = number[-7:].encode()
        calls = (each for each in self._transport.kept_out if each.at >= since)
        return next((call.host for call in calls if digits in call.line), "")

    def admit(self, admission: Admission) -> None:
        """Take datagrams from these alone."""
        self._transport.admission = admission

    @property
    def host_port(self) -> str:
        """Our address as written in Via and Contact."""
        host, port = self.address
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    # Sending

    def send(self, data: bytes, peer: Peer) -> None:
        self._transport.send(data, peer)

    def start(
        self,
        request: Request,
        peer: Peer,
        *,
        trace: Trace,
        on_response: Callable[[Response], None],
        on_timeout: Callable[[], None],
    ) -> ClientTransaction:
        """Send a request in a new transaction, with a new branch; `request` itself stays without Via."""
        kind = InviteClient if request.method == "INVITE" else NonInviteClient
        return self._start(
            kind(self, self._via(request), peer, trace=trace, on_response=on_response, on_timeout=on_timeout)
        )

    def start_cancel(self, cancel: Request, peer: Peer, *, trace: Trace) -> None:
        """Send a CANCEL; it keeps the branch of its INVITE, and nobody waits for its answer (RFC 3261 9.1)."""
        self._start(
            NonInviteClient(
                self, cancel, peer, trace=trace, on_response=lambda _response: None, on_timeout=lambda: None
            )
        )

    def send_ack(self, ack: Request, peer: Peer, *, trace: Trace) -> bytes:
        """Send the ACK of a 2xx, which is no transaction; returns the datagram, to be repeated as it is (13.2.2.4)."""
        data = self._via(ack).serialise()
        trace.note("sent", peer, data)
        self.send(data, peer)
        return data

    def login_at(self, peer: Peer) -> Login | None:
        """Our credentials at this hop."""
        return self.logins.get(peer, self._login)

    async def exchange(
        self,
        request: Request,
        peer: Peer,
        *,
        trace: Trace,
        next_cseq: Callable[[], int],
        timeout: float,
        login: Login | None,
    ) -> Response:
        """Send a request other than INVITE and wait for its final response, answering a digest challenge.

        Raises `CallTimeout` after `timeout` seconds, or when 64*T1 have passed without an answer.
        """
        if login is not None:
            login.prepare(request)
        try:
            async with asyncio.timeout(timeout):
                response = await self._once(request, peer, trace)
                for _ in range(MAX_CHALLENGES):
                    retry = authorised(request, response, login, next_cseq)
                    if retry is None:
                        break
                    request = retry
                    response = await self._once(request, peer, trace)
                return response
        except TimeoutError:
            raise CallTimeout(f"no answer to {request.method} within {timeout} s") from None

    async def _once(self, request: Request, peer: Peer, trace: Trace) -> Response:
        answer: asyncio.Future[Response] = asyncio.get_running_loop().create_future()

        def heard(response: Response) -> None:
            if response.status >= 200 and not answer.done():
                answer.set_result(response)

        def silent() -> None:
            if not answer.done():
                answer.set_exception(CallTimeout(f"no answer to {request.method}"))

        self.start(request, peer, trace=trace, on_response=heard, on_timeout=silent)
        return await answer

    def _start(self, transaction: ClientTransaction) -> ClientTransaction:
        if not self.is_open:
            raise AgentClosed("the user agent is closed")
        self.clients[transaction.key] = transaction
        transaction.start()
        return transaction

    def _via(self, request: Request) -> Request:
        sent = request.copy()
        branch = f"{BRANCH_COOKIE}{secrets.token_hex(8)}"
        sent.headers.insert("Via", f"SIP/2.0/UDP {self.host_port};branch={branch};rport")
        if "User-Agent" not in sent.headers:
            sent.headers.add("User-Agent", self.user_agent)
        return sent

    def run(self, work: Coroutine[Any, Any, object]) -> asyncio.Task[object]:
        """Run in the background; the outcome is only logged, and `close()` cancels what is left."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(_log_failure)
        return task

    # Receiving

    def forget(self, transaction: ClientTransaction) -> None:
        self.clients.pop(transaction.key, None)

    def dismiss(self, transaction: ServerTransaction) -> None:
        self.servers.pop(transaction.key, None)

    def receive(self, message: Request | Response, peer: Peer) -> None:
        if isinstance(message, Response):
            self._receive_response(message, peer)
        else:
            _stamp(message, peer)
            self._receive_request(message)

    def _receive_response(self, response: Response, peer: Peer) -> None:
        if len(response.headers.elements("Via")) != 1:
            return  # RFC 3261 8.1.3.3: sent to us by mistake
        transaction = self.clients.get((response.via.branch, response.cseq.method))
        if transaction is not None:
            transaction.trace.note("received", peer, response.raw)
            transaction.receive(response)

    def _receive_request(self, request: Request) -> None:
        known = self.servers.get(server_key(request))
        if request.method == "ACK":
            self._receive_ack(known, request)
        elif known is not None:
            known.receive_copy(request)
        elif self._is_flooded(request):
            return
        elif request.method == "CANCEL":
            self._receive_cancel(request)
        else:
            self._receive_new(request)

    def _receive_ack(self, known: ServerTransaction | None, request: Request) -> None:
        if isinstance(known, InviteServer) and known.state in {ServerState.COMPLETED, ServerState.CONFIRMED}:
            known.note_received(request)
            known.receive_ack()
        elif user := self.dialogs.get(_dialog_key(request)):
            user.trace.note("received", request.via.reply_to, request.raw)
            user.acknowledge(request)

    def _receive_cancel(self, request: Request) -> None:
        """9.2: the CANCEL gets its own answer, then the INVITE is answered 487 by its owner."""
        invite = self.servers.get((*server_key(request)[:-1], "INVITE"))
        transaction = self._serve(request, invite.trace if invite else Trace())
        if not isinstance(invite, InviteServer):
            transaction.reply(481)
            return
        transaction.tag = invite.tag
        transaction.reply(200)
        if invite.is_open and invite.on_cancel is not None:
            invite.on_cancel(request)

    def _receive_new(self, request: Request) -> None:
        user = self.dialogs.get(_dialog_key(request))
        transaction = self._serve(request, user.trace if user else Trace())
        if user is not None:
            user.receive(transaction, request)
        elif request.recipient.tag is not None:
            transaction.reply(481)
        else:
            self._on_request(transaction, request)

    def _is_flooded(self, request: Request) -> bool:
        """RFC 3261 21.5.4 lets an overloaded server drop a request; to answer each would cost what it shall save."""
        return len(self.servers) >= MAX_SERVERS and _dialog_key(request) not in self.dialogs

    def _serve(self, request: Request, trace: Trace) -> ServerTransaction:
        kind = InviteServer if request.method == "INVITE" else NonInviteServer
        transaction = kind(self, request, trace=trace)
        self.servers[transaction.key] = transaction
        transaction.note_received(request)
        return transaction


def authorised(
    request: Request, response: Response, login: Login | None, next_cseq: Callable[[], int]
) -> Request | None:
    """The request with credentials, if `response` is a challenge that we can answer."""
    if response.status not in {401, 407} or login is None:
        return None
    return login.retry(request, response, next_cseq=next_cseq)


def _log_failure(task: asyncio.Task[object]) -> None:
    if task.cancelled() or (fault := task.exception()) is None:
        return
    if isinstance(fault, SipError):
        log.info("background work ended: %s", fault)
    else:
        log.error("background work failed", exc_info=fault)


def _dialog_key(request: Request) -> DialogKey:
    return request.call_id, request.recipient.tag or "", request.sender.tag or ""


def _stamp(request: Request, peer: Peer) -> None:
    stamped = str(request.via.seen_from(peer))
    request.headers.replace("Via", ", ".join([stamped, *request.headers.elements("Via")[1:]]))


def _reachable(host: str) -> str:
    """The address for others to reach us at; bound to all addresses, the one that the default route uses."""
    if host not in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
        return host
    probe = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    with probe:
        probe.connect(("2001:db8::1" if ":" in host else "192.0.2.1", 9))  # UDP: nothing is sent
        address: str = probe.getsockname()[0]
        return address
