"""SIP messages as a proxy needs them: every header it does not know passes unchanged, in its order and spelling."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

Header = tuple[str, str]
COMPACT = {  # RFC 3261 7.3.3, 20
    "v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length", "c": "content-type",
    "e": "content-encoding", "k": "supported", "s": "subject",
}  # fmt: skip
REQUIRED = ("via", "from", "to", "call-id", "cseq")  # RFC 3261 8.1.1 less Max-Forwards, which 16.6 adds
MOST_HEADERS = 200
_REQUEST = re.compile(r"([A-Z]+) (\S+) SIP/2\.0")
_STATUS = re.compile(r"SIP/2\.0 ([1-6][0-9]{2}) ?(.*)")
_CSEQ = re.compile(r"([0-9]{1,10})[ \t]+([A-Z]+)")
_PARAMETER = re.compile(r";\s*([^;=\s]+)(?:\s*=\s*([^;\s]*))?")


class BadMessage(ValueError):
    """Not a SIP message that we could route."""


@dataclass(slots=True)
class Message:
    """A request (`method`, `uri`) or a response (`status`, `reason`); header names compare in lower case."""

    start: str
    headers: list[Header]
    body: bytes = b""
    method: str = ""
    uri: str = ""
    status: int = 0
    sequence: int = field(default=0)

    @property
    def is_request(self) -> bool:
        return not self.status

    def first(self, name: str) -> str | None:
        return next((value for key, value in self.headers if _canonical(key) == name), None)

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if _canonical(key) == name]

    def require(self, name: str) -> str:
        """The value of a header that parse() has made sure of."""
        value = self.first(name)
        if value is None:
            raise BadMessage(f"no {name}")
        return value

    def replace(self, name: str, value: str) -> None:
        """Give the first header of this name another value and drop the others; append if there is none."""
        index = next((i for i, (key, _) in enumerate(self.headers) if _canonical(key) == name.lower()), None)
        self.remove(name)
        self.headers.insert(len(self.headers) if index is None else index, (name, value))

    def remove(self, name: str) -> None:
        self.headers = [pair for pair in self.headers if _canonical(pair[0]) != name.lower()]

    def push(self, name: str, value: str) -> None:
        """Put a header above its siblings, as RFC 3261 16.6 asks for Via and Record-Route."""
        self.headers.insert(0, (name, value))

    def pop(self, name: str) -> str | None:
        """Take off the topmost header of this name."""
        for index, (key, value) in enumerate(self.headers):
            if _canonical(key) == name:
                del self.headers[index]
                return value
        return None

    def copy(self) -> Message:
        return Message(self.start, list(self.headers), self.body, self.method, self.uri, self.status, self.sequence)

    def encode(self) -> bytes:
        """The octets on the wire, with a true Content-Length."""
        self.replace("Content-Length", str(len(self.body)))
        lines = [self.start, *(f"{name}: {value}" for name, value in self.headers), "", ""]
        return "\r\n".join(lines).encode("utf-8", "surrogateescape") + self.body


def parse(datagram: bytes) -> Message:
    """Read one datagram. Raises BadMessage for whatever RFC 3261 would not let us route."""
    head, blank, body = datagram.partition(b"\r\n\r\n")
    start, *lines = re.split(r"\r?\n", head.decode("utf-8", "surrogateescape"))
    if not blank or len(lines) > MOST_HEADERS:
        raise BadMessage("no end of the headers")
    message = _start(start)
    message.headers = [pair for line in _unfold(lines) for pair in _split(line)]
    for name in REQUIRED:
        message.require(name)
    _read_sequence(message)
    _check_number(message, "max-forwards")
    _check_number(message, "content-length")
    message.body = _body(message, body)
    return message


def _start(line: str) -> Message:
    if request := _REQUEST.fullmatch(line):
        return Message(line, [], method=request[1], uri=request[2])
    if status := _STATUS.fullmatch(line):
        return Message(line, [], status=int(status[1]))
    raise BadMessage("neither a request nor a response")


def _unfold(lines: list[str]) -> list[str]:
    unfolded: list[str] = []
    for line in lines:
        if line[:1] in (" ", "\t") and unfolded:
            unfolded[-1] += " " + line.strip()
        else:
            unfolded.append(line)
    return unfolded


def _split(line: str) -> list[Header]:
    """One line may carry several Via, Route or Record-Route values (RFC 3261 7.3.1)."""
    name, colon, value = line.partition(":")
    name = name.strip()
    if not colon or not name or " " in name:
        raise BadMessage(f"not a header: {line[:40]!r}")
    if _canonical(name) not in ("via", "route", "record-route"):
        return [(name, value.strip())]
    return [(name, part.strip()) for part in re.split(r",(?![^<]*>)(?![^\"]*\"[^\"]*$)", value)]


def _read_sequence(message: Message) -> None:
    sequence = _CSEQ.fullmatch(message.require("cseq"))
    if not sequence or (message.is_request and sequence[2] != message.method):
        raise BadMessage("CSeq")
    message.sequence = int(sequence[1])
    message.method = sequence[2]


def _body(message: Message, body: bytes) -> bytes:
    """Content-Length counts over UDP too; surplus octets are dropped (RFC 3261 18.3)."""
    length = int(message.first("content-length") or len(body))
    if length > len(body):
        raise BadMessage("the body is shorter than Content-Length")
    return body[:length]


def _check_number(message: Message, name: str) -> None:
    value = message.first(name)
    if value is not None and not (value.isascii() and value.isdecimal() and len(value) < 6):
        raise BadMessage(name)


def _canonical(name: str) -> str:
    lower = name.lower()
    return COMPACT.get(lower, lower)


def parameters(value: str) -> dict[str, str]:
    """The ;name=value parameters after the address (or after Via's sent-by); flags have the value ''."""
    tail = value.rpartition(">")[2]
    return {name.lower(): text or "" for name, text in _PARAMETER.findall(tail)}


def uri_of(value: str) -> str:
    """The URI of a name-addr or addr-spec (From, To, Contact, Route, P-Asserted-Identity)."""
    inside = re.search(r"<([^>]*)>", value)
    return inside[1].strip() if inside else value.partition(";")[0].strip()


def user_of(uri: str) -> str:
    """The user part, e.g. +14155550123, without parameters; '' if there is none."""
    match = re.match(r"(?:sips?|tel):([^@;?]*)(@?)", uri, re.IGNORECASE)
    if not match or (not match[2] and not uri.lower().startswith("tel:")):
        return ""
    return match[1].partition(":")[0]


def host_of(uri: str) -> tuple[str, int] | None:
    """(host, port) of a sip URI; port 5060 if none is written."""
    match = re.match(r"sips?:(?:[^@]*@)?([^:;?>\s]+)(?::([0-9]{1,5}))?", uri, re.IGNORECASE)
    if not match or int(match[2] or 5060) > 65535:
        return None
    return match[1], int(match[2] or 5060)


def goodbye(call_id: str, uri: str, *, to_tag: str, from_tag: str) -> Message:
    """A BYE into somebody else's dialog, as a switch in the middle sends it; its CSeq is above all that were used."""
    headers = [
        ("From", f"<sip:sandbox.invalid>;tag={from_tag}"),
        ("To", f"<{uri}>;tag={to_tag}"),
        ("Call-ID", call_id),
        ("CSeq", "1000000 BYE"),
    ]
    return Message(f"BYE {uri} SIP/2.0", headers, method="BYE", uri=uri)


def respond(request: Message, status: int, reason: str, *, tag: str | None = None) -> Message:
    """A response to a request (RFC 3261 8.2.6): Via, From, To, Call-ID and CSeq copied."""
    copied = ("via", "from", "to", "call-id", "cseq", "record-route")
    headers = [pair for pair in request.headers if _canonical(pair[0]) in copied]
    response = Message(f"SIP/2.0 {status} {reason}", headers, method=request.method, status=status)
    if tag and "tag" not in parameters(response.require("to")):
        response.replace("To", f"{response.require('to')};tag={tag}")
    return response
