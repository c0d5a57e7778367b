"""Reading and writing messages: what is allowed, what is refused, and that nothing else ever happens."""

from __future__ import annotations

import asyncio
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testing_lab.sip import MalformedMessage, Request, Response, UserAgent
from testing_lab.sip import sdp as description
from testing_lab.sip.digest import parse_challenge
from testing_lab.sip.headers import Headers
from testing_lab.sip.message import MAX_HEADERS, MAX_LINE, parse
from testing_lab.sip.values import CSeq, NameAddr, Uri, Via, name_addr, split_list

from .peer import ScriptedPeer, invite_text

INVITE = invite_text(5062, 5060)


def read(data: bytes) -> Request:
    message = parse(data)
    assert isinstance(message, Request)
    return message


def test_what_was_written_is_read_back() -> None:
    first = read(INVITE)
    second = read(first.serialise())
    assert (second.method, second.uri, second.body) == (first.method, first.uri, first.body)
    assert list(second.headers) == list(first.headers)


def test_compact_and_oddly_cased_names_are_the_same_headers() -> None:
    compact = INVITE.replace(b"Via:", b"v:").replace(b"Call-ID:", b"I:").replace(b"From:", b"FROM:")
    message = read(compact.replace(b"Content-Length:", b"l :"))
    assert message.call_id == "hand-made"
    assert message.sender.tag == "alice"
    assert message.via.branch == "z9hG4bKone"


def test_a_folded_line_is_one_value() -> None:
    folded = INVITE.replace(b"Max-Forwards: 69", b"Subject: one\r\n two\r\n\tthree")
    assert read(folded).headers.get("Subject") == "one two three"


def test_foreign_octets_of_a_display_name_survive() -> None:
    latin = INVITE.replace(b"Alice", b"Andr\xe9")
    assert b"Andr\xe9" in read(latin).serialise()


def test_octets_beyond_content_length_are_dropped() -> None:
    assert read(INVITE + b"rubbish").body == read(INVITE).body


@pytest.mark.parametrize(
    ("fault", "replacement"),
    [
        (b"Content-Length: ", b"Content-Length: 9"),
        (b"Content-Length: ", b"Content-Length: -"),
        (b"Content-Length: ", b"Content-Length: 1\r\nContent-Length: "),
        (b"CSeq: 1 INVITE", b"CSeq: 1 BYE"),
        (b"Call-ID: hand-made", b"Call-ID: one\r\nCall-ID: two"),
        (b"To: ", b"To: <sip:second@x>\r\nTo: "),
    ],
)
def test_a_fault_that_can_be_answered_names_its_request(fault: bytes, replacement: bytes) -> None:
    with pytest.raises(MalformedMessage) as caught:
        parse(INVITE.replace(fault, replacement))
    assert caught.value.request is not None
    assert caught.value.status == 400


def test_another_version_of_sip_gets_505() -> None:
    with pytest.raises(MalformedMessage) as caught:
        parse(INVITE.replace(b" SIP/2.0\r\nVia", b" SIP/3.0\r\nVia"))
    assert caught.value.status == 505


@pytest.mark.parametrize(
    ("part", "replacement"),
    [
        (b"Via: SIP/2.0/UDP", b"Via: SIP/1.0 UDP"),
        (b"From: ", b"From: nobody at home "),
        (b"CSeq: 1", b"CSeq: 99999999999"),
        (b"CSeq: 1", b"CSeq: 2147483648"),
        (b"Call-ID", b"Ca ll-ID"),
        (b"Max-Forwards: 69", b"Max-Forwards 69"),
        (b"Max-Forwards: 69", b"Max-Forwards: 6\n9"),
        (b"Max-Forwards: 69", b"Max-Forwards: 6\x009"),
        (b"\r\n\r\n", b"\r\n"),
        (b"127.0.0.1:5062;branch", b"127.0.0.1:99999;branch"),
        (b"INVITE sip:", b"INVITE  sip:"),
        (b"INVITE sip:", b"INVITE sip:\x00"),
    ],
)
def test_a_fault_that_cannot_be_answered_has_no_request(part: bytes, replacement: bytes) -> None:
    with pytest.raises(MalformedMessage) as caught:
        parse(INVITE.replace(part, replacement, 1))
    assert caught.value.request is None


def test_a_malformed_ack_is_never_answered() -> None:
    with pytest.raises(MalformedMessage) as caught:
        parse(INVITE.replace(b"INVITE", b"ACK").replace(b"Content-Length: ", b"Content-Length: 9"))
    assert caught.value.request is None


@pytest.mark.parametrize("filler", [b"X: y\r\n" * (MAX_HEADERS + 1), b"X: " + b"y" * MAX_LINE + b"\r\n"])
def test_too_much_is_refused(filler: bytes) -> None:
    with pytest.raises(MalformedMessage):
        parse(INVITE.replace(b"Max-Forwards", filler + b"Max-Forwards"))


@pytest.mark.parametrize("value", ["x\r\nEvil: yes", "x\nEvil: yes", "x\x00", "x\r"])
def test_no_line_can_be_smuggled_into_a_header(value: str) -> None:
    with pytest.raises(MalformedMessage):
        Headers([("Subject", value)])


