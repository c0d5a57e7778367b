"""A call that we receive: ringing, answering, refusing (RFC 3261 13.3)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from functools import cached_property

from . import session_timer
from .answering import Answering
from .call import SDP, Call
from .capabilities import ABILITIES
from .dialog import Dialog
from .endpoint import Endpoint
from .errors import AckTimeout, CallCancelled, CallState, MalformedMessage
from .message import Request
from .reliable import ReliableSender
from .server_transactions import InviteServer, ServerTransaction
from .values import NameAddr, Uri

UNANSWERED_LIMIT = 180.0  # seconds until a call that nobody answers or refuses is refused with 480


class IncomingCall(Call):
    """`request` is the INVITE as it came, with every header (Identity, Privacy, Diversion...)."""

    def __init__(self, endpoint: Endpoint, transaction: InviteServer) -> None:
        request = transaction.request
        super().__init__(endpoint, transaction.trace, endpoint.login_at(request.via.reply_to))
        contact = f"<sip:{endpoint.host_port}>"
        self.request: Request = request
        self.call_id = request.call_id
        self.arrived_at = time.monotonic()
        self.merged = 0  # how often the same INVITE came again over another path (8.2.2.2)
        self.remote_sdp = request.sdp
        self.cancelled = asyncio.Event()
        self.dialog = Dialog.of_callee(request, tag=transaction.tag, contact=contact)
        self.dialog.remote_sdp = request.sdp
        self.we_answered = request.sdp is not None
        self._peer_allows = request.headers.tokens("Allow")
        self._reliable = ReliableSender()
        self._provisional: Answering | None = None
        self._transaction = transaction
        transaction.on_cancel = self._receive_cancel
        endpoint.dialogs[self.dialog.key] = self
        self._alarms.start("unanswered", UNANSWERED_LIMIT, self._refuse, 480)

    # Who calls whom

    @cached_property
    def called(self) -> str:
        """The user part of the Request-URI, usually `+` and the number."""
        return Uri.parse(self.request.uri).number or ""

    @cached_property
    def caller(self) -> str:
        """The user part of From: what the other side shows."""
        return self.request.sender.uri.number or ""

    @property
    def asserted_identity(self) -> str | None:
        """The user part of P-Asserted-Identity: what the network vouches for (RFC 3325 9.1)."""
        for value in self.request.headers.elements("P-Asserted-Identity"):
            try:
                return NameAddr.parse(value).uri.number
            except MalformedMessage:
                continue
        return None

    # What the owner of the call does

    async def ring(self) -> None:
        """180 Ringing. Raises `CallCancelled`, or `CallState` after a final response."""
        await self.progress(None, 180)

    async def progress(self, sdp: bytes | None, status: int = 183, *, reliable: bool = False) -> None:
        """A provisional response, with a session description for early media (RFC 3960).

        Sent reliably (RFC 3262) when asked for here or by the caller's Require; then it returns with the PRACK.
        Raises `AckTimeout` without PRACK for 64*T1 (the call is then refused), `CallCancelled`, `CallState`.
        """
        await self._finish_provisional()
        self._require_open()
        self.local_sdp = sdp or self.local_sdp
        must = "100rel" in self.request.headers.tokens("Require")
        extra = self._reliable.next_headers() if reliable or must else []
        headers = [*self._dialog_headers(sdp), *extra]
        response = self._transaction.reply(status, headers=headers, body=sdp or b"")
        if extra:
            self._provisional = Answering(self._transaction, response, on_lost=lambda: self._refuse(500))
            await self._finish_provisional()

    async def answer(self, sdp: bytes) -> None:
        """200 OK, repeated until acknowledged; returns when the ACK (or at once a BYE) arrived.

        `sdp` answers the caller's offer. If it made none, `sdp` is ours, and its answer comes with the ACK.

        Raises `AckTimeout` after 64*T1 (the call is then hung up), `CallCancelled` when the caller withdrew before,
        `CallState` after another final response.
        """
        await self._finish_provisional()
        self._require_open()
        self.local_sdp = sdp
        self.answered_at = time.monotonic()
        self._alarms.clear()
        if not await self._send_answer(sdp).acknowledged():
            raise AckTimeout("our 200 was not acknowledged")

    async def reject(
        self, status: int, reason_phrase: str | None = None, headers: Sequence[tuple[str, str]] = ()
    ) -> None:
        """A final response of 300 or above, such as 486 with `("Reason", "Q.850;cause=17")`."""
        if status < 300:
            raise CallState(f"{status} does not refuse a call")
        self._require_open()
        self._refuse(status, reason_phrase, headers)

    async def _end(self, timeout: float) -> None:
        if self._transaction.is_open:
            self._refuse(480)
        else:
            await super()._end(timeout)

    async def fail(self) -> None:
        """Our own fault: 500, or BYE when it was answered already."""
        if self._transaction.is_open:
            self._refuse(500)
        else:
            await self.hang_up()

    # Inside

    def _send_answer(self, sdp: bytes) -> Answering:
        timer, extra = session_timer.accept(self.request)
        response = self._transaction.reply(200, headers=[*self._dialog_headers(sdp), *extra], body=sdp)
        self._keep_alive(timer)
        return self._await_ack(self._transaction, response)

    async def _finish_provisional(self) -> None:
        """RFC 3262 3: nothing further is sent while a reliable response is unacknowledged."""
        if self._provisional is not None and not await self._provisional.acknowledged() and not self.cancelled.is_set():
            raise AckTimeout("our reliable provisional response was not acknowledged")

    def _receive_other(self, transaction: ServerTransaction, request: Request) -> None:
        if request.method != "PRACK":
            super()._receive_other(transaction, request)
        elif self._provisional is not None and self._reliable.matches(request, self.request):
            self._receive_prack(transaction, request)
            self._provisional.confirm()
        else:
            transaction.reply(481)

    def _receive_prack(self, transaction: ServerTransaction, request: Request) -> None:
        """It may bring the answer to the offer in our response, or an offer of its own (RFC 3262 5)."""
        if request.sdp is None or self.remote_sdp is not None:
            self._answer_refresh(transaction, request)
            return
        self._note_description(self._require_dialog(), request.sdp, we_answered=False)
        transaction.reply(200)

    @property
    def _owes_answer(self) -> bool:
        return self.answered_at is None and self.local_sdp is None

    def _dialog_headers(self, sdp: bytes | None) -> list[tuple[str, str]]:
        """What makes the dialog on the other side (12.1.1): Record-Route as received, and our Contact."""
        routes = [("Record-Route", value) for value in self.request.headers.all("Record-Route")]
        contact = ("Contact", self._require_dialog().contact)
        return [*routes, contact, *ABILITIES, *([SDP] if sdp else [])]

    def _refuse(self, status: int, reason_phrase: str | None = None, headers: Sequence[tuple[str, str]] = ()) -> None:
        self._transaction.reply(status, reason_phrase, headers=headers)
        cause = next((value for name, value in headers if name.lower() == "reason"), None)
        self._finish("rejected", cause)

    def _receive_cancel(self, request: Request) -> None:
        """9.2: the INVITE ends with 487."""
        self._withdraw(request)

    def _receive_bye(self, transaction: ServerTransaction, request: Request) -> None:
        if self._transaction.is_open:
            self._withdraw(request)
        super()._receive_bye(transaction, request)

    def _withdraw(self, request: Request) -> None:
        self._transaction.reply(487)
        self.cancelled.set()
        self._finish("cancelled", request.headers.joined("Reason"))

    def _require_open(self) -> None:
        if self.cancelled.is_set():
            raise CallCancelled("the caller has withdrawn")
        if not self._transaction.is_open:
            raise CallState("the INVITE has had its final response")
