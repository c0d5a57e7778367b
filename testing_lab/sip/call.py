"""What outgoing and incoming calls share once a dialog exists: requests inside it, offers, and the end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import SystemRandom
from typing import Literal

from . import sdp, session_timer
from .answering import Answering
from .capabilities import ABILITIES, ACCEPT, ALLOW, SUPPORTED, unsupported
from .dialog import Dialog
from .digest import Login
from .endpoint import MAX_CHALLENGES, Endpoint, authorised
from .errors import AckTimeout, CallState, CallTimeout, MalformedMessage, SipError
from .message import Request, Response
from .sdp import following
from .server_transactions import InviteServer, ServerTransaction
from .session_timer import SessionTimer
from .timers import Alarms
from .trace import Trace
from .values import Peer

log = logging.getLogger(__name__)

_chance = SystemRandom()
EndedBy = Literal["local", "remote", "timeout", "cancelled", "rejected"]
SDP = ("Content-Type", "application/sdp")


@dataclass(frozen=True, slots=True)
class Heard:
    """A response and when it came (`time.monotonic()`, seconds)."""

    at: float
    status: int
    reason: str
    headers: Sequence[tuple[str, str]]
    body: bytes

    @classmethod
    def of(cls, response: Response) -> Heard:
        return cls(time.monotonic(), response.status, response.reason, tuple(response.headers), response.body)

    def header(self, name: str) -> str | None:
        """The first value of a header, or None."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def cause(self) -> str:
        """All that is said in Reason (RFC 3326), in one header or in several."""
        return ", ".join(value for key, value in self.headers if key.lower() == "reason")


