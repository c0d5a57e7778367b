"""A call that we place: INVITE, its responses, digest, ACK, CANCEL (RFC 3261 9.1, 13.2)."""

from __future__ import annotations

import asyncio
import time

from . import session_timer
from .call import Call, Heard
from .client_transactions import ClientTransaction, make_cancel
from .dialog import Dialog
from .endpoint import MAX_CHALLENGES, Endpoint, authorised
from .errors import CallState, CallTimeout
from .message import Request, Response
from .reliable import ReliableReceiver
from .server_transactions import ServerTransaction
from .trace import Trace
from .values import Peer

MAX_RESPONSES = 200  # kept of one call; a side that rings without end is not worth more memory
MAX_BRANCHES = 16  # early dialogs of one INVITE
RING_LIMIT = 180.0  # seconds of ringing before we give up by ourselves (as timer C of proxies, 16.6)


class OutgoingCall(Call):
    """`responses` has every provisional and final response in order, challenges included.

    `progress` is the first of them other than 100 and an answered challenge: what ends the post-dial delay.
    """

    glare_wait_s = (2.1, 4.0)  # RFC 3261 14.1: the Call-ID is ours

    def __init__(self, endpoint: Endpoint, invite: Request, via: Peer) -> None:
        super().__init__(endpoint, Trace(), endpoint.login_at(via))
        self.call_id = invite.call_id
        self.local_sdp = invite.body or None
        self.invited_at = time.monotonic()
        self.responses: list[Heard] = []
        self._invite, self._via = invite, via
        self._next_cseq = invite.cseq.number
        self._challenges = 0
        self._early: dict[str, Dialog] = {}  # by To tag: one per branch of a forking proxy
        self._reliable: dict[str, ReliableReceiver] = {}
        self._acks: dict[str, list[bytes]] = {}
        self._heard_something = asyncio.Event()
        self.progress: Heard | None = None
        self._final: Heard | None = None
        self._finished = asyncio.Event()
        self._cancelled = self._cancel_sent = False
        if self._login is not None:
            self._login.prepare(invite)
        self._transaction = self._send(invite)
        self._alarms.start("ring limit", RING_LIMIT, self._withdraw)

    # What the owner of the call does

    async def final(self, timeout: float) -> Heard:
        """The final response, whatever its status. Raises `CallTimeout` after `timeout` s or 64*T1 of silence."""
        try:
            await asyncio.wait_for(self._finished.wait(), timeout)
        except TimeoutError:
            raise CallTimeout(f"nothing heard within {timeout} s") from None
        if self._final is None:
            raise CallTimeout("INVITE was not answered")
        return self._final

    async def cancel(self) -> Heard:
        """Withdraw the INVITE and return its final response: 487, or what crossed the CANCEL (9.1).

        A 2xx that crossed is acknowledged and hung up at once. Raises `CallTimeout` when nothing comes within
        64*T1, `CallState` when the call was answered before.
        """
        if self._final is not None:
            raise CallState("the call has had its final response")
        self._withdraw()
        return await self.final(2 * self._endpoint.timers.patience)

    async def _end(self, timeout: float) -> None:
        await (super()._end(timeout) if self.answered_at is not None else self.cancel())

    # What arrives

    def _send(self, invite: Request) -> ClientTransaction:
        return self._endpoint.start(
            invite, self._via, trace=self.trace, on_response=self._hear, on_timeout=self._give_up
        )

    def _hear(self, response: Response) -> None:
        heard = Heard.of(response)
        if len(self.responses) < MAX_RESPONSES or response.status >= 200:
            self.responses.append(heard)
        if self._retry(response):
            return
        if response.status > 100 and self.progress is None:
            self.progress = heard
        if response.status < 200:
            self._hear_provisional(response)
        elif response.status < 300:
            self._hear_answer(response, heard)
        else:
            self._settle(heard)
            self._finish("cancelled" if self._cancelled else "rejected", response.headers.joined("Reason"))

    def _retry(self, response: Response) -> bool:
        """Send the INVITE again, every header kept, when that may help; False when the response is final."""
        if response.status not in {401, 407, 422} or self._challenges >= MAX_CHALLENGES or self._cancelled:
            return False
        if response.status == 422:
            retry = session_timer.lengthen(self._invite, response, next_cseq=self._count)
        else:
            retry = authorised(self._invite, response, self._login, self._count)
        if retry is None:
            return False
        self._challenges += 1
        self._forget_early_dialogs()
        self._early, self.dialog = {}, None
        self._invite = retry
        self._transaction = self._send(retry)
        return True

    def _count(self) -> int:
        self._next_cseq += 1
        return self._next_cseq

    def _hear_provisional(self, response: Response) -> None:
        self._heard_something.set()
        if self._cancelled:
            self._send_cancel()
        tag = response.recipient.tag
        known = tag in self._early or len(self._early) < MAX_BRANCHES
        if response.status > 100 and tag and known:
            dialog = self._dialog_made_by(response)
            if response.sdp:
                self._note_description(dialog, response.sdp, we_answered=False)
            rack = self._reliable.setdefault(tag, ReliableReceiver()).admit(response)
            if rack is not None:
                self._endpoint.run(self._acknowledge_provisional(dialog, rack))

    async def _acknowledge_provisional(self, dialog: Dialog, rack: str) -> None:
        """PRACK (RFC 3262 4)."""
        prack, peer = dialog.request("PRACK")
        prack.headers.add("RAck", rack)
        await self._exchange(dialog, prack, peer, self._endpoint.timers.patience)

    def _hear_answer(self, response: Response, heard: Heard) -> None:
        """The first 2xx makes the call; another branch's 2xx is acknowledged and hung up (13.2.2.4)."""
        dialog = self._dialog_made_by(response)
        first = self._final is None
        sent = self._acks.setdefault(response.recipient.tag or "", [])
        repeated = bool(sent)
        self._acknowledge_2xx(self._invite, dialog, sent)
        if first:
            self._establish(response, heard, dialog)
        elif not repeated:
            self._hang_up_branch(dialog)

    def _establish(self, response: Response, heard: Heard, dialog: Dialog) -> None:
        self.dialog = dialog
        self.answered_at = heard.at
        self.remote_sdp = dialog.remote_sdp = response.sdp or dialog.remote_sdp or self.remote_sdp
        self._alarms.stop("ring limit")
        self._peer_allows = response.headers.tokens("Allow")
        self._keep_alive(session_timer.agreed(response))
        self._settle(heard)
        for other in self._early.values():
            if other is not dialog:
                self._endpoint.dialogs.pop(other.key, None)
        if self._cancelled:
            self._finish("cancelled", None)
            self._send_bye_later(dialog)

    def _dialog_of(self, request: Request) -> Dialog:
        return self._early.get(request.sender.tag or "") or self._require_dialog()

    @property
    def _is_inviting(self) -> bool:
        return self._final is None or super()._is_inviting

    def _receive_bye(self, transaction: ServerTransaction, request: Request) -> None:
        """Before the answer, it is no business of the called party (RFC 3261 15), and others may ring still."""
        if self._final is not None:
            super()._receive_bye(transaction, request)
            return
        self._endpoint.dialogs.pop(self._dialog_of(request).key, None)
        transaction.reply(200)

    def _is_offering(self, dialog: Dialog) -> bool:
        return (self._final is None and dialog.remote_sdp is None) or super()._is_offering(dialog)

    def _dialog_made_by(self, response: Response) -> Dialog:
        """The dialog of the response's To tag, made by the first response that carries it (12.1)."""
        tag = response.recipient.tag or ""
        dialog = self._early.get(tag)
        fresh = Dialog.of_caller(self._invite, response)
        if dialog is None:
            dialog = self._early[tag] = fresh
            self._endpoint.dialogs[dialog.key] = self
        elif response.status >= 200 and self._final is None:
            dialog.routes, dialog.target = fresh.routes, fresh.target  # 13.2.2.4: recomputed from the 2xx
        self.dialog = self.dialog or dialog
        return dialog

    def _hang_up_branch(self, dialog: Dialog) -> None:
        self._endpoint.dialogs.pop(dialog.key, None)
        self._send_bye_later(dialog)

    def _give_up(self) -> None:
        """Timer B, or no final response after CANCEL: as if 408 (8.1.3.1), only that nobody said it."""
        self._finished.set()
        self._finish("timeout", None)

    def _settle(self, heard: Heard) -> None:
        self._final = heard
        self._finished.set()

    # Withdrawing

    def _withdraw(self) -> None:
        if self._cancelled:
            return
        self._cancelled = True
        if self._heard_something.is_set():
            self._send_cancel()
        # else 9.1: CANCEL waits for a provisional response; timer B ends the wait

    def _send_cancel(self) -> None:
        if self._transaction.is_open and not self._cancel_sent:
            self._cancel_sent = True
            self._transaction.limit(self._endpoint.timers.patience)
            self._endpoint.start_cancel(make_cancel(self._transaction.request), self._via, trace=self.trace)

    def _leave(self) -> None:
        super()._leave()
        self._forget_early_dialogs()

    def _forget_early_dialogs(self) -> None:
        for dialog in self._early.values():
            self._endpoint.dialogs.pop(dialog.key, None)
