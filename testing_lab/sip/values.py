"""Structured header values: URI, name-addr, Via, CSeq (RFC 3261 19.1, 20, 25.1).

Patterns are written so that no hostile input makes them backtrack; header lines are bounded by `message.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from .errors import MalformedMessage

_HOST = r"\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+"
_SIP_URI = re.compile(rf"(sips?):(?:([^@<>\s\"]+)@)?({_HOST})(?::(\d{{1,5}}))?((?:;[^?<>\s]*)?)((?:\?[^<>\s]*)?)", re.I)
_TEL_URI = re.compile(r"tel:([0-9A-Fa-f*#+().-]+)((?:;[^<>\s]*)?)", re.I)
_SERVICE_URN = re.compile(r"(urn:service):([A-Za-z0-9.-]+)", re.I)  # RFC 5031
_VIA = re.compile(rf"SIP\s*/\s*2\.0\s*/\s*([A-Za-z0-9-]+)\s+({_HOST})(?:\s*:\s*(\d{{1,5}}))?\s*((?:;.*)?)")
_PARAM = re.compile(r';\s*([^\s;="]+)(?:\s*=\s*("(?:[^"\\]|\\.)*"|[^\s;"]*))?')
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"\s*<')
_VISUAL_SEPARATORS = re.compile(r"[-.()]")
_CSEQ = re.compile(r"(\d{1,10})\s+([A-Za-z0-9.!%*_+`'~-]+)")

DEFAULT_PORT = 5060
BRANCH_COOKIE = "z9hG4bK"  # RFC 3261 8.1.1.7

PARSED = 1024  # values kept parsed: each is looked at several times in the life of a call

Peer = tuple[str, int]


def peer(host_port: str) -> Peer:
    """`192.0.2.1:5060` as settings and trunks have it, in its two parts."""
    host, _, port = host_port.rpartition(":")
    return host, int(port)


@lru_cache(maxsize=PARSED)
def digits_of(text: str) -> str:
    """The digits of a number in whatever form it is written, to compare it by; "" when there are none."""
    return "".join(filter(str.isdigit, text))


def parse_params(text: str) -> dict[str, str]:
    """`;a=1;lr` as a dict with lower-case names; a parameter without value maps to ""."""
    return {m[1].lower(): m[2] or "" for m in _PARAM.finditer(text)} if text else {}


def split_list(value: str) -> list[str]:
    """Split a comma separated header value, not inside quotes or angle brackets (RFC 3261 7.3.1)."""
    if "," not in value:
        return [value.strip()] if value.strip() else []
    return [part for part in _split(value) if part]


def _split(value: str) -> Iterator[str]:
    start, quoted, bracketed, escaped = 0, False, False, False
    for at, char in enumerate(value):
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = quoted
        elif char == '"':
            quoted = not quoted
        elif not quoted and char in "<>":
            bracketed = char == "<"
        elif char == "," and not quoted and not bracketed:
            yield value[start:at].strip()
            start = at + 1
    yield value[start:].strip()


def _port(digits: str | None) -> int | None:
    if digits is None:
        return None
    if not 0 < int(digits) < 65536:
        raise MalformedMessage(f"port {digits} is out of range")
    return int(digits)


@dataclass(frozen=True, slots=True)
class Uri:
    """A `sip:`, `sips:` or `tel:` URI, or a service URN, whose service is the `user`.

    `params` keeps its text, from the first semicolon on.
    """

    scheme: str
    user: str | None
    host: str
    port: int | None = None
    params: str = ""
    headers: str = ""

    @classmethod
    @lru_cache(maxsize=PARSED)
    def parse(cls, text: str) -> Uri:
        """Raises `MalformedMessage` when the text is no URI that we can call or answer."""
        text = text.strip()
        if m := _SIP_URI.fullmatch(text):
            return cls(m[1].lower(), m[2], m[3], _port(m[4]), m[5], m[6])
        if m := _TEL_URI.fullmatch(text):
            return cls("tel", m[1], "", None, m[2])
        if m := _SERVICE_URN.fullmatch(text):
            return cls(m[1].lower(), m[2], "")
        raise MalformedMessage(f"not a SIP URI: {text[:80]!r}")

    def __str__(self) -> str:
        if not self.host:
            return f"{self.scheme}:{self.user}{self.params}"
        user = "" if self.user is None else f"{self.user}@"
        port = "" if self.port is None else f":{self.port}"
        return f"{self.scheme}:{user}{self.host}{port}{self.params}{self.headers}"

    @property
    def number(self) -> str | None:
        """The user part without its parameters or password: `+14155550123` of `+14155550123;npdi:x`.

        A telephone number's visual separators are no part of it (RFC 3966 5.1.1, RFC 3261 19.1.6).
        """
        if self.user is None:
            return None
        bare = re.split(r"[;:]", self.user, maxsplit=1)[0]
        is_telephone = self.scheme == "tel" or parse_params(self.params).get("user", "").lower() == "phone"
        return _VISUAL_SEPARATORS.sub("", bare) if is_telephone else bare

    @property
    def is_loose(self) -> bool:
        """Whether a Route made of this URI asks for loose routing (`;lr`, RFC 3261 19.1.1)."""
        return "lr" in parse_params(self.params)

    @property
    def peer(self) -> Peer:
        """Where a request to this URI goes over UDP: `maddr` before host (RFC 3263 4, without SRV)."""
        host = parse_params(self.params).get("maddr") or self.host
        return host.strip("[]"), self.port or DEFAULT_PORT


@dataclass(frozen=True, slots=True)
class NameAddr:
    """`"Display" <uri>;params`, as in From, To, Contact, Route (RFC 3261 20.10)."""

    uri: Uri
    display: str | None = None
    params: dict[str, str] = field(default_factory=dict)

    @classmethod
    @lru_cache(maxsize=PARSED)
    def parse(cls, text: str) -> NameAddr:
        """Raises `MalformedMessage`. Without angle brackets every parameter belongs to the header (20.10)."""
        text = text.strip()
        quoted = _QUOTED.match(text)
        if quoted is not None:
            display, rest = re.sub(r"\\(.)", r"\1", quoted[1]), text[quoted.end() :]
        else:
            display, bracket, rest = text.partition("<")
            if not bracket:
                uri, semicolon, params = text.partition(";")
                return cls(Uri.parse(uri), None, parse_params(semicolon + params))
        uri, closed, params = rest.partition(">")
        if not closed or (quoted is None and '"' in display):
            raise MalformedMessage(f"unbalanced address: {text[:80]!r}")
        return cls(Uri.parse(uri), display.strip() or None, parse_params(params.strip()))

    @property
    def tag(self) -> str | None:
        return self.params.get("tag")


def name_addr(uri: Uri | str, display: str | None = None) -> str:
    """Write a name-addr; the display name is always quoted and escaped (RFC 3261 25.1 quoted-string)."""
    if display is None:
        return f"<{uri}>"
    escaped = display.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}" <{uri}>'


@dataclass(frozen=True, slots=True)
class Via:
    """One hop (RFC 3261 20.42, 18.2; `rport` of RFC 3581)."""

    transport: str
    host: str
    port: int | None
    params: dict[str, str]

    @classmethod
    @lru_cache(maxsize=PARSED)
    def parse(cls, text: str) -> Via:
        """Raises `MalformedMessage`."""
        m = _VIA.fullmatch(text.strip())
        if m is None:
            raise MalformedMessage(f"not a Via: {text[:80]!r}")
        return cls(m[1].upper(), m[2], _port(m[3]), parse_params(m[4]))

    def __str__(self) -> str:
        params = "".join(f";{name}={value}" if value else f";{name}" for name, value in self.params.items())
        return f"SIP/2.0/{self.transport} {self.sent_by}{params}"

    @property
    def sent_by(self) -> str:
        return self.host if self.port is None else f"{self.host}:{self.port}"

    @property
    def branch(self) -> str:
        return self.params.get("branch", "")

    def seen_from(self, peer: Peer) -> Via:
        """The Via as a server stamps it on arrival: `received` and `rport` (RFC 3261 18.2.1, RFC 3581 4)."""
        # A sender's own `received` is dropped, or it could aim our responses at a third party.
        params = {name: value for name, value in self.params.items() if name != "received"}
        if "rport" in params:
            params.update(rport=str(peer[1]), received=peer[0])
        elif self.host.strip("[]") != peer[0]:
            params["received"] = peer[0]
        return Via(self.transport, self.host, self.port, params)

    @property
    def reply_to(self) -> Peer:
        """Where responses go (RFC 3261 18.2.2, RFC 3581 4)."""
        host = self.params.get("received") or self.host
        port = self.params.get("rport") or self.port or DEFAULT_PORT
        return host.strip("[]"), int(port)


@dataclass(frozen=True, slots=True)
class CSeq:
    """RFC 3261 20.16; the number must be below 2**31 (8.1.1.5)."""

    number: int
    method: str

    @classmethod
    @lru_cache(maxsize=PARSED)
    def parse(cls, text: str) -> CSeq:
        """Raises `MalformedMessage`."""
        m = _CSEQ.fullmatch(text.strip())
        if m is None or int(m[1]) >= 2**31:
            raise MalformedMessage(f"not a CSeq: {text[:40]!r}")
        return cls(int(m[1]), m[2])

    def __str__(self) -> str:
        return f"{self.number} {self.method}"