class Call:
    """One call. `ended` is set once, with `ended_at` (monotonic), `ended_by`, and `end_reason`.

    `end_reason` is the Reason header (RFC 3326) of the one who ended it, or None.
    """

    glare_wait_s = (0.0, 2.0)  # RFC 3261 14.1: until a re-INVITE that crossed another's is sent again

    def __init__(self, endpoint: Endpoint, trace: Trace, login: Login | None) -> None:
        self.trace = trace
        self.call_id = ""
        self.dialog: Dialog | None = None
        self.local_sdp: bytes | None = None
        self.remote_sdp: bytes | None = None
        self.answered_at: float | None = None
        self.ended = asyncio.Event()
        self.ended_at: float | None = None
        self.ended_by: EndedBy | None = None
        self.end_reason: str | None = None
        # Answers an offer made by re-INVITE or UPDATE, or makes ours when asked for it (None). None from it means 488.
        self.on_offer: Callable[[bytes | None], bytes | None] = self._answer_offer
        self.we_answered = False  # whether, of the two descriptions that hold, the other side's was the offer
        self.on_end: Callable[[], None] = lambda: None  # for the user agent, to let go of the call
        self._endpoint, self._login = endpoint, login
        self._alarms = Alarms()
        self._answers: dict[int, Answering] = {}  # our 2xx that await their ACK, by CSeq number
        self.refreshes: list[float] = []  # monotonic times at which the session timer was refreshed
        self._session: SessionTimer | None = None
        self._peer_allows: set[str] = set()
        self._reinviting = False
        self._hanging_up = False

    @property
    def refresh_due_s(self) -> float | None:
        """Seconds from one refresh of the session to the next, whoever sends it; None without a session timer."""
        return self._session.refresh_after if self._session else None

    # What the owner of the call does

    async def bye(self, reason: str | None = None, timeout: float = 5.0) -> Heard:
        """Hang up; `reason` becomes the Reason header, such as `Q.850;cause=16` (RFC 3326).

        Returns the answer to BYE. Raises `CallTimeout` when none comes in `timeout` seconds (the call is over all the
        same), `CallState` when it was never answered or has ended.
        """
        if self.answered_at is None or self.ended.is_set() or self._hanging_up:
            raise CallState("there is no established call to hang up")
        self._hanging_up = True
        for answering in list(self._answers.values()):
            if not await answering.acknowledged():  # RFC 3261 15: no BYE before the ACK, or before giving up on it
                raise AckTimeout("our 2xx was not acknowledged; the call has been hung up for that")
        try:
            return await self._send_bye(self._require_dialog(), reason, timeout)
        finally:
            self._finish("local", reason)

    async def hang_up(self, timeout: float = 5.0) -> None:
        """End the call in whatever way its state asks for, and raise nothing about how that went."""
        with contextlib.suppress(SipError, TimeoutError):
            async with asyncio.timeout(timeout):
                await self._end(timeout)

    def drop(self) -> None:
        """Forget the call without a word on the wire, as when the socket goes away."""
        self._finish("local", None)

    async def reinvite(self, sdp: bytes, timeout: float = 32.0) -> Heard:
        """Offer a new session description (RFC 3261 14.1); the answer is in `remote_sdp` when the status is 2xx.

        When the other side was offering at the same moment (491), its offer goes first and ours is made once more.
        Returns the final response. Raises `CallTimeout`, or `CallState` when the call is not established or a re-INVITE
        is under way.
        """
        try:
            async with asyncio.timeout(timeout):
                agreed = self.local_sdp
                response = await self._reinvite(sdp)
                if response.status == 491:
                    await asyncio.sleep(_chance.uniform(*self.glare_wait_s))
                    response = await self._reinvite(sdp if self.local_sdp is agreed else following(sdp, self.local_sdp))
        except TimeoutError:
            raise CallTimeout(f"no answer to re-INVITE within {timeout} s") from None
        return Heard.of(response)

    async def ask(
        self, method: str, *, headers: Sequence[tuple[str, str]] = (), body: bytes = b"", timeout: float = 5.0
    ) -> Response:
        """Any other request inside the dialog (UPDATE, OPTIONS, PRACK). Raises `CallTimeout`."""
        dialog = self._require_dialog()
        request, peer = dialog.request(method)
        for name, value in headers:
            request.headers.add(name, value)
        request.body = body
        return await self._exchange(dialog, request, peer, timeout)

    # What arrives inside the dialog

    def receive(self, transaction: ServerTransaction, request: Request) -> None:
        """A request of the other side (RFC 3261 12.2.2)."""
        if not self._dialog_of(request).admits(request):
            transaction.reply(500, "CSeq out of order")
        elif missing := unsupported(request):
            transaction.reply(420, headers=[("Unsupported", ", ".join(missing))])
        elif request.method == "BYE":
            self._receive_bye(transaction, request)
        elif session_timer.is_too_small(request):
            transaction.reply(422, headers=[("Min-SE", str(session_timer.MIN_SE))])
        elif isinstance(transaction, InviteServer):
            self._receive_reinvite(transaction, request)
        else:
            self._receive_other(transaction, request)

    def acknowledge(self, request: Request) -> None:
        """The ACK of one of our 2xx; the answer to an offer of ours may travel in it (RFC 3264 by RFC 3261 13.2.1)."""
        answering = self._answers.pop(request.cseq.number, None)
        if answering is not None:
            if request.sdp:
                self._note_description(self._require_dialog(), request.sdp, we_answered=False)
            answering.confirm()

    def _receive_bye(self, transaction: ServerTransaction, request: Request) -> None:
        transaction.reply(200)
        for answering in self._answers.values():
            answering.confirm()  # whoever hangs up has heard our 2xx
        self._answers.clear()
        self._finish("remote", request.headers.joined("Reason"))

    def _receive_reinvite(self, transaction: InviteServer, request: Request) -> None:
        if self._is_inviting:
            transaction.reply(491)  # 14.2, glare
        elif self._answers or self.answered_at is None:
            transaction.reply(500, headers=[("Retry-After", "3")])  # 14.2: one INVITE at a time
        else:
            self._answer_refresh(transaction, request)

    def _receive_other(self, transaction: ServerTransaction, request: Request) -> None:
        if request.method == "UPDATE":
            self._receive_update(transaction, request)
        elif request.method == "OPTIONS":
            transaction.reply(200, headers=ABILITIES)
        else:
            transaction.reply(405, headers=[("Allow", ALLOW)])

    def _receive_update(self, transaction: ServerTransaction, request: Request) -> None:
        """An offer waits until those before it are answered (RFC 3311 5.2)."""
        if request.sdp and self._is_offering(self._dialog_of(request)):
            transaction.reply(491)
        elif request.sdp and self._owes_answer:
            transaction.reply(500, headers=[("Retry-After", "3")])
        else:
            self._answer_refresh(transaction, request)

    def _answer_refresh(self, transaction: ServerTransaction, request: Request) -> None:
        """Answer a re-INVITE or UPDATE; a re-INVITE without offer asks for ours (RFC 3261 14.2)."""
        dialog = self._dialog_of(request)
        if request.body and request.sdp is None:
            transaction.reply(415, headers=[("Accept", ACCEPT)])
            return
        try:
            body = self._describe(dialog, request)
        except MalformedMessage as fault:
            log.info("offer refused: %s", fault)
            transaction.reply(488)
            return
        dialog.refresh(request)
        timer, timer_headers = session_timer.accept(request)
        if timer is not None:
            self.refreshes.append(time.monotonic())
        self._keep_alive(timer)  # or no more: our 2xx without Session-Expires ends it at their side (RFC 4028 7.2)
        headers = [("Contact", dialog.contact), *ABILITIES, *timer_headers, *([SDP] if body else [])]
        response = transaction.reply(200, headers=headers, body=body)
        if isinstance(transaction, InviteServer):
            self._await_ack(transaction, response)

    def _describe(self, dialog: Dialog, request: Request) -> bytes:
        """The body of our 2xx to an offer, or to a request for one; raises `MalformedMessage` without agreement."""
        if request.sdp is None and request.method != "INVITE":
            return b""
        ours = self.on_offer(request.sdp)
        if ours is None:
            raise MalformedMessage("offer not acceptable")
        self.local_sdp = ours
        if request.sdp:
            self._note_description(dialog, request.sdp, we_answered=True)
        return ours

    def _note_description(self, dialog: Dialog, description: bytes, *, we_answered: bool) -> None:
        self.remote_sdp = dialog.remote_sdp = description
        self.we_answered = we_answered

    def _answer_offer(self, offer: bytes | None) -> bytes | None:
        """Keep our address and port; agree to what both sides speak."""
        if self.local_sdp is None:
            return None
        return sdp.reoffer(self.local_sdp) if offer is None else sdp.answer_as(offer, self.local_sdp)

    def _dialog_of(self, request: Request) -> Dialog:
        """The dialog in which a request came: an INVITE that was forked has several."""
        return self._require_dialog()

    @property
    def _is_inviting(self) -> bool:
        """Whether an INVITE of ours is under way."""
        return self._reinviting

    def _is_offering(self, dialog: Dialog) -> bool:
        """Whether an offer of ours is not answered yet."""
        return self._reinviting

    @property
    def _owes_answer(self) -> bool:
        """Whether an offer of the other side is not answered yet."""
        return False

    # Session timer (RFC 4028)

    def _keep_alive(self, timer: SessionTimer | None) -> None:
        """Start, restart or stop the timer as agreed."""
        self._session = timer
        self._alarms.stop("session")
        if timer is not None and timer.we_refresh:
            self._alarms.start("session", timer.refresh_after, self._refresh_later)
        elif timer is not None:
            self._alarms.start("session", timer.expire_after, self._expire)

    def _refresh_later(self) -> None:
        self._endpoint.run(self._refresh())

    async def _refresh(self) -> None:
        """UPDATE where the other side allows it, else a re-INVITE with the same description (RFC 4028 7.4)."""
        timer = self._session
        if timer is None or self.ended.is_set():
            return
        self._alarms.start("session", timer.interval - timer.refresh_after, self._expire)
        try:
            if "update" in self._peer_allows:
                headers = [("Supported", SUPPORTED), *timer.headers]
                self._heed(await self.ask("UPDATE", headers=headers, timeout=self._endpoint.timers.patience))
            else:
                await self.reinvite(self.local_sdp or b"")
        except CallTimeout:
            self._expire()

    def _expire(self) -> None:
        if not self.ended.is_set():
            self._finish("timeout", None)
            self._send_bye_later(self._require_dialog())

    def _heed(self, response: Response) -> None:
        """What a final response to a refresh means for the call (RFC 3261 12.2.1.2, RFC 4028 10)."""
        if response.status in {408, 481}:
            self._expire()
        elif response.status < 300 and self._session is not None:
            self.refreshes.append(time.monotonic())
            self._keep_alive(session_timer.agreed(response))

    # Shared machinery

    def _await_ack(self, transaction: InviteServer, response: Response) -> Answering:
        """Repeat a 2xx until its ACK; without one the call is over (13.3.1.4)."""
        number = response.cseq.number
        answering = Answering(transaction, response, on_lost=lambda: self._lose_ack(number))
        self._answers[number] = answering
        return answering

    def _lose_ack(self, number: int) -> None:
        self._answers.pop(number, None)
        self._expire()

    async def _reinvite(self, offer: bytes) -> Response:
        if self.answered_at is None or self.ended.is_set() or self._reinviting:
            raise CallState("no established call, or a re-INVITE is under way")
        self._reinviting = True
        try:
            response = await self._offer(offer)
        finally:
            self._reinviting = False
        if response.status < 300:
            self.local_sdp = offer
            self._note_description(self._require_dialog(), response.sdp or self.remote_sdp or b"", we_answered=False)
        self._heed(response)
        return response

    async def _offer(self, description: bytes) -> Response:
        dialog = self._require_dialog()
        request, _ = dialog.request("INVITE")
        timer = self._session.headers if self._session else []
        for name, value in (*ABILITIES, SDP, *timer):
            request.headers.add(name, value)
        request.body = description
        if self._login is not None:
            self._login.prepare(request)
        response = await self._reinvite_once(request)
        for _ in range(MAX_CHALLENGES):
            retry = authorised(request, response, self._login, dialog.next_cseq)
            if retry is None:
                break
            request = retry
            response = await self._reinvite_once(request)
        return response

    async def _reinvite_once(self, request: Request) -> Response:
        dialog = self._require_dialog()
        _, peer = dialog.request("INVITE", cseq=request.cseq.number)
        final: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        acks: list[bytes] = []

        def heard(response: Response) -> None:
            if 200 <= response.status < 300:
                if not acks:
                    dialog.refresh(response)
                self._acknowledge_2xx(request, dialog, acks)
            if response.status >= 200 and not final.done():
                final.set_result(response)

        def silent() -> None:
            if not final.done():
                final.set_exception(CallTimeout("no answer to re-INVITE"))

        self._endpoint.start(request, peer, trace=self.trace, on_response=heard, on_timeout=silent)
        return await final

    def _acknowledge_2xx(self, invite: Request, dialog: Dialog, sent: list[bytes]) -> None:
        """ACK a 2xx, and its every copy with the same datagram (13.2.2.4); credentials as in the INVITE (22.1)."""
        ack, peer = dialog.request("ACK", cseq=invite.cseq.number)
        if sent:
            self.trace.note("sent", peer, sent[0])
            self._endpoint.send(sent[0], peer)
            return
        for name in ("Authorization", "Proxy-Authorization"):
            for value in invite.headers.all(name):
                ack.headers.add(name, value)
        sent.append(self._endpoint.send_ack(ack, peer, trace=self.trace))

    async def _end(self, timeout: float) -> None:
        await self.bye(timeout=timeout)

    async def _exchange(self, dialog: Dialog, request: Request, peer: Peer, timeout: float) -> Response:
        return await self._endpoint.exchange(
            request, peer, trace=self.trace, next_cseq=dialog.next_cseq, timeout=timeout, login=self._login
        )

    async def _send_bye(self, dialog: Dialog, reason: str | None, timeout: float) -> Heard:
        request, peer = dialog.request("BYE")
        if reason:
            request.headers.add("Reason", reason)
        return Heard.of(await self._exchange(dialog, request, peer, timeout))

    def _send_bye_later(self, dialog: Dialog) -> None:
        """Hang up without anybody waiting for the outcome."""
        bye = self._send_bye(dialog, None, self._endpoint.timers.patience)
        self._endpoint.run(bye)

    def _finish(self, by: EndedBy, reason: str | None) -> None:
        """Mark the end once, and leave every table."""
        if self.ended.is_set():
            return
        self.ended_at, self.ended_by, self.end_reason = time.monotonic(), by, reason
        self._alarms.clear()
        for answering in self._answers.values():
            answering.abandon()
        self._answers.clear()
        self._leave()
        self.ended.set()
        self.on_end()

    def _leave(self) -> None:
        if self.dialog is not None:
            self._endpoint.dialogs.pop(self.dialog.key, None)

    def _require_dialog(self) -> Dialog:
        if self.dialog is None:
            raise CallState("the call has no dialog yet")
        return self.dialog
