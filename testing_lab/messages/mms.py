"""The lab's MMS relay: multimedia messages out to the carrier's MMSC and in from it, over MM4 (3GPP TS 23.140, 8.4)."""

import asyncio
import logging
import secrets
import smtplib
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from functools import partial
from typing import Self

from aiosmtpd.smtp import SMTP, Envelope, Session

from testing_lab.admission import Admission
from testing_lab.emergency import guard
from testing_lab.messages import mm4
from testing_lab.messages.bucket import TokenBucket, Turn
from testing_lab.messages.link import Submission

log = logging.getLogger(__name__)

Taker = Callable[[mm4.Forward], bool]
"""Whether a message that arrived is the one that was waited for."""
_LARGEST = 2 * 1024 * 1024  # octets of one message: several times what a handset takes
_IDLE_S = 60.0
ASK_LIMIT_S = 5.0
_MAILBOX = "numberyard"


@dataclass(frozen=True, slots=True)
class MmsSettings:
    """`host` and `port` are where we listen (port 0: any), `mmsc` is the carrier's door, `domain` the one we are.

    Messages are taken from `sources` alone.
    """

    host: str
    port: int
    mmsc: tuple[str, int]
    domain: str = "mms.numberyard.example"
    transcodes: frozenset[str] = frozenset()
    messages_per_second: float = 5.0
    answer_timeout: float = 20.0
    sources: Admission = field(default_factory=Admission)


@dataclass(frozen=True, slots=True)
class MmsSubmission:
    """What the MMSC said over SMTP; INCONCLUSIVE says nothing about the number."""

    outcome: Submission
    reason: str = ""


