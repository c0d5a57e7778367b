"""The SMPP 3.4 server: binds with a password, takes submit_sm, hands out deliver_sm."""

from __future__ import annotations

import asyncio
import hmac
import sqlite3
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

import smpp34

from sandbox.faults import ServiceFaults
from sandbox.ledger import now
from sandbox.log import event
from sandbox.settings import Address
from sandbox.sms import pdu
from sandbox.sms.pdu import BadPdu, Pdu
from sandbox.sms.store import BadDestination, Store

BIND_SECONDS = 10.0  # session_init_timer: a peer that does not bind is cut off
IDLE_SECONDS = 300.0  # inactivity_timer
RESPONSE_SECONDS = 10.0  # response_timer
RETRY_SECONDS = 1.0
LONGEST_NAP = 1.0


@dataclass(slots=True, eq=False)
class Session:
    """One TCP connection of an ESME."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    bound_as: int | None = None
    system_id: str = ""
    sequence: int = 0
    waiting: dict[int, asyncio.Future[int]] = field(default_factory=dict)

    @property
    def receives(self) -> bool:
        return self.bound_as in (pdu.BIND_RECEIVER, pdu.BIND_TRANSCEIVER)

    @property
    def transmits(self) -> bool:
        return self.bound_as in (pdu.BIND_TRANSMITTER, pdu.BIND_TRANSCEIVER)

    async def read(self) -> Pdu:
        """The next PDU. Raises BadPdu, TimeoutError, or OSError/IncompleteReadError at the end."""
        patience = IDLE_SECONDS if self.bound_as else BIND_SECONDS
        async with asyncio.timeout(patience):
            head = await self.reader.readexactly(4)
            length = int.from_bytes(head, "big")
            if not pdu.HEADER.size <= length <= pdu.LONGEST:
                raise BadPdu("command_length")
            return pdu.decode(head + await self.reader.readexactly(length - 4))

    def write(self, packet: Pdu) -> None:
        if not self.writer.is_closing():
            self.writer.write(packet.encode())

    async def deliver(self, body: bytes) -> int:
        """Send a deliver_sm and return the command_status of its answer. Raises TimeoutError."""
        self.sequence = self.sequence % 0x7FFFFFFF + 1
        answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.waiting[self.sequence] = answer
        sequence = self.sequence
        self.write(Pdu(pdu.DELIVER_SM, 0, sequence, body))
        try:
            return await asyncio.wait_for(answer, RESPONSE_SECONDS)
        finally:
            self.waiting.pop(sequence, None)


class Smsc:
    """Whoever submits a message gets what becomes of it: delivery and receipt go to a bind of the same system_id."""

    def __init__(self, store: Store, faults: ServiceFaults, system_ids: Collection[str], password: str) -> None:
        self._store, self._faults = store, faults
        self._credentials = [f"{system_id}\0{password}".encode() for system_id in system_ids]
        self._sessions: list[Session] = []
        self._under_way: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self.address: Address = ("", 0)
        self._server: asyncio.Server | None = None

    async def start(self, address: Address) -> None:
        self._server = await asyncio.start_server(self._serve, *address)
        self.address = self._server.sockets[0].getsockname()[:2]

    def stop(self) -> None:
        if self._server:
            self._server.close()
        for session in self._sessions:
            session.writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = Session(reader, writer)
        self._sessions.append(session)
        try:
            await self._talk(session)
        except BadPdu as error:
            event("smpp.malformed", why=error)
            session.write(Pdu(pdu.GENERIC_NACK, pdu.BAD_LENGTH, 0, b""))
        except (OSError, EOFError, TimeoutError):
            event("smpp.lost", bound=session.bound_as is not None)
        finally:
            self._sessions.remove(session)
            for answer in session.waiting.values():
                answer.cancel()
            writer.close()

    async def _talk(self, session: Session) -> None:
        """Serve requests until unbind."""
        while True:
            packet = await session.read()
            if packet.command & pdu.RESPONSE:
                _take_answer(session, packet)
                continue
            session.write(self._answer(session, packet))
            await session.writer.drain()
            if packet.command == pdu.UNBIND:
                return

    def _answer(self, session: Session, packet: Pdu) -> Pdu:
        if packet.command in pdu.BINDS:
            return self._bind(session, packet)
        if packet.command in (pdu.ENQUIRE_LINK, pdu.UNBIND):
            return packet.answer()
        if packet.command == pdu.SUBMIT_SM:
            return self._submit(session, packet)
        return Pdu(pdu.GENERIC_NACK, pdu.BAD_COMMAND, packet.sequence, b"")

    def _bind(self, session: Session, packet: Pdu) -> Pdu:
        system_id, password = pdu.c_strings(packet.body, 2)
        if session.bound_as:
            return packet.answer(pdu.ALREADY_BOUND)
        if not self._knows(system_id, password):
            event("smpp.refused", system_id=system_id)
            return packet.answer(pdu.BAD_PASSWORD)
        session.bound_as, session.system_id = packet.command, system_id
        event("smpp.bound", system_id=system_id, receives=session.receives, transmits=session.transmits)
        self._wake.set()
        return packet.answer(body=pdu.c_string("sandbox"))

    def _knows(self, system_id: str, password: str) -> bool:
        given = f"{system_id}\0{password}".encode()
        return any(hmac.compare_digest(given, known) for known in self._credentials)

    def _submit(self, session: Session, packet: Pdu) -> Pdu:
        if not session.transmits:
            return packet.answer(pdu.BAD_BIND_STATE)
        if self._faults.strikes_request("throttled_submit", "smsc"):
            event("fault", fault="throttled_submit")
            return packet.answer(pdu.THROTTLED)
        try:
            message = smpp34.decode(packet.encode())
        except smpp34.SmppError as error:
            raise BadPdu(str(error)) from None
        if not isinstance(message, smpp34.SubmitSm):
            return packet.answer(pdu.SYSTEM_ERROR)
        try:
            message_id = self._store.accept(message, session.system_id)
        except BadDestination:
            return packet.answer(pdu.BAD_DESTINATION)
        self._wake.set()
        return packet.answer(body=pdu.c_string(message_id))

    async def work(self) -> None:
        """Deliver what is due while somebody is bound to receive. Runs until cancelled."""
        while True:
            self._wake.clear()
            self._store.expire()
            self._deliver_due()
            await self._nap()

    def _deliver_due(self) -> None:
        receivers = defaultdict(list)
        for session in self._sessions:
            if session.receives:
                receivers[session.system_id].append(session)
        for turn, row in enumerate(self._store.due(receivers) if receivers else ()):
            if row["id"] not in self._under_way:
                self._under_way.add(row["id"])
                bound = receivers[row["system_id"]]
                task = asyncio.create_task(self._deliver(bound[turn % len(bound)], row))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _deliver(self, session: Session, row: sqlite3.Row) -> None:
        """One attempt; without an answer the message waits for the next one (it may then arrive twice)."""
        try:
            status = await session.deliver(row["pdu"][pdu.HEADER.size :])
            self._store.settle(row, "UNDELIV" if status else "DELIVRD")
            self._wake.set()
        except (TimeoutError, asyncio.CancelledError):
            later = now() + RETRY_SECONDS
            self._store.ledger.write("update messages set due_at = ? where id = ?", later, row["id"])
        finally:
            self._under_way.discard(row["id"])

    async def _nap(self) -> None:
        due = self._store.next_due()
        seconds = LONGEST_NAP if due is None or due <= now() else min(due - now(), LONGEST_NAP)
        try:
            await asyncio.wait_for(self._wake.wait(), max(seconds, 0.005))
        except TimeoutError:
            return


def _take_answer(session: Session, packet: Pdu) -> None:
    waiting = session.waiting.get(packet.sequence)
    if waiting and not waiting.done():
        waiting.set_result(packet.status)
