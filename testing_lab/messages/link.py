"""The lab's link to an SMSC: one SMPP 3.4 transceiver session that binds again whenever it is lost.

`session` is one connection; this module adds what a test needs: an outcome for every message sent, waiters for those
that come, receipts matched to messages, the rate limit of the carrier.
"""

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Self

import smpp34

from testing_lab.emergency import guard
from testing_lab.messages import alphabet, receipts
from testing_lab.messages.bucket import TokenBucket, Turn
from testing_lab.messages.delivery import OK, Delivery, Inbox, Predicate, Taker, subscriber
from testing_lab.messages.receipts import Receipt, ReceiptBook
from testing_lab.messages.session import Answer, Session, SessionLost

log = logging.getLogger(__name__)

RECEIPT_REQUESTED = 0x01
"""registered_delivery: a receipt for success or failure, SMPP 3.4 section 5.2.17."""
THROTTLED = {0x14: "ESME_RMSGQFUL", 0x58: "ESME_RTHROTTLED"}
"""Statuses that speak of the SMSC's load: the message is sent again, more slowly."""
OF_THE_SERVICE = THROTTLED | {
    0x02: "ESME_RINVCMDLEN",
    0x03: "ESME_RINVCMDID",
    0x04: "ESME_RINVBNDSTS",
    0x08: "ESME_RSYSERR",
    0x0D: "ESME_RBINDFAIL",
    0x0E: "ESME_RINVPASWD",
    0x0F: "ESME_RINVSYSID",
    0x53: "ESME_RINVSYSTYP",
    0x64: "ESME_RX_T_APPN",
    0xFF: "ESME_RUNKNOWNERR",
}
"""Statuses that speak of the SMSC or our session with it, and not of the message or its numbers (SMPP 3.4, 5.1.3)."""
REFUSED_FOR_GOOD = 0x65
"""How we refuse a delivery: ESME_RX_P_APPN ("permanent app error": not to be tried again)."""
NO_ANSWER = -1
"""Stands for a command status where the SMSC gave none."""
_SHORT_MESSAGE_MAX = 254  # octets; longer bodies go into the message_payload TLV (section 5.3.2.32)
_TAG_MESSAGE_PAYLOAD = 0x0424
_ADDRESS_MAX = 20
_TON_INTERNATIONAL, _TON_ALPHANUMERIC, _NPI_UNKNOWN, _NPI_E164 = 1, 5, 0, 1


class Submission(StrEnum):
    """What became of a submit_sm. INCONCLUSIVE says nothing about the number: the SMSC or our link to it failed."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class SubmitResult:
    """The SMSC's answer to one message, and when it came; `submitted_at` is when its last try went out (UTC)."""

    outcome: Submission
    message_id: str
    command_status: int
    submitted_at: datetime
    reason: str = ""
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SmscSettings:
    """Where and how to bind. Rates are messages per second; times are seconds."""

    host: str
    port: int
    system_id: str
    password: str
    system_type: str = ""
    messages_per_second: float = 10.0
    burst: int = 1
    connect_timeout: float = 5.0
    answer_timeout: float = 30.0
    first_backoff: float = 0.5
    last_backoff: float = 30.0
    throttle_retries: int = 5


