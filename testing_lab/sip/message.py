"""SIP messages: strict reading and writing of one UDP datagram (RFC 3261 7, 18.3, 20)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from .errors import MalformedMessage
from .headers import CONTROL, Headers
from .values import CSeq, NameAddr, Uri, Via

MAX_MESSAGE = 65_507  # octets: what one UDP datagram over IPv4 can carry
MAX_HEADERS = 200
MAX_LINE = 8_192  # characters; a STIR Identity header takes about 1,000

_REQUEST_LINE = re.compile(r"([A-Za-z0-9.!%*_+`'~-]{1,32}) (\S+) (SIP/\d+\.\d+)")
_STATUS_LINE = re.compile(r"SIP/2\.0 ([1-6]\d\d)(?: (.*))?")
_ONCE = ("Call-ID", "CSeq", "From", "To")  # RFC 3261 8.1.1: mandatory, and single by 7.3.1
_BOUNDARY = re.compile(r';\s*boundary\s*=\s*(?:"([^"]{1,70})"|([^\s;"]{1,70}))', re.I)
_IS_DESCRIPTION = re.compile(rb"^content-type[ \t]*:[ \t]*application/sdp[ \t]*(?:;|\r?$)", re.I | re.M)
_TEXT = ("utf-8", "surrogateescape")  # keeps foreign octets of sloppy display names as they came

REASONS = {
    100: "Trying",
    180: "Ringing",
    183: "Session Progress",
    200: "OK",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    415: "Unsupported Media Type",
    420: "Bad Extension",
    422: "Session Interval Too Small",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    482: "Loop Detected",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    491: "Request Pending",
    500: "Server Internal Error",
    503: "Service Unavailable",
    505: "Version Not Supported",
    600: "Busy Everywhere",
    603: "Decline",
}


@dataclass(slots=True)
class Message:
    """What requests and responses share. `raw` is the datagram as received, empty for our own."""

    headers: Headers
    body: bytes = b""
    raw: bytes = field(default=b"", repr=False, compare=False)

    @property
    def start_line(self) -> str:
        raise NotImplementedError

    @property
    def call_id(self) -> str:
        return self.headers.get("Call-ID") or ""

    @property
    def cseq(self) -> CSeq:
        return CSeq.parse(self.headers.get("CSeq") or "")

    @property
    def sender(self) -> NameAddr:
        """The From header."""
        return NameAddr.parse(self.headers.get("From") or "")

    @property
    def recipient(self) -> NameAddr:
        """The To header."""
        return NameAddr.parse(self.headers.get("To") or "")

    @property
    def via(self) -> Via:
        """The topmost Via."""
        vias = self.headers.elements("Via")
        return Via.parse(vias[0] if vias else "")

    @property
    def sdp(self) -> bytes | None:
        """The session description: the body, or the first such part of a body with several (RFC 5621 3.1)."""
        kind = (self.headers.get("Content-Type") or "").partition(";")[0].strip().lower()
        if not self.body or kind == "application/sdp":
            return self.body or None
        return _description_among(self) if kind.startswith("multipart/") else None

    def serialise(self) -> bytes:
        """The datagram; Content-Length is always written from the body.

        Raises `MalformedMessage` when the Request-URI or reason phrase would break the start line.
        """
        if CONTROL.search(self.start_line):
            raise MalformedMessage("control character in the start line")
        self.headers.replace("Content-Length", str(len(self.body)))
        lines = [self.start_line, *(f"{name}: {value}" for name, value in self.headers), "", ""]
        return "\r\n".join(lines).encode(*_TEXT) + self.body


@dataclass(slots=True, kw_only=True)
class Request(Message):
    method: str
    uri: str

    @property
    def start_line(self) -> str:
        return f"{self.method} {self.uri} SIP/2.0"

    def copy(self) -> Request:
        return Request(method=self.method, uri=self.uri, headers=self.headers.copy(), body=self.body)


@dataclass(slots=True, kw_only=True)
class Response(Message):
    status: int
    reason: str

    @property
    def start_line(self) -> str:
        return f"SIP/2.0 {self.status} {self.reason}"


def _description_among(message: Message) -> bytes | None:
    """The first description among the parts of a body (RFC 2046 5.1.1); parts within parts are not looked into."""
    boundary = _BOUNDARY.search(message.headers.get("Content-Type") or "")
    if boundary is None:
        return None
    delimiter = f"\r\n--{boundary[1] or boundary[2]}".encode(*_TEXT)
    for part in (b"\r\n" + message.body).split(delimiter)[1:]:
        head, _, content = part.partition(b"\r\n\r\n")
        if content and _IS_DESCRIPTION.search(head):
            return content + b"\r\n"  # the delimiter took the end of the last line
    return None


def reply(request: Request, status: int, reason: str | None = None, *, tag: str | None = None) -> Response:
    """A response with what must be copied from the request (RFC 3261 8.2.6.2); `tag` is added to To if it has none."""
    headers = Headers()
    for name in ("Via", "From", "To", "Call-ID", "CSeq"):
        for value in request.headers.all(name):
            headers.add(name, value)
    recipient = headers.get("To")
    if tag is not None and recipient is not None and request.recipient.tag is None:
        headers.replace("To", f"{recipient};tag={tag}")
    return Response(headers=headers, status=status, reason=reason or REASONS.get(status, "Unknown"))


def parse(data: bytes) -> Request | Response:
    """Read one datagram.

    Raises `MalformedMessage` and nothing else; its `request` is set when the sender can be answered.
    Octets beyond Content-Length are dropped, a body shorter than it is an error (RFC 3261 18.3).
    """
    if len(data) > MAX_MESSAGE:
        raise MalformedMessage("longer than a datagram")
    head, blank, body = data.lstrip(b"\r\n").partition(b"\r\n\r\n")
    if not blank:
        raise MalformedMessage("no empty line after the headers")
    first, *lines = head.decode(*_TEXT).split("\r\n")
    if CONTROL.search(first):
        raise MalformedMessage("control character in the start line")
    headers = _read_headers(lines)
    if status := _STATUS_LINE.fullmatch(first):
        message: Request | Response = Response(
            headers=headers, body=body, raw=data, status=int(status[1]), reason=status[2] or ""
        )
        _validate(message)
        return message
    return _read_request(first, headers, body, data)


def _read_request(first: str, headers: Headers, body: bytes, data: bytes) -> Request:
    line = _REQUEST_LINE.fullmatch(first)
    if line is None:
        raise MalformedMessage("neither a request line nor a status line")
    request = Request(headers=headers, body=body, raw=data, method=line[1], uri=line[2])
    try:
        if line[3] != "SIP/2.0":
            raise MalformedMessage(f"version {line[3]}", status=505)
        Uri.parse(request.uri)
        _validate(request)
        if request.cseq.method != request.method:
            raise MalformedMessage("CSeq names another method")
    except MalformedMessage as fault:
        raise MalformedMessage(
            fault.reason, status=fault.status, request=request if _is_answerable(request) else None
        ) from fault
    return request


def _is_answerable(request: Request) -> bool:
    """Whether a 400 would find its way and its transaction: all copied headers readable, and no ACK."""
    try:
        _read_mandatory(request)
    except MalformedMessage:
        return False
    return request.method != "ACK"


def _read_headers(lines: Iterable[str]) -> Headers:
    rows: list[str] = []
    for line in lines:
        if line[:1] in {" ", "\t"} and rows:  # RFC 3261 7.3.1: a folded line continues the one before
            rows[-1] = f"{rows[-1]} {line.strip()}"
        else:
            rows.append(line)
        if len(rows[-1]) > MAX_LINE:
            raise MalformedMessage("header line too long")
    if len(rows) > MAX_HEADERS:
        raise MalformedMessage("too many headers")
    return Headers(_read_header(row) for row in rows)


def _read_header(row: str) -> tuple[str, str]:
    name, colon, value = row.partition(":")
    if not colon:
        raise MalformedMessage(f"header without colon: {row[:40]!r}")
    return name.rstrip(), value


def _validate(message: Request | Response) -> None:
    _read_mandatory(message)
    for name in _ONCE:
        if len(message.headers.all(name)) != 1:
            raise MalformedMessage(f"{name} must be given once")
    message.body = _cut_body(message)


def _read_mandatory(message: Request | Response) -> None:
    _ = message.via, message.sender, message.recipient, message.cseq
    if not message.call_id:
        raise MalformedMessage("Call-ID is missing")


def _cut_body(message: Request | Response) -> bytes:
    declared = set(message.headers.all("Content-Length"))
    if not declared:
        return message.body  # RFC 3261 18.3: over UDP the body then ends with the datagram
    text = declared.pop()
    if declared or not (text.isascii() and text.isdigit()) or len(text) > 6:
        raise MalformedMessage("Content-Length is not one number")
    if int(text) > len(message.body):
        raise MalformedMessage("body shorter than Content-Length")
    return message.body[: int(text)]
