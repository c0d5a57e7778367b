"""A telephone made of plain sockets and strings: it knows nothing of the proxy's own parser."""

from __future__ import annotations

import re
import secrets
import socket
import time
from types import TracebackType

from tests.patience import PATIENCE

Address = tuple[str, int]


class Phone:
    """One UDP socket for SIP and one for RTP, blocking, with a timeout."""

    def __init__(self) -> None:
        self.sip, self.rtp = _socket(), _socket()

    def __enter__(self) -> Phone:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.sip.close()
        self.rtp.close()

    @property
    def address(self) -> Address:
        host, port = self.sip.getsockname()
        return host, port

    def send(self, text: str, to: Address) -> None:
        self.sip.sendto(text.encode(), to)

    def receive(self, timeout: float = PATIENCE) -> Letter:
        """The next message. Raises TimeoutError."""
        self.sip.settimeout(timeout)
        return Letter(*self.sip.recvfrom(65_535))

    def wait_for(self, what: str, call_id: str, timeout: float = PATIENCE) -> Letter:
        """The next message of a call that begins so, e.g. "SIP/2.0 180" or "INVITE"; others are passed over."""
        deadline = time.monotonic() + timeout
        while True:
            letter = self.receive(max(deadline - time.monotonic(), 0.001))
            if letter.text.startswith(what) and letter.header("Call-ID") == call_id:
                return letter

    def drain(self) -> list[str]:
        """Empty both sockets; returns the first lines of the SIP messages."""
        lines = []
        for sock in (self.sip, self.rtp):
            sock.settimeout(0.05)
            while True:
                try:
                    lines.append(sock.recv(65_535).split(b"\r\n")[0].decode("latin-1"))
                except TimeoutError:
                    sock.settimeout(PATIENCE)
                    break
        return lines

    def description(self, mode: str = "sendrecv") -> str:
        """An SDP that asks for PCMU at our RTP socket."""
        host, port = self.rtp.getsockname()
        return (
            f"v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\nm=audio {port} RTP/AVP 0 101\r\n"
            f"a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na={mode}\r\n"
        )

    def invite(self, trunk: Address, number: str, caller: str = "+12025550142", extra: str = "") -> Invitation:
        """Send an INVITE to a number over the trunk."""
        invitation = Invitation(self, trunk, number, caller, extra)
        self.send(invitation.text, trunk)
        return invitation

    def answer(self, invite: Letter, status: str, body: str = "", tag: str = "callee") -> None:
        """Answer a request that came in, as its UAS."""
        host, port = self.address
        lines = [f"SIP/2.0 {status}"]
        lines += [line for line in invite.lines if re.match(r"(Via|From|Call-ID|CSeq|Record-Route):", line)]
        to = invite.header("To")
        lines += [f"To: {to}" if "tag=" in to else f"To: {to};tag={tag}"]
        lines += [f"Contact: <sip:{host}:{port}>"]
        lines += ["Content-Type: application/sdp"] if body else []
        self.send("\r\n".join([*lines, f"Content-Length: {len(body)}", "", body]), invite.source)


class Letter:
    """A SIP message as received."""

    def __init__(self, octets: bytes, source: Address) -> None:
        self.text, self.source = octets.decode("utf-8", "surrogateescape"), source
        head, _, self.body = self.text.partition("\r\n\r\n")
        self.lines = head.split("\r\n")

    @property
    def status(self) -> int:
        return int(self.lines[0].split()[1])

    def header(self, name: str) -> str:
        return next(line.partition(": ")[2] for line in self.lines if line.startswith(f"{name}: "))

    def headers(self, name: str) -> list[str]:
        return [line.partition(": ")[2] for line in self.lines if line.startswith(f"{name}: ")]

    @property
    def media(self) -> Address:
        """Where this description wants RTP."""
        host = re.search(r"c=IN IP4 (\S+)", self.body)
        port = re.search(r"m=audio (\d+)", self.body)
        assert host and port, self.text
        return host[1], int(port[1])


class Invitation:
    """A call from its caller's side."""

    def __init__(self, phone: Phone, trunk: Address, number: str, caller: str, extra: str) -> None:
        self.phone, self.trunk, self.number, self.caller, self.extra = phone, trunk, number, caller, extra
        self.call_id, self.branch, self.tag = (secrets.token_hex(8) for _ in range(3))
        self.text = self.request("INVITE", 1, body=phone.description())

    def request(
        self, method: str, sequence: int, *, to: str = "", branch: str = "", routes: list[str] = (), body: str = "",  # type: ignore[assignment]  # an empty default
        uri: str = "",
    ) -> str:  # fmt: skip
        host, port = self.phone.address
        target = f"sip:{self.number}@{self.trunk[0]}:{self.trunk[1]}"
        lines = [
            f"{method} {uri or target} SIP/2.0",
            f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{branch or self.branch}",
            "Max-Forwards: 70",
            *(f"Route: {route}" for route in routes),
            f"From: <sip:{self.caller}@{host}:{port}>;tag={self.tag}",
            f"To: {to or f'<{target}>'}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {sequence} {method}",
            f"Contact: <sip:{host}:{port}>",
            *([self.extra] if self.extra and method == "INVITE" else []),
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        return "\r\n".join([*lines, "", body])

    def expect(self, status: int, timeout: float = PATIENCE) -> Letter:
        """The next response with this status."""
        return self.phone.wait_for(f"SIP/2.0 {status}", self.call_id, timeout)

    def final(self, timeout: float = PATIENCE) -> Letter:
        """The next final response."""
        deadline = time.monotonic() + timeout
        while True:
            letter = self.phone.wait_for("SIP/2.0 ", self.call_id, max(deadline - time.monotonic(), 0.001))
            if letter.status >= 200:
                return letter

    def acknowledge(self, response: Letter) -> None:
        """The ACK of a 2xx goes along the Record-Route, in a transaction of its own (RFC 3261 13.2.2.4)."""
        if response.status < 300:
            self._in_dialog("ACK", 1, response)
        else:
            self.phone.send(self.request("ACK", 1, to=response.header("To")), self.trunk)

    def hang_up(self, response: Letter, extra: str = "", sequence: int = 2) -> None:
        self._in_dialog("BYE", sequence, response, extra)

    def cancel(self) -> None:
        self.phone.send(self.request("CANCEL", 1), self.trunk)

    def _in_dialog(self, method: str, sequence: int, response: Letter, extra: str = "") -> None:
        contact = response.header("Contact").strip("<>")
        routes = response.headers("Record-Route")
        text = self.request(
            method, sequence, to=response.header("To"), branch=secrets.token_hex(6), routes=routes, uri=contact
        )
        if extra:
            text = text.replace("Max-Forwards", f"{extra}\r\nMax-Forwards", 1)
        self.phone.send(text, self.trunk)


def packet(sequence: int, payload: bytes = b"\xff" * 160, kind: int = 0) -> bytes:
    """An RTP packet of 20 ms."""
    return (
        bytes([0x80, kind]) + (sequence % 65536).to_bytes(2, "big") + (sequence * 160).to_bytes(4, "big")
        + b"ssrc" + payload
    )  # fmt: skip


def _socket() -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    sock.settimeout(PATIENCE)
    return sock
