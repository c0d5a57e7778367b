"""Later offers of a call are of the same session, one version on, and what is agreed is read off the answer."""

import re

import pytest

from testing_lab.exchanges import offers
from testing_lab.sip import sdp

HOST = "192.0.2.7"


def origin(description: bytes | None) -> tuple[int, int]:
    found = re.search(rb"^o=- (\d+) (\d+) ", description or b"", re.MULTILINE)
    assert found is not None
    return int(found[1]), int(found[2])


def test_an_offer_that_follows_another_keeps_the_session_and_counts_the_version() -> None:
    first = sdp.offer(HOST, 4000)
    second = sdp.following(sdp.offer(HOST, 4002, direction="sendonly"), first)
    session, version = origin(first)
    assert origin(second) == (session, version + 1)
    assert b"m=audio 4002" in second
    assert sdp.following(second, None) == second


def test_wideband_is_offered_first_and_as_its_rfc_wants() -> None:
    offered = offers.wideband(HOST, 4000)
    assert b"m=audio 4000 RTP/AVP 111 9 0 101\r\n" in offered
    assert b"a=rtpmap:111 opus/48000/2\r\n" in offered
    assert offers.voices(offered) == ("opus", "G722", "PCMU")


def test_the_far_end_agrees_to_everything_in_the_order_of_the_offer() -> None:
    previous = sdp.answer(sdp.offer(HOST, 4000, (offers.PCMU,)), HOST, 5000)
    answered = offers.answer_anything(offers.wideband(HOST, 4000), HOST, 5000, previous)
    assert offers.voices(answered) == ("opus", "G722", "PCMU")
    assert b"a=rtpmap:111 opus/48000/2\r\n" in (answered or b"")
    assert origin(answered) == (origin(previous)[0], origin(previous)[1] + 1)


@pytest.mark.parametrize("offer", [b"", b"rubbish", sdp.offer(HOST, 0), sdp.offer(HOST, 4000, (offers.EVENTS,))])
def test_what_cannot_be_agreed_to_is_refused(offer: bytes) -> None:
    assert offers.answer_anything(offer, HOST, 5000, None) is None


@pytest.mark.parametrize("answer", [b"", b"rubbish", sdp.offer(HOST, 0), None])
def test_a_refused_stream_agrees_to_nothing(answer: bytes | None) -> None:
    assert offers.voices(answer) == ()
