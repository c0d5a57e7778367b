"""E-mails as they arrive: at a real mail server."""

from collections.abc import Iterator
from datetime import date, timedelta
from email import message_from_bytes
from email.message import Message
from typing import Any

import pytest
import time_machine
from aiosmtpd.controller import Controller
from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend
from django.utils import timezone

from accounts.models import User
from compliance.models import Bundle, Notice, NoticeKind
from compliance.services import delivery, letters, notices, review
from compliance.services.letters import Blamed, News
from compliance.services.notices import Coming
from tests.compliance.notices.test_callbacks import reject
from tests.compliance.review import waiting
from tests.factories import UserFactory
from tests.ports import reserve

pytestmark = pytest.mark.django_db


class Mailbox:
    """What the mail server took, and what it answers instead."""

    def __init__(self) -> None:
        self.letters: list[Message] = []
        self.recipients: list[list[str]] = []
        self.answers: list[str] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.answers:
            return self.answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.letters.append(message_from_bytes(envelope.content))
        self.recipients.append(envelope.rcpt_tos)
        return "250 OK"


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    box = Mailbox()
    server = Controller(box, hostname="127.0.0.1", port=reserve())
    server.start()
    settings.EMAIL_BACKEND = f"{EmailBackend.__module__}.{EmailBackend.__name__}"
    settings.EMAIL_HOST, settings.EMAIL_PORT = server.hostname, server.port
    yield box
    server.stop()


@pytest.fixture
def rosa() -> User:
    row: User = UserFactory.create(is_staff=True)
    return row


@pytest.fixture
def quiet(db: None) -> Bundle:
    """A draft whose customer has a mailbox only."""
    return waiting.draft(email="papers@customer.example")


def text(letter: Message) -> str:
    return letter.get_payload(decode=True).decode().replace("\r\n", "\n")  # type: ignore[union-attr]  # it has one part


def test_a_submission_is_confirmed(quiet: Bundle, mailbox: Mailbox) -> None:
    waiting.submitted(quiet)
    delivery.deliver_of(quiet.pk)
    letter = mailbox.letters[0]
    assert letter["Subject"] == f"Your papers wait for review: {quiet.sid}"
    assert letter["To"] == "papers@customer.example"
    assert letter.get_content_type() == "text/plain"
    assert "Germany, local, business" in text(letter)
    assert letter["Auto-Submitted"] == "auto-generated"


def test_a_rejection_says_what_to_change_and_what_stays(quiet: Bundle, mailbox: Mailbox, rosa: User) -> None:
    reject(waiting.submitted(quiet), rosa)
    delivery.deliver_of(quiet.pk)
    said = text(mailbox.letters[1])
    excerpt, address = waiting.papers(quiet).order_by("pk").values_list("sid", flat=True)
    refused = f"- Extract from the commercial register ({excerpt}): The paper cannot be read.\n"
    assert refused + "  What to do: Scan it again." in said
    kept = said.partition("What is approved already and stays so:\n")[2]
    assert kept.startswith(f"- The end user\n- Business address record ({address})\n")


def test_no_letter_has_personal_data_but_its_address(quiet: Bundle, mailbox: Mailbox, rosa: User) -> None:
    reject(waiting.submitted(quiet), rosa)
    notices.tell([Coming(quiet, date(2027, 1, 31))], "document_expires_soon")
    delivery.deliver_of(quiet.pk)
    whole = "".join(letter.as_string() for letter in mailbox.letters)
    personal = [*waiting.COMPANY.values(), quiet.friendly_name, "Unter den Linden", "10117"]
    assert [word for word in personal if word in whole] == []
    assert len(mailbox.letters) == 3


def test_on_one_line_each_sentence_has_its_full_stop() -> None:
    news = News("rejected", blamed=[Blamed("Passport", "It is cut off", "Show all of it")])
    assert letters.failure_reason(news) == "Passport: It is cut off. Show all of it."


@pytest.mark.parametrize("event", sorted(letters.TOLD_BY_EMAIL))
def test_every_letter_is_whole(quiet: Bundle, event: str) -> None:
    news = News(event, "Because.", "2027-01-31", [Blamed("The end user", "Wrong.", "Right it.")], ["Passport"])
    said = letters.body(quiet, news)
    assert "{" not in said
    assert f"{settings.PUBLIC_URL}/papers/{quiet.sid}\n" in said
    assert all(word in said for word in ("Right it.", "Passport", quiet.sid))
    assert f"{settings.PUBLIC_URL}/papers/{quiet.sid}\n" in said
    assert "\n" not in letters.subject(quiet, news)


def test_the_day_is_named_where_one_counts(quiet: Bundle, mailbox: Mailbox) -> None:
    notices.tell([Coming(quiet, date(2027, 2, 1))], "regulation_changed")
    notices.tell([Coming(quiet, date(2027, 1, 31))], "document_expires_soon")
    delivery.deliver_of(quiet.pk)
    assert "until 2027-02-01" in text(mailbox.letters[0])
    assert "expires on 2027-01-31" in text(mailbox.letters[1])


@pytest.mark.parametrize(
    "address",
    [
        "a@customer.example\r\nBcc: everybody@customer.example",
        "a@customer.example\nSubject: You have won",
        "a@customer.example, b@customer.example",
        "a@customer.example; b@customer.example",
        "Ada <a@customer.example>",
        "nobody",
    ],
)
def test_an_address_is_one_address_and_no_header(mailbox: Mailbox, address: str, db: None) -> None:
    bundle = waiting.submitted(waiting.draft(email=address))
    now = timezone.now()
    for hour in range(4):
        with time_machine.travel(now + timedelta(hours=hour), tick=False):
            delivery.deliver_of(bundle.pk)
    notice = Notice.objects.get(kind=NoticeKind.EMAIL)
    assert (mailbox.letters, notice.last_error) == ([], "not an e-mail address")
    assert notice.given_up_at is not None


def test_a_mailbox_that_is_full_is_tried_again_and_one_that_is_not_there_three_times(
    quiet: Bundle, mailbox: Mailbox
) -> None:
    mailbox.answers = ["452 full", "550 no such user", "550 no such user", "550 no such user"]
    waiting.submitted(quiet)
    now = timezone.now()
    for hour in range(6):
        with time_machine.travel(now + timedelta(hours=hour), tick=False):
            delivery.deliver_of(quiet.pk)
    notice = Notice.objects.get()
    assert (notice.attempts, notice.last_error) == (3, "the mail server refused the address")


def test_a_letter_that_goes_out_twice_is_known_by_its_id(quiet: Bundle, mailbox: Mailbox) -> None:
    waiting.submitted(quiet)
    delivery.deliver_of(quiet.pk)
    token = Notice.objects.get().token
    assert mailbox.letters[0]["Message-ID"] == f"<{token}@localhost>"


def test_without_a_mail_server_it_waits(quiet: Bundle, settings: Any) -> None:
    settings.EMAIL_BACKEND = f"{EmailBackend.__module__}.{EmailBackend.__name__}"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    waiting.submitted(quiet)
    delivery.deliver_of(quiet.pk)
    notice = Notice.objects.get()
    assert (notice.last_error, notice.done_at) == ("ConnectionRefusedError", None)


def test_what_the_customer_does_alone_is_not_written_to_them(quiet: Bundle, rosa: User) -> None:
    review.claim(waiting.submitted(quiet), rosa)
    assert [each.event for each in Notice.objects.all()] == ["submitted"]
