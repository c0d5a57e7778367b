"""One SMPP 3.4 session of an ESME: bind_transceiver, submit_sm, enquire_link; a taker answers each deliver_sm.

`smpp34` writes and reads the two PDUs that have many fields. The session is ours because a test must be able to refuse
a delivery (S05's negative control), which a session that acknowledges by itself can't.
"""

import asyncio
import contextlib
import logging
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import smpp34

log = logging.getLogger(__name__)

Taker = Callable[[smpp34.DeliverSm], int]
"""Takes a delivery and returns the command_status that it is answered with."""

_HEADER = struct.Struct(">IIII")  # command_length, command_id, command_status, sequence_number (section 3.2)
_LONGEST = 65_536 + 1024  # message_payload holds 64 K octets; a longer PDU is none
_RESPONSE, _GENERIC_NACK = 0x80000000, 0x80000000
_DELIVER_SM, _UNBIND, _BIND_TRANSCEIVER, _ENQUIRE_LINK = 0x05, 0x06, 0x09, 0x15
_INVALID_COMMAND, _UNKNOWN_ERROR = 0x03, 0xFF
_VERSION = 0x34
_OUTSTANDING = 10  # requests without an answer yet: what section 2.9 suggests
_SILENCE_S, _SIGN_OF_LIFE_S = 30.0, 30.0


class SessionLost(Exception):
    """There is no session, or no longer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response PDU."""

    status: int
    body: bytes

    @property
    def message_id(self) -> str:
        """The id in a submit_sm_resp."""
        return self.body.split(b"\0", 1)[0].decode("latin-1")


class Session:
    """Use: `session = await Session.bind(...)`, `submit`, and `ended` to learn of its end."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, taker: Taker) -> None:
        self._reader, self._writer, self._taker = reader, writer, taker
        self._sequence = 0
        self._waiting: dict[int, asyncio.Future[Answer]] = {}
        self._window = asyncio.Semaphore(_OUTSTANDING)
        self._heard_at = asyncio.get_running_loop().time()
        self._reading = asyncio.create_task(self._read())
        self._watching = asyncio.create_task(self._watch())

    @classmethod
    async def bind(
        cls, host: str, port: int, *, system_id: str, password: str, system_type: str, timeout: float, taker: Taker
    ) -> Self:
        """Connect and bind within `timeout` seconds. Raises SessionLost when refused, OSError or TimeoutError."""
        async with asyncio.timeout(timeout):
            session = cls(*await asyncio.open_connection(host, port), taker)
            try:
                strings = b"".join(_c_string(text) for text in (system_id, password, system_type))
                answer = await session._ask(_BIND_TRANSCEIVER, strings + bytes([_VERSION, 0, 0, 0]))
            except BaseException:
                session.close()
                raise
        if answer.status:
            session.close()
            raise SessionLost(f"the bind was refused: command_status 0x{answer.status:08X}")
        return session

    async def submit(self, **fields: object) -> Answer:
        """Send a submit_sm with the fields of `smpp34.SubmitSm`. Raises SessionLost, or SmppError for bad fields."""
        async with self._window:
            sequence = self._next_sequence()
            message = smpp34.SubmitSm(sequence_number=sequence, **fields)  # type: ignore[arg-type]  # the caller's
            return await self._exchange(sequence, message.encode())

    async def ended(self) -> None:
        """Return when the session is over, for whatever reason."""
        await asyncio.wait({self._reading})

    async def unbind(self) -> None:
        """Say goodbye and wait for the answer. Raises SessionLost."""
        await self._ask(_UNBIND)

    def close(self) -> None:
        """Drop the connection; who waits for an answer gets SessionLost. Harmless when closed."""
        self._watching.cancel()
        self._reading.cancel()
        self._writer.close()

    async def _read(self) -> None:
        try:
            while await self._handle(await self._next_pdu()):
                await asyncio.sleep(0)  # whoever floods us must not keep the loop from the calls
        except (OSError, EOFError, SessionLost) as error:
            log.warning("the SMSC session broke: %s", error or type(error).__name__)
        finally:
            self._watching.cancel()
            self._writer.close()
            for waiting in self._waiting.values():
                if not waiting.done():
                    waiting.set_exception(SessionLost("the session ended"))

    async def _next_pdu(self) -> bytes:
        head = await self._reader.readexactly(4)
        length = int.from_bytes(head, "big")
        if not _HEADER.size <= length <= _LONGEST:
            raise SessionLost(f"command_length {length}")
        return head + await self._reader.readexactly(length - 4)

    async def _handle(self, octets: bytes) -> bool:
        """Deal with one PDU; False ends the session."""
        _, command, status, sequence = _HEADER.unpack_from(octets)
        self._heard_at = asyncio.get_running_loop().time()
        if command & _RESPONSE:
            waiting = self._waiting.get(sequence)
            if waiting and not waiting.done():
                waiting.set_result(Answer(status, octets[_HEADER.size :]))
        elif command == _DELIVER_SM:
            await self._send(_pdu(command | _RESPONSE, self._take(octets), sequence, b"\0"))
        elif command in (_ENQUIRE_LINK, _UNBIND):
            await self._send(_pdu(command | _RESPONSE, 0, sequence))
        else:
            await self._send(_pdu(_GENERIC_NACK, _INVALID_COMMAND, sequence))
        return command not in (_UNBIND, _UNBIND | _RESPONSE)

    def _take(self, octets: bytes) -> int:
        try:
            message = smpp34.decode(octets)
        except smpp34.SmppError as error:
            log.warning("a deliver_sm that is none: %s", error)
            return _UNKNOWN_ERROR
        return self._taker(message) if isinstance(message, smpp34.DeliverSm) else _UNKNOWN_ERROR

    async def _watch(self) -> None:
        """Ask for a sign of life after silence; without one the connection is as good as gone."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(max(0.1, self._heard_at + _SILENCE_S - loop.time()))
            if loop.time() - self._heard_at < _SILENCE_S:
                continue
            with contextlib.suppress(SessionLost):
                try:
                    await asyncio.wait_for(self._ask(_ENQUIRE_LINK), _SIGN_OF_LIFE_S)
                except TimeoutError:
                    log.warning("the SMSC does not answer enquire_link")
                    self._reading.cancel()

    async def _ask(self, command: int, body: bytes = b"") -> Answer:
        sequence = self._next_sequence()
        return await self._exchange(sequence, _pdu(command, 0, sequence, body))

    async def _exchange(self, sequence: int, octets: bytes) -> Answer:
        if self._reading.done():
            raise SessionLost("the session ended")
        waiting: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting[sequence] = waiting
        try:
            await self._send(octets)
            return await waiting
        except OSError as error:
            raise SessionLost(str(error)) from error
        finally:
            del self._waiting[sequence]

    async def _send(self, octets: bytes) -> None:
        self._writer.write(octets)
        await self._writer.drain()

    def _next_sequence(self) -> int:
        self._sequence = self._sequence % 0x7FFFFFFF + 1
        return self._sequence


def _pdu(command: int, status: int, sequence: int, body: bytes = b"") -> bytes:
    return _HEADER.pack(_HEADER.size + len(body), command, status, sequence) + body


def _c_string(text: str) -> bytes:
    return text.encode("ascii", "replace") + b"\0"
