"""The clerk: fills lines, finishes releases and sends callbacks when they are due, also after a restart."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import sqlite3

import aiohttp

from sandbox.ledger import now
from sandbox.log import event
from sandbox.orders import OrderBook

LONGEST_NAP = 1.0
CALLBACK_ATTEMPTS = 5
CALLBACK_TIMEOUT = aiohttp.ClientTimeout(total=5)


class Clerk:
    def __init__(self, book: OrderBook, api_key: str, wake: asyncio.Event) -> None:
        self._book, self._key, self._wake = book, api_key.encode(), wake
        self._sending: set[asyncio.Task[None]] = set()

    async def work(self) -> None:
        """Run until cancelled."""
        async with aiohttp.ClientSession(timeout=CALLBACK_TIMEOUT) as http:
            while True:
                self._wake.clear()
                self._book.fill_due_lines()
                self._book.finish_releases()
                self._start_callbacks(http)
                await self._nap()

    async def _nap(self) -> None:
        due = self._book.next_due()
        seconds = LONGEST_NAP if due is None else min(max(due - now(), 0.005), LONGEST_NAP)
        try:
            await asyncio.wait_for(self._wake.wait(), seconds)
        except TimeoutError:
            return

    def _start_callbacks(self, http: aiohttp.ClientSession) -> None:
        """The next attempt is written down before this one starts: a crash may repeat a callback, never lose it."""
        ledger = self._book.ledger
        sql = "select c.*, o.callback_url from callbacks c join orders o on o.id = c.order_id where c.due_at <= ?"
        for row in ledger.rows(sql, now()):
            retry = now() + 2.0 ** (row["attempts"] + 3)
            ledger.write("update callbacks set attempts = attempts + 1, due_at = ? where id = ?", retry, row["id"])
            task = asyncio.create_task(self._send(http, row))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    async def _send(self, http: aiohttp.ClientSession, row: sqlite3.Row) -> None:
        body = json.dumps(self._book.document(row["order_id"])).encode()
        headers = {"Content-Type": "application/json", "X-Sandbox-Signature": sign(self._key, body)}
        try:
            async with http.post(row["callback_url"], data=body, headers=headers, allow_redirects=False) as answer:
                status: int | None = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            status = None
        event("callback", order=row["order_id"], attempt=row["attempts"] + 1, status=status or "unreachable")
        if (status or 500) < 300 or row["attempts"] + 1 >= CALLBACK_ATTEMPTS:
            self._book.ledger.write("delete from callbacks where id = ?", row["id"])


def sign(key: bytes, body: bytes) -> str:
    """The X-Sandbox-Signature of a callback: HMAC-SHA256 of the body, in hex."""
    return hmac.new(key, body, hashlib.sha256).hexdigest()
