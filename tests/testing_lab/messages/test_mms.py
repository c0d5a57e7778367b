"""The lab's MMS relay over real sockets: it hands out, it takes what somebody waits for, it is nobody's relay."""

import asyncio
import contextlib
import smtplib
from collections.abc import AsyncIterator

import pytest

from testing_lab.messages import mm4
from testing_lab.messages.link import Submission
from testing_lab.messages.mms import MmsLink, MmsSettings, Taker
from tests.patience import PATIENCE
from tests.ports import reserve

A, B = "+12025550142", "+14155550123"
PICTURE = mm4.Picture("image/png", b"\x89PNG and more")


def relay(port: int, mmsc: int) -> MmsLink:
    return MmsLink(MmsSettings("127.0.0.1", port, ("127.0.0.1", mmsc), messages_per_second=1000, answer_timeout=5))


@pytest.fixture
async def pair() -> AsyncIterator[tuple[MmsLink, MmsLink]]:
    """Two relays, each the other's MMSC."""
    ours, theirs = reserve(), reserve()
    async with relay(ours, theirs) as near, relay(theirs, ours) as far:
        yield near, far


def into(came: "asyncio.Future[mm4.Forward]") -> Taker:
    """A taker that keeps what it is given."""

    def take(forward: mm4.Forward) -> bool:
        came.set_result(forward)
        return True

    return take


async def test_a_message_arrives_whole_and_is_answered(pair: tuple[MmsLink, MmsLink]) -> None:
    near, far = pair
    came: asyncio.Future[mm4.Forward] = asyncio.get_running_loop().create_future()
    far.listen(B, into(came))
    sent = near.new_forward(A, B, "K7Q2M two words", PICTURE)
    answer = near.expect_answer(sent)
    assert (await near.send(sent)).outcome == Submission.ACCEPTED
    assert await asyncio.wait_for(came, PATIENCE) == sent
    assert await asyncio.wait_for(answer, PATIENCE) == "Ok"


async def test_nobody_relays_through_us(pair: tuple[MmsLink, MmsLink]) -> None:
    near, far = pair
    end = far.listen(B, lambda _: True)
    assert (await near.send(near.new_forward(A, "+14155550199", "x", PICTURE))).outcome == Submission.REFUSED
    end()
    refused = await near.send(near.new_forward(A, B, "x", PICTURE))
    assert (refused.outcome, refused.reason[:3]) == (Submission.REFUSED, "550")


async def test_an_mmsc_that_is_away_is_no_refusal() -> None:
    near = relay(0, reserve())
    assert (await near.send(near.new_forward(A, B, "x", PICTURE))).outcome == Submission.INCONCLUSIVE


FORWARD = b"X-Mms-Message-Type: MM4_forward.REQ\r\nX-Mms-Transaction-ID: 1\r\n"
HOSTILE = [
    b"",
    b"\0\xff" * 5000,
    FORWARD + b"Content-Type: multipart/related; boundary=\r\n\r\n",
    FORWARD + b"From: =?x?q?=?=\r\nContent-Type: /\r\n\r\nx",
    b"X-Mms-Message-Type: MM4_forward.RES\r\nX-Mms-Transaction-ID: unheard of\r\n\r\n",
    (FORWARD + b"Content-Type: message/rfc822\r\n\r\n") * 20,
]


def test_headers_are_read_however_they_are_folded_and_encoded() -> None:
    head = b"Subject: =?utf-8?q?caf=C3=A9?=\r\n\t2\r\nFrom:\r\n +14155550123/TYPE=PLMN@mms.example\r\n"
    forward = mm4.forward_in(mm4.read(FORWARD + head + b"\r\nx"))
    assert (forward.subject, forward.source) == ("caf\u00e9 2", B)


@pytest.mark.parametrize("subject", [b"=?x-unheard?q?a?=", b"=?utf-8?b?a?=", b"=?utf-8?q?=FF?=", b"=?\0?q?a?="])
def test_a_subject_that_cannot_be_read_stands_as_it_came(subject: bytes) -> None:
    assert mm4.forward_in(mm4.read(FORWARD + b"Subject: " + subject + b"\r\n\r\nx")).subject == subject.decode()


@pytest.mark.parametrize("subject", [b"\xff", b"=?\xff?q?a?="])
def test_octets_that_are_no_text_leave_a_header_that_can_be_kept(subject: bytes) -> None:
    head = b"Subject: " + subject + b"\r\nX-Mms-Originator-System: a\xff@b\r\n"
    read = mm4.forward_in(mm4.read(FORWARD + head + b"\r\nx"))
    assert (read.subject + read.originator_system).encode()


async def test_hostile_mail_does_no_harm(pair: tuple[MmsLink, MmsLink]) -> None:
    near, far = pair
    far.listen(B, lambda _: False)
    door, to = far.address, mm4.address(B, "mms.example")

    def attack() -> None:
        for octets in (*HOSTILE, b"x" * 3_000_000):
            with smtplib.SMTP(*door, timeout=PATIENCE) as smtp, contextlib.suppress(smtplib.SMTPException):
                smtp.sendmail("stranger@example.com", [to], octets)

    await asyncio.to_thread(attack)
    came: asyncio.Future[mm4.Forward] = asyncio.get_running_loop().create_future()
    far.listen(B, into(came))
    await near.send(near.new_forward(A, B, "still there?", PICTURE))
    assert (await asyncio.wait_for(came, PATIENCE)).subject == "still there?"


@pytest.mark.parametrize(
    ("address", "number"),
    [
        ("+14155550123/TYPE=PLMN@mms.example", "+14155550123"),
        ("<14155550123/type=plmn@mms.example>", "+14155550123"),
        ("+14155550123/TYPE=PLMN", "+14155550123"),
        ('"+14155550123/TYPE=PLMN"@mms.example', "+14155550123"),
        ("<+14155550123/TYPE=PLMN @mms.example>", "+14155550123"),
        ("+14155550123@mms.example", ""),
        ("someone@mms.example", ""),
        ("12/TYPE=PLMN@mms.example", ""),
    ],
)
def test_numbers_in_addresses(address: str, number: str) -> None:
    assert mm4.number_in(address) == number
