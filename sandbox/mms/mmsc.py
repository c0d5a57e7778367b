"""The MM4 door (3GPP TS 23.140, 8.4): SMTP in from other relays, SMTP out to the customer's, X-Mms headers.

Messages wait in memory: what a crash takes is gone, as with a relay that has answered too early.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import smtplib
from collections.abc import Mapping
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import localtime
from functools import partial

from aiosmtpd.smtp import SMTP, Envelope, Session

from sandbox.draws import stream
from sandbox.log import event
from sandbox.mms.picture_faults import MECHANISMS, PictureParcel
from sandbox.numbers import NumberFaults
from sandbox.orders import OrderBook
from sandbox.settings import Address

DOMAIN = "mms.sandbox.example"
LARGEST = 2 * 1024 * 1024
IDLE_SECONDS = 60.0
TRIES, RETRY_SECONDS, ANSWER_SECONDS = 5, 1.0, 10.0
_NUMBER = re.compile(r"\+?([1-9][0-9]{6,14})/TYPE=PLMN(?:@|$)", re.IGNORECASE)
_LAYOUT = ("application/smil", "text/plain")


@dataclass(slots=True)
class Mmsc:
    """`inbound` says where a customer's relay is, by the domain of the relay that wrote; "" is for the rest."""

    book: OrderBook
    faults: NumberFaults
    inbound: Mapping[str, Address]
    address: Address = ("", 0)
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def start(self, address: Address) -> None:
        loop = asyncio.get_running_loop()
        limited = partial(SMTP, data_size_limit=LARGEST, timeout=IDLE_SECONDS)
        self._server = await loop.create_server(lambda: limited(self, hostname=DOMAIN, loop=loop), *address)
        self.address = self._server.sockets[0].getsockname()[:2]

    def stop(self) -> None:
        if self._server:
            self._server.close()
        for task in self._tasks:
            task.cancel()

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take what is for our customers' numbers, and what other relays answer to us."""
        number = number_in(address)
        if (number and self._has_mms(number)) or address.lower().endswith(f"@{DOMAIN}"):
            envelope.rcpt_tos.append(address)
            return "250 2.1.5 OK"
        event("mms.refused", to=address)
        return "550 5.1.1 no such subscriber"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Answer an MM4_forward.REQ and pass it on; note an answer to one of ours."""
        try:
            message = BytesParser(EmailMessage, policy=policy.SMTP).parsebytes(envelope.content or b"")  # type: ignore[arg-type]  # octets: decode_data is off
            kind, numbers = str(message["X-Mms-Message-Type"]), [number_in(to) for to in envelope.rcpt_tos]
            if kind == "MM4_forward.REQ":
                for number in filter(None, numbers):
                    self._forward(message, number)
                self._answer(message)
        except Exception as error:  # noqa: BLE001 - the parser raises many kinds for octets that are no mail
            event("mms.malformed", why=error)
            return "554 5.6.0 malformed"
        event("mms", type=kind, to=",".join(filter(None, numbers)))
        return "250 2.0.0 OK"

    def _has_mms(self, number: str) -> bool:
        source = self.book.holder(number)
        return number in self.book.reference_numbers or (source is not None and "mms" in source.product.capabilities)

    def _forward(self, message: EmailMessage, destination: str) -> None:
        source = number_in(str(message["From"]))
        chance = stream(self.faults.seed, "mms", source, destination, str(message["X-Mms-Message-ID"]))
        parcel = PictureParcel(chance, source, *_picture_in(message))
        tested = source if destination in self.book.reference_numbers else destination
        fault = self.faults.fault_of(tested) if tested and self.book.holder(tested) else None
        if fault is not None and fault.needs == "mms":
            MECHANISMS[fault.mechanism](parcel, fault.parameters)
        if not parcel.lost:
            self._post(_request(message, parcel, destination), f"{destination}/TYPE=PLMN@{DOMAIN}", _system(message))

    def _answer(self, message: EmailMessage) -> None:
        system = _system(message)
        if system and str(message["X-Mms-Ack-Request"]).lower() == "yes":
            self._post(_response(message, system), system, system)

    def _post(self, message: EmailMessage, to: str, system: str) -> None:
        """Back to the relay of the customer whose `system` wrote: numbers under test are all his."""
        door = self.inbound.get(system.rpartition("@")[2].lower(), self.inbound[""])
        task = asyncio.create_task(self._keep_posting(message.as_bytes(), to, door))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _keep_posting(self, octets: bytes, to: str, door: Address) -> None:
        for _ in range(TRIES):
            try:
                await asyncio.to_thread(_send, door, to, octets)
            except smtplib.SMTPRecipientsRefused:
                event("mms.undelivered", to=to)
                return
            except (smtplib.SMTPException, OSError) as error:
                event("mms.deferred", to=to, why=error)
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return


def number_in(address: str) -> str:
    """`+` and digits of an MM4 address (`+14155550123/TYPE=PLMN@...`), or ''."""
    match = _NUMBER.search(address)
    return f"+{match[1]}" if match else ""


def _system(message: EmailMessage) -> str:
    return str(message["X-Mms-Originator-System"] or "")


def _picture_in(message: EmailMessage) -> tuple[str, bytes]:
    """Type and octets of the first part that is neither text nor layout."""
    parts = (part for part in message.walk() if not part.is_multipart() and part.get_content_type() not in _LAYOUT)
    picture = next(parts, None)
    octets = picture.get_payload(decode=True) if picture else b""
    return picture.get_content_type() if picture else "text/plain", octets if isinstance(octets, bytes) else b""


def _send(door: Address, to: str, octets: bytes) -> None:
    with smtplib.SMTP(*door, local_hostname=DOMAIN, timeout=ANSWER_SECONDS) as smtp:
        smtp.sendmail(f"mmsc@{DOMAIN}", [to], octets)


def _request(original: EmailMessage, parcel: PictureParcel, destination: str) -> EmailMessage:
    """The MM4_forward.REQ to the recipient's relay, with ids of our own."""
    message = _headers("MM4_forward.REQ", secrets.token_hex(8), str(original["X-Mms-Message-ID"]))
    message["From"] = f"{parcel.source}/TYPE=PLMN@{DOMAIN}"
    message["To"] = f"{destination}/TYPE=PLMN@{DOMAIN}"
    message["Subject"] = str(original["Subject"] or "")
    message["X-Mms-Originator-System"] = f"mmsc@{DOMAIN}"
    message["X-Mms-Ack-Request"] = "Yes"
    smil = next((part for part in original.walk() if part.get_content_type() == "application/smil"), None)
    layout = smil.get_payload(decode=True) if smil else b"<smil/>"
    message.set_content(layout, maintype="application", subtype="smil", cid="<smil>")
    main, _, sub = parcel.content_type.partition("/")
    message.add_related(parcel.octets, maintype=main, subtype=sub, cid="<picture>", filename="picture")
    return message


def _response(original: EmailMessage, system: str) -> EmailMessage:
    """The MM4_forward.RES to the relay that handed a message in."""
    message = _headers("MM4_forward.RES", str(original["X-Mms-Transaction-ID"]), str(original["X-Mms-Message-ID"]))
    message["To"] = system
    message["X-Mms-Request-Status-Code"] = "Ok"
    message.set_content("")
    return message


def _headers(kind: str, transaction: str, message_id: str) -> EmailMessage:
    message = EmailMessage(policy=policy.SMTP)
    message["X-Mms-3GPP-MMS-Version"] = "6.10.0"
    message["X-Mms-Message-Type"] = kind
    message["X-Mms-Transaction-ID"] = transaction
    message["X-Mms-Message-ID"] = message_id
    message["Sender"] = f"mmsc@{DOMAIN}"
    message["Date"] = localtime()
    return message
