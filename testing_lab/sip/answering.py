"""Responses to INVITE that are repeated by the one who answers, not by the transaction, until acknowledged.

A 2xx until its ACK (RFC 3261 13.3.1.4), a reliable provisional response until its PRACK (RFC 3262 3).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from .message import Response
from .server_transactions import InviteServer
from .timers import Alarms


class Answering:
    """One response that waits for its acknowledgement."""

    def __init__(self, transaction: InviteServer, response: Response, *, on_lost: Callable[[], None]) -> None:
        self._done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._transaction, self._response, self._on_lost = transaction, response, on_lost
        self._alarms = Alarms()
        timers = transaction.wire.timers
        # RFC 3261 caps the interval of a 2xx at T2; RFC 3262 lets that of a provisional response grow.
        self._longest = timers.t2 if response.status >= 200 else timers.patience
        self._alarms.start("lost", timers.patience, self._lose)
        self._alarms.start("repeat", timers.t1, self._repeat, timers.t1 * 2)

    async def acknowledged(self) -> bool:
        """True with the acknowledgement, False after 64*T1 without it. Whoever gives up waiting leaves others be."""
        return await asyncio.shield(self._done)

    def confirm(self) -> None:
        """The acknowledgement, or proof that the response was heard, arrived."""
        self._settle(True)

    def abandon(self) -> None:
        """Nobody will acknowledge any more: the call ended."""
        self._settle(False)

    def _repeat(self, interval: float) -> None:
        self._transaction.respond(self._response)
        self._alarms.start("repeat", interval, self._repeat, min(interval * 2, self._longest))

    def _lose(self) -> None:
        self._settle(False)
        self._on_lost()

    def _settle(self, outcome: bool) -> None:
        self._alarms.clear()
        if not self._done.done():
            self._done.set_result(outcome)
