"""The MMSC against plain SMTP: it passes on what is for its customers, as the number's fault wants it."""

from __future__ import annotations

import asyncio
import smtplib
import threading
from collections.abc import Callable, Iterator
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from queue import SimpleQueue

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from sandbox.mms.mmsc import number_in
from tests.carrier import RunningCarrier
from tests.patience import PATIENCE
from tests.ports import reserve
from tests.sandbox.conftest import Client, client_of

REFERENCE = "+12025550142"
JPEG = b"\xff\xd8 not a picture, but octets \xff\xd9"


class Relay:
    """The customer's relay, in a thread: everything that comes, and refusals for the first `deaf` attempts."""

    def __init__(self, port: int, deaf: int = 0) -> None:
        self.port, self.deaf = port, deaf
        self.mail: SimpleQueue[EmailMessage] = SimpleQueue()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Relay:
        self._thread.start()
        serving = self._loop.create_server(lambda: SMTP(self, loop=self._loop), "127.0.0.1", self.port)
        asyncio.run_coroutine_threadsafe(serving, self._loop).result(PATIENCE)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._hang_up(), self._loop).result(PATIENCE)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()

    async def _hang_up(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.deaf:
            self.deaf -= 1
            return "451 4.3.0 later"
        assert isinstance(envelope.content, bytes)
        self.mail.put(BytesParser(EmailMessage, policy=policy.SMTP).parsebytes(envelope.content))
        return "250 OK"

    def next(self, kind: str) -> EmailMessage:
        """The next mail of this type; others are dropped."""
        while (message := self.mail.get(timeout=PATIENCE))["X-Mms-Message-Type"] != kind:
            continue
        return message


@pytest.fixture
def relay() -> Iterator[Relay]:
    with Relay(reserve()) as relay:
        yield relay


@pytest.fixture
def tern(start: Callable[..., RunningCarrier], relay: Relay) -> RunningCarrier:
    return start(inbound_mms=("127.0.0.1", relay.port))


@pytest.fixture
def http(tern: RunningCarrier) -> Iterator[Client]:
    with client_of(tern) as client:
        yield client


def send(tern: RunningCarrier, source: str, destination: str, octets: bytes = JPEG) -> None:
    message = EmailMessage(policy=policy.SMTP)
    message["From"], message["To"] = (f"{number}/TYPE=PLMN@mms.example" for number in (source, destination))
    message["X-Mms-Message-Type"], message["X-Mms-Transaction-ID"] = "MM4_forward.REQ", "t1"
    message["X-Mms-Message-ID"], message["X-Mms-Ack-Request"] = "m1", "Yes"
    message["X-Mms-Originator-System"], message["Subject"] = "relay@mms.example", "Hello"
    message.set_content(b"<smil/>", maintype="application", subtype="smil")
    message.add_related(octets, maintype="image", subtype="jpeg")
    with smtplib.SMTP(*tern.mms_address, timeout=PATIENCE) as smtp:
        smtp.sendmail("relay@mms.example", [str(message["To"])], message.as_bytes())


def picture_in(message: EmailMessage) -> tuple[str, bytes]:
    *_, last = message.walk()
    octets = last.get_payload(decode=True)
    assert isinstance(octets, bytes)
    return last.get_content_type(), octets


@pytest.mark.parametrize("outward", [False, True])
def test_a_message_is_answered_and_passed_on(tern: RunningCarrier, relay: Relay, number: str, outward: bool) -> None:
    source, destination = (number, REFERENCE) if outward else (REFERENCE, number)
    send(tern, source, destination)
    mail = {str(message["X-Mms-Message-Type"]): message for message in (relay.mail.get(timeout=PATIENCE) for _ in "12")}
    answer, passed_on = mail["MM4_forward.RES"], mail["MM4_forward.REQ"]
    assert (answer["X-Mms-Transaction-ID"], answer["X-Mms-Request-Status-Code"]) == ("t1", "Ok")
    assert [number_in(str(passed_on[name])) for name in ("From", "To")] == [source, destination]
    assert picture_in(passed_on) == ("image/jpeg", JPEG)
    assert passed_on["Subject"] == "Hello"


def test_only_customers_with_mms_are_served(tern: RunningCarrier, http: Client) -> None:
    landline = http.offers("petrel", country="GB", type="local", limit=1)
    http.buy("landline", landline, "petrel")
    for stranger in (landline[0], "+14155550199"):
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            send(tern, REFERENCE, stranger)


def test_a_relay_that_is_busy_is_tried_again(tern: RunningCarrier, relay: Relay, number: str) -> None:
    relay.deaf = 2
    send(tern, REFERENCE, number)
    assert picture_in(relay.next("MM4_forward.REQ")) == ("image/jpeg", JPEG)


def test_a_lost_message_is_answered_all_the_same(tern: RunningCarrier, relay: Relay, number: str, http: Client) -> None:
    http.give_fault(number, "mms_lost")
    send(tern, REFERENCE, number)
    http.give_fault(number, None)
    send(tern, REFERENCE, number, b"second")
    kinds = [relay.mail.get(timeout=PATIENCE) for _ in range(3)]
    assert [picture_in(mail)[1] for mail in kinds if mail["X-Mms-Message-Type"] == "MM4_forward.REQ"] == [b"second"]


SPOILT = {
    "mms_truncated": ("image/jpeg", JPEG[: len(JPEG) // 2]),
    "mms_wrong_type": ("application/octet-stream", JPEG),
}


@pytest.mark.parametrize("kind", SPOILT)
def test_a_picture_is_spoilt(tern: RunningCarrier, relay: Relay, number: str, http: Client, kind: str) -> None:
    http.give_fault(number, kind)
    send(tern, number, REFERENCE)
    assert picture_in(relay.next("MM4_forward.REQ")) == SPOILT[kind]


def test_octets_that_are_no_mail_do_no_harm(tern: RunningCarrier, relay: Relay, number: str) -> None:
    with smtplib.SMTP(*tern.mms_address, timeout=PATIENCE) as smtp:
        smtp.sendmail("x@example.com", [f"{number}/TYPE=PLMN@x"], b"\0\xff\r\n" * 1000)
    send(tern, REFERENCE, number)
    assert picture_in(relay.next("MM4_forward.REQ")) == ("image/jpeg", JPEG)