@pytest.mark.parametrize("name", ["", "Evil: yes\r\nX", "a b", "é"])
def test_no_line_can_be_smuggled_into_a_header_name(name: str) -> None:
    with pytest.raises(MalformedMessage):
        Headers([(name, "x")])


@pytest.mark.parametrize("target", ["sip:1@h>\r\nEvil: yes", "sip:1 2@h", "http://x", "sip:@", "sip:1@h:0", ""])
async def test_no_line_can_be_smuggled_into_a_call(agent: UserAgent, target: str) -> None:
    with pytest.raises(MalformedMessage):
        await agent.invite(target, via=("127.0.0.1", 9), caller="+12025550142", sdp=b"")
    with pytest.raises(MalformedMessage):
        await agent.invite("sip:far@h", via=("127.0.0.1", 9), caller="1>\r\nEvil: yes <sip:x", sdp=b"")
    assert not agent.endpoint.clients


def test_a_display_name_is_quoted_and_read_back() -> None:
    nasty = 'Al "the\\boss" <x>, y'
    assert NameAddr.parse(name_addr("sip:1@h", nasty)).display == nasty


@pytest.mark.parametrize(
    ("text", "user", "host", "port"),
    [
        ("sip:+14155550123@carrier.example:5070;transport=udp", "+14155550123", "carrier.example", 5070),
        ("sip:carrier.example", None, "carrier.example", None),
        ("SIPS:a@[2001:db8::1]:5061", "a", "[2001:db8::1]", 5061),
        ("tel:+14155550123;phone-context=x", "+14155550123", "", None),
        ("sip:+1415;npdi;rn=+1212@h;user=phone", "+1415;npdi;rn=+1212", "h", None),
    ],
)
def test_uris_are_read(text: str, user: str | None, host: str, port: int | None) -> None:
    uri = Uri.parse(text)
    assert (uri.user, uri.host, uri.port) == (user, host, port)


def test_the_number_of_a_user_part_is_without_its_parameters() -> None:
    assert Uri.parse("sip:+1415;npdi;rn=+1212@h").number == "+1415"


def test_lists_split_outside_quotes_and_brackets() -> None:
    assert split_list('"a, b" <sip:x,y@h>, <sip:z@h>;q=1') == ['"a, b" <sip:x,y@h>', "<sip:z@h>;q=1"]


PARTS = st.sampled_from(
    [b"\r\n", b":", b";", b"<", b">", b'"', b",", b"=", b" ", b"sip:", b"SIP/2.0", b"\x00", b"\xff", b"@"]
)


@given(st.lists(st.tuples(st.integers(0, len(INVITE)), st.integers(0, 12), PARTS | st.binary(max_size=8)), max_size=6))
def test_a_damaged_invite_raises_only_our_own_error(damage: list[tuple[int, int, bytes]]) -> None:
    data = INVITE
    for at, cut, put in damage:
        data = data[:at] + put + data[at + cut :]
    try:
        message = parse(data)
    except MalformedMessage:
        return
    message.serialise()


@given(st.binary(max_size=400) | st.lists(PARTS, max_size=60).map(b"".join))
def test_noise_raises_only_our_own_error(data: bytes) -> None:
    for reader in (parse, description.parse):
        try:
            reader(data)
        except MalformedMessage:
            continue
    parse_challenge(data.decode("latin-1"))


@given(st.text(max_size=120) | st.lists(st.sampled_from(list('<>";,=:@ \\sip127')), max_size=60).map("".join))
def test_values_raise_only_our_own_error(text: str) -> None:
    split_list(text)
    for kind in (Uri, NameAddr, Via, CSeq):
        try:
            kind.parse(text)
        except MalformedMessage:
            continue


@pytest.mark.parametrize("char", ['"', "<", ",", ";", " ", "\\", '"<', ";a=", 'a="b'])
def test_hostile_repetition_takes_no_time(char: str) -> None:
    """Sixteen times as much as a line may have takes 30 ms of processor time; in the square of it, minutes."""
    text = (char * 16 * MAX_LINE)[: 16 * MAX_LINE]
    started = time.process_time()
    for reader in (split_list, Uri.parse, NameAddr.parse, Via.parse, CSeq.parse, parse_challenge):
        try:
            reader("SIP/2.0/UDP h;" + text if reader == Via.parse else "Digest " + text)
        except MalformedMessage:
            continue
    assert time.process_time() - started < 5


async def test_the_agent_outlives_hostile_datagrams(agent: UserAgent, peer: ScriptedPeer) -> None:
    for data in (b"", b"\0", b"\r\n\r\n", b"\xff" * 2000, b"INVITE\r\n\r\n", INVITE[:90], b"SIP/2.0 200 OK\r\n\r\n"):
        peer.send(data, agent.address)
    peer.send(INVITE.replace(b"5062", str(peer.address[1]).encode()).replace(b"CSeq: 1", b"CSeq: x"), agent.address)
    bad_length = invite_text(peer.address[1], 5060).replace(b"Content-Length: ", b"Content-Length: 9")
    peer.send(bad_length, agent.address)
    answer: Response = await peer.response(400)
    assert answer.recipient.tag
    assert agent.endpoint.malformed >= 5
    await asyncio.sleep(0)
    peer.send(invite_text(peer.address[1], 5060).replace(b"INVITE", b"OPTIONS"), agent.address)
    await peer.response(200)
