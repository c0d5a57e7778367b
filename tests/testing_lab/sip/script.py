"""Scenarios for SIPp, written short: what the other side says, and what it insists on hearing, line by line.

SIPp wants every header of every message spelled out. Here a message is the exception to the rule: what a step does not
say is as RFC 3261 would have it. What is written is said as it stands, mistakes included.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_OF_INVITE = ("Via", "From", "To", "CSeq")  # kept: SIPp itself only remembers the last message
_CALLER = "<sip:+12025550142@[local_ip]>;tag=stranger"
CALLED = "sip:[service]@[remote_ip]:[remote_port]"
_CONTACT = "Contact: <sip:stranger@[local_ip]:[local_port]>"
_VIA = "Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch];rport"
_CHECKED = "checked"
# SIPp cuts blanks off a line's start; after this step, `[$fold]` stands for one.
FOLD = '<nop><action><assignstr assign_to="fold" value=" "/></action></nop>'


def scenario(steps: Iterable[str]) -> str:
    """The whole of a scenario file."""
    said = "".join(steps)
    assigned = ",".join(sorted(set(re.findall(r'assign_to="(\w+)"', said))))  # SIPp wants each used somewhere
    used = f'<Reference variables="{assigned}"/>' if assigned else ""
    return f'<?xml version="1.0"?>\n<scenario name="stranger">{said}{used}</scenario>\n'


def audio(port: int, *attributes: str, host: str = "[local_ip]") -> tuple[str, ...]:
    """The lines of a session description for PCMU at `port`."""
    session = "v=0", f"o=- 1 {port} IN IP4 [local_ip]", "s=-", f"c=IN IP4 {host}", "t=0 0"
    return *session, f"m=audio {port} RTP/AVP 0 101", "a=rtpmap:101 telephone-event/8000", *attributes


MIXED = ('Content-Type: multipart/mixed; boundary="part"', "MIME-Version: 1.0")


def parts(*description: str) -> tuple[str, ...]:
    """A body of several parts, as a network with ISDN behind it sends it (RFC 3204): `description` is the second."""
    isup = "--part", "Content-Type: application/ISUP;version=itu-t92+", "Content-Disposition: signal;handling=optional"
    return *isup, "", "0123456789", "--part", "content-type: application/sdp", "", *description, "--part--"


# Either side


def hears(what: str | int, *patterns: str, optional: bool = False, keeps_rseq: bool = False) -> str:
    """A request or a response must come, and hold each of the patterns (POSIX extended, across lines).

    `keeps_rseq`: its RSeq is `[$RSeq]` from now on.
    """
    kind = f'response="{what}"' if isinstance(what, int) else f'request="{what}"'
    checks = "".join(
        f'<ereg regexp="{pattern}" search_in="msg" check_it="true" assign_to="{_CHECKED}"/>' for pattern in patterns
    )
    saves = _saves(_OF_INVITE) if what == "INVITE" else _saves(["RSeq"]) if keeps_rseq else ""
    makes_dialog = str(what in {"INVITE", 180, 183, 200}).lower()
    return (
        f'<recv {kind} rrs="{makes_dialog}" optional="{str(optional).lower()}"><action>{checks}{saves}</action></recv>'
    )


def says(*lines: str, body: Iterable[str] = ()) -> str:
    """A message of exactly these lines."""
    text = "\n".join((*lines, "", *body))
    return f"<send><![CDATA[\n{text}\n]]></send>"


def agrees(*headers: str, status: str = "200 OK", body: Iterable[str] = ()) -> str:
    """A response to the last request that was heard."""
    copied = "[last_Via:]", "[last_From:]", "[last_To:]", "[last_Call-ID:]", "[last_CSeq:]"
    return says(f"SIP/2.0 {status}", *copied, _CONTACT, *headers, *_content(headers, body), body=body)


def takes_no(cseq: int = 1) -> str:
    """The ACK of a refusal, which is part of the INVITE's transaction (RFC 3261 17.1.1.3)."""
    copied = "[last_Via:]", "[last_From:]", "[last_To:]", "[last_Call-ID:]"
    return says(f"ACK {CALLED} SIP/2.0", *copied, f"CSeq: {cseq} ACK", "Max-Forwards: 70", "Content-Length: 0")


# The one who is called


def answers(status: str, *headers: str, tag: str = ";tag=a", body: Iterable[str] = ()) -> str:
    """A response to the INVITE, whatever was heard since; `tag` is its To tag."""
    copied = "Via:[$Via]", "From:[$From]", f"To:[$To]{tag}", "[last_Call-ID:]", "CSeq:[$CSeq]"
    contact = () if any(header.startswith("Contact:") for header in headers) else (_CONTACT,)
    return says(f"SIP/2.0 {status}", *copied, *contact, *headers, *_content(headers, body), body=body)


def asks(method: str, *headers: str, cseq: int = 1, tag: str = ";tag=a", body: Iterable[str] = ()) -> str:
    """A request of the called party inside the dialog."""
    parties = f"From:[$To]{tag}", "To:[$From]", "Call-ID: [call_id]"
    return says(*_request(method, cseq), *parties, *headers, *_content(headers, body), body=body)


# The one who calls


def invites(*headers: str, cseq: int = 1, caller: str = _CALLER, body: Iterable[str] = ()) -> str:
    """The INVITE of a caller, to the number that SIPp was started with (`-s`)."""
    first = f"INVITE {CALLED} SIP/2.0", _VIA, f"CSeq: {cseq} INVITE", "Max-Forwards: 70", _CONTACT
    parties = f"From: {caller}", f"To: <{CALLED}>", "Call-ID: [call_id]"
    return says(*first, *parties, *headers, *_content(headers, body), body=body)


def goes_on(method: str, *headers: str, cseq: int = 1, body: Iterable[str] = ()) -> str:
    """A request of the caller inside the dialog, after a response has been heard."""
    parties = f"From: {_CALLER}", f"To: <{CALLED}>[peer_tag_param]", "Call-ID: [call_id]"
    return says(*_request(method, cseq), *parties, *headers, *_content(headers, body), body=body)


def _request(method: str, cseq: int) -> tuple[str, ...]:
    return f"{method} [next_url] SIP/2.0", _VIA, f"CSeq: {cseq} {method}", "Max-Forwards: 70", _CONTACT


def _content(headers: Iterable[str], body: Iterable[str]) -> tuple[str, ...]:
    """Of the body, where `headers` do not say it already."""
    said = any(header.startswith("Content-Type:") for header in headers)
    return *(("Content-Type: application/sdp",) if body and not said else ()), "Content-Length: [len]"


def _saves(headers: Iterable[str]) -> str:
    return "".join(f'<ereg regexp=".*" search_in="hdr" header="{name}:" assign_to="{name}"/>' for name in headers)
