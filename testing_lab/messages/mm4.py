"""MM4, the interface between the MMS relays of two operators: mail over SMTP with X-Mms headers (3GPP TS 23.140, 8.4).

Only what a test needs: MM4_forward.REQ, which carries a message, and MM4_forward.RES, which says what became of it.
"""

import re
from dataclasses import dataclass
from email import policy
from email.contentmanager import raw_data_manager
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import Policy
from email.utils import formatdate
from typing import cast

FORWARD_REQUEST, FORWARD_RESPONSE = "MM4_forward.REQ", "MM4_forward.RES"
VERSION = "6.10.0"
STATUS_OK = "Ok"
OF_THE_NETWORK = ("Error-network-problem", "Error-unspecified")
"""X-Mms-Request-Status-Code that speaks of the other relay, and not of the message or its numbers."""
_NUMBER = re.compile(r'(\+?[1-9][0-9]{5,14})/TYPE=PLMN["\s]*(@|$)', re.IGNORECASE)  # it may be quoted (RFC 5322 3.4.1)
_POLICY = cast("Policy[EmailMessage]", policy.compat32.clone(linesep="\r\n", message_factory=EmailMessage))
"""Headers as text: to parse each by the grammar of RFC 5322, as the newer policies do, takes three times as long."""
_SMIL = (
    b'<smil><head><layout><root-layout width="320" height="240"/><region id="Image" width="100%" height="100%"/>'
    b'</layout></head><body><par dur="5s"><img src="cid:picture" region="Image"/></par></body></smil>'
)


class BadMm4(ValueError):
    """Octets that are no message of MM4."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in a message, under the type that its part declares."""

    content_type: str
    octets: bytes


@dataclass(frozen=True, slots=True)
class Forward:
    """An MM4_forward.REQ. Numbers are E.164, or '' where the address holds none."""

    transaction: str
    message_id: str
    source: str
    destination: str
    subject: str
    pictures: tuple[Picture, ...]
    originator_system: str = ""
    wants_answer: bool = True


def address(number: str, domain: str) -> str:
    """The mail address of a telephone number (after RFC 3191)."""
    return f"{number}/TYPE=PLMN@{domain}"


def number_in(mail_address: str) -> str:
    """The E.164 number in an address such as `+14155550123/TYPE=PLMN@mms.example`, or ''."""
    found = _NUMBER.search(mail_address)
    return f"+{found[1].removeprefix('+')}" if found else ""


def request(forward: Forward, domain: str) -> EmailMessage:
    """An MM4_forward.REQ of one slide, which asks for the answer."""
    message = _envelope(FORWARD_REQUEST, forward.transaction, forward.message_id, forward.originator_system)
    message["From"] = address(forward.source, domain)
    message["To"] = address(forward.destination, domain)
    message["Subject"] = forward.subject
    for name, value in {
        "X-Mms-Originator-System": forward.originator_system,
        "X-Mms-Ack-Request": "Yes",
        "X-Mms-Message-Class": "Personal",
        "X-Mms-Priority": "Normal",
        "X-Mms-Delivery-Report": "No",
        "X-Mms-Read-Reply": "No",
        "X-Mms-Sender-Visibility": "Show",
    }.items():
        message[name] = value
    message.set_content(_SMIL, "application", "smil", cid="<smil>", content_manager=raw_data_manager)
    for picture in forward.pictures:
        main, _, sub = picture.content_type.partition("/")
        named = {"cid": "<picture>", "filename": "picture"}
        message.add_related(picture.octets, main, sub, content_manager=raw_data_manager, **named)
    return message


def response(forward: Forward, sender: str, status: str = STATUS_OK) -> EmailMessage:
    """The MM4_forward.RES to a request, to the system that it names."""
    message = _envelope(FORWARD_RESPONSE, forward.transaction, forward.message_id, sender)
    message["To"] = forward.originator_system
    message["X-Mms-Request-Status-Code"] = status
    message.set_content("", content_manager=raw_data_manager)
    return message


def read(octets: bytes) -> EmailMessage:
    """A mail message with the headers that every message of MM4 has. Raises BadMm4."""
    try:
        message = BytesParser(policy=_POLICY).parsebytes(octets)
        kind, transaction = message["X-Mms-Message-Type"], message["X-Mms-Transaction-ID"]
    except Exception as error:  # noqa: BLE001 - the standard library's parser raises many kinds for hostile headers
        raise BadMm4(f"{type(error).__name__}") from None
    if not kind or not transaction:
        raise BadMm4("no X-Mms-Message-Type or X-Mms-Transaction-ID")
    return message


def forward_in(message: EmailMessage) -> Forward:
    """What an MM4_forward.REQ holds. Raises BadMm4."""
    try:
        return Forward(
            transaction=_header(message, "X-Mms-Transaction-ID"),
            message_id=_header(message, "X-Mms-Message-ID"),
            source=number_in(_header(message, "From")),
            destination=number_in(_header(message, "To")),
            subject=_decoded(_header(message, "Subject")),
            pictures=tuple(_pictures(message)),
            originator_system=_header(message, "X-Mms-Originator-System"),
            wants_answer=_header(message, "X-Mms-Ack-Request").lower() == "yes",
        )
    except Exception as error:  # noqa: BLE001 - as above: a part that claims what it does not hold
        raise BadMm4(f"{type(error).__name__}") from None


def _pictures(message: EmailMessage) -> list[Picture]:
    """Every part that is no text and no layout: a picture under a wrong type is still there to be judged."""
    parts = (part for part in message.walk() if not part.is_multipart())
    media = (part for part in parts if part.get_content_type() not in ("application/smil", "text/plain"))
    return [Picture(part.get_content_type(), _octets(part)) for part in media]


def _octets(part: EmailMessage) -> bytes:
    decoded = part.get_payload(decode=True)
    return decoded if isinstance(decoded, bytes) else b""


def _envelope(kind: str, transaction: str, message_id: str, sender: str) -> EmailMessage:
    message = EmailMessage(policy=_POLICY)
    message["X-Mms-3GPP-MMS-Version"] = VERSION
    message["X-Mms-Message-Type"] = kind
    message["X-Mms-Transaction-ID"] = transaction
    message["X-Mms-Message-ID"] = message_id
    message["Sender"] = sender
    message["Message-ID"] = f"<{transaction}.{kind}@{sender.rpartition('@')[2]}>"
    message["Date"] = formatdate(localtime=True)
    return message


def _header(message: EmailMessage, name: str) -> str:
    """In one line, however it was folded."""
    return " ".join(str(message[name] or "").split())


def _decoded(text: str) -> str:
    """A text that may hold words of another alphabet (RFC 2047); as it stands if they can't be read."""
    try:
        return str(make_header(decode_header(text)))
    except (MessageError, LookupError, ValueError):
        return text