class SmscLink:
    """One bind_transceiver, kept up. Use `async with`, or `open` and `close`.

    `turn` is waited for before each message, instead of the rate in the settings; what it raises, `send` raises.
    """

    def __init__(self, settings: SmscSettings, turn: Turn | None = None) -> None:
        self._settings = settings
        self._turn = turn or TokenBucket(settings.messages_per_second, settings.burst).take
        self._inbox = Inbox()
        self._receipts = ReceiptBook()
        self._session: Session | None = None
        self._bound = asyncio.Event()
        self._bound_since = 0.0
        self._keeper: asyncio.Task[None] | None = None

    @property
    def bound(self) -> bool:
        """Whether the session stands right now."""
        return self._bound.is_set()

    @property
    def bound_since(self) -> float | None:
        """When the present session was bound (`time.monotonic()`, seconds); None while there is none."""
        return self._bound_since if self.bound else None

    @property
    def unclaimed(self) -> tuple[Delivery, ...]:
        """The latest deliveries that nobody waited for."""
        return tuple(self._inbox.unclaimed)

    def tell_of_unclaimed(self, listener: Callable[[Delivery], None]) -> None:
        """Call `listener`, which must be quick and not raise, with every delivery that nobody waited for."""
        self._inbox.on_unclaimed = listener

    async def open(self) -> None:
        """Begin to bind, in the background; it goes on until `close`."""
        self._keeper = asyncio.create_task(self._keep_bound(), name=f"smsc-{self._settings.system_id}")

    async def wait_bound(self, timeout: float) -> bool:
        """Wait for a session, at most `timeout` seconds; whether there is one."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._bound.wait(), timeout)
        return self.bound

    async def close(self) -> None:
        """Unbind and stop; every waiter is cancelled. Harmless when closed."""
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)
        self._inbox.close()
        self._receipts.close()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def expect(
        self, destination: str, predicate: Predicate = lambda _: True, *, token: str | None = None
    ) -> asyncio.Future[Delivery]:
        """Wait from now on for a message to `destination` that suits `predicate` and has `token` (if any) in its text.

        Call it before sending, await it after. The waiter asked first is served first; cancel it to give up.
        """
        if token is None:
            return self._inbox.expect(destination, predicate)
        return self._inbox.expect(destination, lambda delivery: token in delivery.text and predicate(delivery))

    def listen(self, destination: str, taker: Taker) -> Callable[[], None]:
        """Offer every message to `destination` to `taker` from now on; call what is returned to end that."""
        return self._inbox.listen(destination, taker)

    def expect_receipt(self, message_id: str) -> asyncio.Future[Receipt]:
        """The final receipt of a message, also one that came before its submit_sm_resp was read."""
        return self._receipts.expect(message_id)

    async def send(
        self,
        source: str,
        destination: str,
        body: str | bytes,
        *,
        data_coding: int | None = None,
        registered_delivery: int = 0,
        esm_class: int = 0,
    ) -> SubmitResult:
        """Submit one message, as fast as the carrier allows. A text picks its alphabet unless `data_coding` is given.

        A user data header is part of `body`, with `concatenation.ESM_UDHI` in `esm_class`. Throttled attempts are
        repeated; one that got no answer is not, since the SMSC may have taken it and a second copy would look like its
        fault. Raises DiallingRefused for an emergency service, ValueError for an address that SMPP cannot carry,
        UnicodeEncodeError for a text outside the coding asked for.
        """
        coding, octets = _encode(body, data_coding)
        fields = {
            **_source(source),
            **_body(octets),
            "dest_addr_ton": _TON_INTERNATIONAL,
            "dest_addr_npi": _NPI_E164,
            "data_coding": coding,
            "registered_delivery": registered_delivery,
            "esm_class": esm_class,
        }
        to = subscriber(_checked(destination))
        guard.check(destination)
        backoff = self._settings.first_backoff
        for _ in range(self._settings.throttle_retries):
            result = await self._submit(to, fields)
            if result.command_status not in THROTTLED:
                return result
            await asyncio.sleep(backoff * random.uniform(0.75, 1.25))  # noqa: S311  # spreads retries, guards nothing
            backoff *= 2
        return await self._submit(to, fields)

    async def _submit(self, destination: str, fields: Mapping[str, object]) -> SubmitResult:
        await self._turn()
        await self.wait_bound(self._settings.answer_timeout)
        session, at = self._session, datetime.now(UTC)
        if session is None:
            return SubmitResult(Submission.INCONCLUSIVE, "", NO_ANSWER, at, "not bound to the SMSC")
        try:
            async with asyncio.timeout(self._settings.answer_timeout):
                answer = await session.submit(destination_addr=destination, **fields)
        except TimeoutError:
            return SubmitResult(Submission.INCONCLUSIVE, "", NO_ANSWER, at, "no submit_sm_resp in time")
        except (SessionLost, smpp34.SmppError) as error:
            return SubmitResult(Submission.INCONCLUSIVE, "", NO_ANSWER, at, f"link failed: {error}")
        return replace(_result(answer, at), answered_at=datetime.now(UTC))

    async def _keep_bound(self) -> None:
        backoff = self._settings.first_backoff
        while True:
            try:
                session = await self._bind()
            except (SessionLost, OSError) as error:  # TimeoutError is an OSError
                log.warning("cannot bind to the SMSC: %s", error or type(error).__name__)
                backoff = min(backoff * 2, self._settings.last_backoff)
            else:
                backoff = self._settings.first_backoff
                await self._serve(session)
                log.warning("the SMSC session is lost")
            await asyncio.sleep(backoff * random.uniform(0.75, 1.25))  # noqa: S311  # spreads retries, guards nothing

    async def _bind(self) -> Session:
        settings = self._settings
        return await Session.bind(
            settings.host,
            settings.port,
            system_id=settings.system_id,
            password=settings.password,
            system_type=settings.system_type,
            timeout=settings.connect_timeout,
            taker=self._take,
        )

    async def _serve(self, session: Session) -> None:
        """Wait until the session ends; unbind if it is we who end it."""
        self._session, self._bound_since = session, time.monotonic()
        self._bound.set()
        try:
            await session.ended()
        except asyncio.CancelledError:
            self._bound.clear()  # nobody begins to send through a session that is ending
            with contextlib.suppress(SessionLost, TimeoutError):
                await asyncio.wait_for(session.unbind(), self._settings.connect_timeout)
            raise
        finally:
            self._bound.clear()
            self._session = None
            session.close()

    def _take(self, message: smpp34.DeliverSm) -> int:
        """The command_status that a deliver_sm is answered with."""
        tlvs = {tlv.tag: tlv.value for tlv in message.tlvs}
        body, at = message.short_message or tlvs.get(_TAG_MESSAGE_PAYLOAD, b""), datetime.now(UTC)
        if receipts.is_receipt(message.esm_class):
            self._receipts.take(body, tlvs, at)
            return OK
        return self._inbox.hand_over(
            Delivery(
                message.source_addr,
                message.source_addr_ton,
                message.destination_addr,
                body,
                message.data_coding,
                message.esm_class,
                at,
                tlvs,
            )
        )


def _encode(body: str | bytes, data_coding: int | None) -> tuple[int, bytes]:
    if isinstance(body, bytes):
        return data_coding or alphabet.GSM_DEFAULT, body
    return alphabet.encode(body) if data_coding is None else (data_coding, alphabet.encode_as(data_coding, body))


def _body(octets: bytes) -> dict[str, object]:
    if len(octets) <= _SHORT_MESSAGE_MAX:
        return {"short_message": octets}
    return {"tlvs": [smpp34.Tlv(_TAG_MESSAGE_PAYLOAD, octets)]}


def _source(address: str) -> dict[str, object]:
    digits = subscriber(_checked(address))
    numeric = digits.isdigit()
    return {
        "source_addr": digits,
        "source_addr_ton": _TON_INTERNATIONAL if numeric else _TON_ALPHANUMERIC,
        "source_addr_npi": _NPI_E164 if numeric else _NPI_UNKNOWN,
    }


def _checked(address: str) -> str:
    if not 0 < len(address) <= _ADDRESS_MAX or not address.isascii() or not address.isprintable():
        raise ValueError(f"not an SMPP address: {address!r}")
    return address


def _result(answer: Answer, at: datetime) -> SubmitResult:
    status = answer.status
    if not status:
        return SubmitResult(Submission.ACCEPTED, answer.message_id, status, at)
    said = f"command_status 0x{status:08X}"
    if status in OF_THE_SERVICE:
        return SubmitResult(Submission.INCONCLUSIVE, "", status, at, f"{said} {OF_THE_SERVICE[status]}")
    return SubmitResult(Submission.REFUSED, "", status, at, said)
