"""Offers and answers (RFC 3264) for G.711 and telephone events."""

from __future__ import annotations

import pytest

from testing_lab.sip import MalformedMessage, sdp

OFFER = (
    b"v=0\r\no=carrier 77 5 IN IP4 192.0.2.1\r\ns=call\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
    b"m=video 6000 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
    b"m=audio 5004/2 RTP/AVP 9 8 0 97\r\nc=IN IP4 192.0.2.2/127\r\n"
    b"a=rtpmap:97 telephone-event/8000\r\na=fmtp:97 0-16\r\na=ptime:30\r\na=sendonly\r\n"
)


def test_an_offer_is_read_back() -> None:
    read = sdp.parse(sdp.offer("127.0.0.1", 4000))
    assert read.peer == ("127.0.0.1", 4000)
    assert [fmt.encoding for fmt in read.formats] == list(sdp.VOICE)
    assert (read.codec.payload_type, read.event_type) == (0, 101)


def test_a_carriers_offer_is_read() -> None:
    read = sdp.parse(OFFER)
    assert read.peer == ("192.0.2.2", 5004)
    assert (read.codec.encoding, read.event_type, read.ptime, read.direction) == ("G722/8000", 97, 30, "sendonly")


def test_an_answer_keeps_the_offerers_order_and_numbers_and_refuses_other_streams() -> None:
    answer = sdp.answer(OFFER, "127.0.0.1", 4000)
    assert answer is not None
    read = sdp.parse(answer)
    assert [(fmt.payload_type, fmt.encoding) for fmt in read.formats] == [
        (8, "PCMA/8000"),
        (0, "PCMU/8000"),
        (97, "telephone-event/8000"),
    ]
    assert read.direction == "recvonly"
    assert b"m=video 0 RTP/AVP 96\r\n" in answer
    assert answer.index(b"m=video") < answer.index(b"m=audio")


@pytest.mark.parametrize("encodings", [["PCMA/8000"], ["telephone-event/8000"]])
def test_without_a_common_voice_codec_there_is_no_answer(encodings: list[str]) -> None:
    assert sdp.answer(sdp.offer("127.0.0.1", 4000, ["PCMU/8000", "telephone-event/8000"]), "::1", 1, encodings) is None


def test_a_later_answer_has_the_same_session_and_the_next_version() -> None:
    first = sdp.answer(OFFER, "127.0.0.1", 4000) or b""
    second = sdp.answer_as(OFFER, first) or b""
    origins = [text.split(b"\r\n")[1].split() for text in (first, second)]
    assert origins[0][1] == origins[1][1]
    assert int(origins[1][2]) == int(origins[0][2]) + 1


def test_ipv6_is_written_as_such() -> None:
    assert b"c=IN IP6 2001:db8::1\r\n" in sdp.offer("2001:db8::1", 4000)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"v=0\r\n",
        b"m=audio x RTP/AVP 0",
        b"m=audio 4000 RTP/AVP 0",
        b"c=IN IP4 host.invalid\r\nm=audio 1 RTP/AVP 0",
    ],
)
def test_what_names_no_reachable_audio_is_refused(text: bytes) -> None:
    with pytest.raises(MalformedMessage):
        sdp.parse(text)