class MmsLink:
    """Use `async with`, or `open` and `close`. `turn` is waited for before each message, instead of the rate."""

    def __init__(self, settings: MmsSettings, turn: Turn | None = None) -> None:
        self.settings = settings
        self._turn = turn or TokenBucket(settings.messages_per_second).take
        self._takers: dict[str, list[Taker]] = {}
        self._answers: dict[str, asyncio.Future[str]] = {}
        self._server: asyncio.Server | None = None
        self._sending: set[asyncio.Task[MmsSubmission]] = set()

    @property
    def address(self) -> tuple[str, int]:
        """Where we listen."""
        if self._server is None:
            raise RuntimeError("the MMS relay is not open")
        host, port = self._server.sockets[0].getsockname()[:2]
        return host, port

    async def open(self) -> None:
        """Begin to listen. Raises OSError when the address is taken."""
        make = partial(
            SMTP, self, data_size_limit=_LARGEST, hostname=self.settings.domain, timeout=_IDLE_S, ident="MM4"
        )
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: make(loop=loop), self.settings.host, self.settings.port)

    async def close(self) -> None:
        """Stop listening. Harmless when closed."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
        for task in self._sending:
            task.cancel()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def listen(self, number: str, taker: Taker) -> Callable[[], None]:
        """Offer every message to `number` to `taker` from now on; call what is returned to end that."""
        self._takers.setdefault(number, []).append(taker)

        def end() -> None:
            self._takers[number].remove(taker)
            if not self._takers[number]:
                del self._takers[number]

        return end

    def new_forward(self, source: str, destination: str, subject: str, picture: mm4.Picture) -> mm4.Forward:
        """A message of ours, with ids of its own."""
        transaction, message_id = secrets.token_hex(8), secrets.token_hex(8)
        return mm4.Forward(transaction, message_id, source, destination, subject, (picture,), self._system)

    def expect_answer(self, forward: mm4.Forward) -> "asyncio.Future[str]":
        """The X-Mms-Request-Status-Code of the MM4_forward.RES, when it comes; cancel it to give up."""
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._answers[forward.transaction] = future
        future.add_done_callback(lambda _: self._answers.pop(forward.transaction, None))
        return future

    async def send(self, forward: mm4.Forward) -> MmsSubmission:
        """Hand a message to the MMSC, as fast as it allows. Raises DiallingRefused for an emergency service."""
        guard.check(forward.destination)
        await self._turn()
        return await self._post(mm4.request(forward, self.settings.domain), mm4.address(forward.destination, "mmsc"))

    async def ask(self) -> str:
        """Why the MMSC takes no mail, '' if it does."""
        return await asyncio.to_thread(_ask, self.settings.mmsc, self.settings.domain)

    @property
    def _system(self) -> str:
        return f"{_MAILBOX}@{self.settings.domain}"

    async def _post(self, message: EmailMessage, to: str) -> MmsSubmission:
        """In a thread: the standard library's SMTP client waits."""
        timeout = self.settings.answer_timeout
        return await asyncio.to_thread(_post, self.settings.mmsc, self._system, to, message.as_bytes(), timeout)

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Listen to the carrier alone: anybody else could put his picture in the place of the one waited for."""
        if not session.peer or not self.settings.sources.admits(session.peer[0]):
            return "550 5.7.1 this door is the carrier's"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 go on"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take what somebody waits for, and answers; we are nobody's relay."""
        if mm4.number_in(address) in self._takers or address.lower() == self._system:
            envelope.rcpt_tos.append(address)
            return "250 2.1.5 expected"
        return "550 5.1.1 nobody expects a message there"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """File what arrived, and answer an MM4_forward.REQ that wants it."""
        try:
            content = envelope.content
            message = mm4.read(content if isinstance(content, bytes) else b"")
            if message["X-Mms-Message-Type"] == mm4.FORWARD_REQUEST:
                self._forwarded(mm4.forward_in(message), envelope)
            elif message["X-Mms-Message-Type"] == mm4.FORWARD_RESPONSE:
                self._answered(message)
        except mm4.BadMm4 as error:
            return f"554 5.6.0 not MM4: {error}"
        return "250 2.0.0 taken"

    def _forwarded(self, forward: mm4.Forward, envelope: Envelope) -> None:
        numbers = [mm4.number_in(address) for address in envelope.rcpt_tos]
        for number in numbers:
            any(taker(forward) for taker in tuple(self._takers.get(number, ())))
        if forward.wants_answer and forward.originator_system:
            message = mm4.response(forward, self._system)
            task = asyncio.create_task(self._post(message, forward.originator_system))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    def _answered(self, message: EmailMessage) -> None:
        waiting = self._answers.get(str(message["X-Mms-Transaction-ID"]).strip())
        if waiting is not None and not waiting.done():
            waiting.set_result(str(message["X-Mms-Request-Status-Code"] or mm4.STATUS_OK).strip())


def _ask(door: tuple[str, int], domain: str) -> str:
    try:
        with smtplib.SMTP(*door, local_hostname=domain, timeout=ASK_LIMIT_S) as smtp:
            code, said = smtp.noop()
    except (smtplib.SMTPException, OSError) as error:
        return f"{type(error).__name__}: {error}"[:200]
    return "" if code == 250 else f"{code} {said.decode('latin-1')}"[:200]


def _post(door: tuple[str, int], sender: str, to: str, octets: bytes, timeout: float) -> MmsSubmission:
    try:
        with smtplib.SMTP(*door, local_hostname=sender.rpartition("@")[2], timeout=timeout) as smtp:
            smtp.sendmail(sender, [to], octets)
    except smtplib.SMTPRecipientsRefused as refused:
        [(code, why)] = refused.recipients.values()
        return _refusal(code, why)
    except smtplib.SMTPDataError as refused:
        return _refusal(refused.smtp_code, refused.smtp_error)
    except (smtplib.SMTPException, OSError) as error:
        return MmsSubmission(Submission.INCONCLUSIVE, f"{type(error).__name__}: {error}"[:200])
    return MmsSubmission(Submission.ACCEPTED)


def _refusal(code: int, why: bytes | str) -> MmsSubmission:
    """5xx is for good, 4xx speaks of the moment (RFC 5321 4.2.1)."""
    said = f"{code} {why.decode('latin-1') if isinstance(why, bytes) else why}"[:200]
    return MmsSubmission(Submission.REFUSED if code >= 500 else Submission.INCONCLUSIVE, said)
