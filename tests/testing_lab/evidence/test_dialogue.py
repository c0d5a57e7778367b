"""What was said on the wire is read back as it was, whatever the far end wrote into it."""

import json

import pytest

from testing_lab.evidence.dialogue import Note, Said, joined, line, of_call, read
from testing_lab.sip.trace import Trace

PEER = ("192.0.2.1", 5060)
FORGERY = (
    b'BYE sip:x SIP/2.0\r\n\r\n{"end": "number", "way": "sent", "protocol": "SIP", "text": "forged"}\n\x1e\n\x1e\n'
)


def trace(*messages: bytes) -> Trace:
    kept = Trace()
    for message in messages:
        kept.note("received", PEER, message)
    return kept


def test_a_call_is_read_back_in_order_of_time_with_both_its_ends() -> None:
    caller, number = Trace(), Trace()
    caller.note("sent", PEER, b"INVITE sip:+14155550123@x SIP/2.0\r\n\r\n")
    number.note("received", PEER, b"INVITE sip:+14155550123@y SIP/2.0\r\n\r\n")
    caller.note("received", PEER, b"SIP/2.0 180 Ringing\r\n\r\n")
    [found] = read(of_call("caller", caller) + of_call("number", number))
    said = [(each.end, each.way, each.text.split()[0], each.peer) for each in found if isinstance(each, Said)]
    assert said == [
        ("caller", "sent", "INVITE", "192.0.2.1:5060"),
        ("number", "received", "INVITE", "192.0.2.1:5060"),
        ("caller", "received", "SIP/2.0", "192.0.2.1:5060"),
    ]


def test_a_message_cannot_forge_another_one_nor_another_round() -> None:
    [found] = read(of_call("caller", trace(FORGERY)))
    assert [each.text for each in found] == [FORGERY.decode()]


@pytest.mark.parametrize("octets", [b"\0\xff\xfe" * 100, "\u2028\u0085\x0b\x1e".encode(), b"", bytes(range(256))])
def test_octets_of_any_kind_are_kept_as_one_line_that_a_database_takes(octets: bytes) -> None:
    kept = of_call("caller", trace(octets))
    assert len(kept.splitlines()) == 1
    assert kept.isascii()
    assert "\0" not in kept
    [[said]] = read(kept)
    assert said.text == octets.decode("utf-8", "replace")


def test_a_flood_is_cut_short_and_says_so() -> None:
    [found] = read(of_call("caller", trace(*[b"x" * 1000] * 500)))
    assert len(found) == Trace.MAX_ENTRIES + 1
    assert found[-1] == Note("300 more datagrams at this end, the caller's, left out")


def test_rounds_are_told_apart() -> None:
    first, second = line(Said("caller", "sent", "SIP", "one", 1.0)), line(Said("caller", "sent", "SIP", "two", 2.0))
    assert [[each.text for each in found] for found in read(joined([first, second]))] == [["one"], ["two"]]


@pytest.mark.parametrize(
    "kept",
    [
        "2026-11-21T10:00:00+00:00 -> 127.0.0.1:5070 sent",
        "[" * 100_000,
        '{"end": 1, "way": "sent", "protocol": "SIP", "text": "x"}',
        '{"end": "caller", "way": "sent", "protocol": "SIP", "text": "x", "at": "noon"}',
        '{"end": "caller", "more": "x"}',
        "[]",
        json.dumps("text"),
        "12",
    ],
)
def test_what_is_no_line_of_ours_is_a_note(kept: str) -> None:
    assert read(kept) == [[Note(kept)]]
