"""The other side of the wire, played by hand: a UDP socket that says exactly what a test wants said."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

from testing_lab.sip.message import Request, Response, parse, reply
from testing_lab.sip.values import Peer

SOME_SDP = (
    b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    b"m=audio 4000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
)
AnyMessage = TypeVar("AnyMessage", Request, Response)


PATIENCE = 300.0  # seconds of the loop's clock


class ScriptedPeer(asyncio.DatagramProtocol):
    """Keeps what it hears in order; `request()` and `response()` wait for the next that fits.

    `times` says when each datagram came, in seconds of the loop's clock.
    """

    def __init__(self) -> None:
        self.times: list[float] = []
        self.heard: asyncio.Queue[tuple[Request | Response, Peer]] = asyncio.Queue()
        self.socket: asyncio.DatagramTransport | None = None
        self.address: Peer = ("", 0)

    @classmethod
    async def start(cls) -> ScriptedPeer:
        peer = cls()
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: peer, local_addr=("127.0.0.1", 0)
        )
        peer.socket = transport
        peer.address = transport.get_extra_info("sockname")
        return peer

    def datagram_received(self, data: bytes, addr: Peer) -> None:
        self.times.append(asyncio.get_running_loop().time())
        self.heard.put_nowait((parse(data), addr))

    def send(self, data: bytes, to: Peer) -> None:
        assert self.socket is not None
        self.socket.sendto(data, to)

    def close(self) -> None:
        assert self.socket is not None
        self.socket.close()

    @property
    def contact(self) -> str:
        return f"<sip:peer@127.0.0.1:{self.address[1]}>"

    async def request(self, method: str, timeout: float = PATIENCE) -> Request:
        """The next request of this method; other messages are skipped."""
        return await self._next(Request, lambda message: message.method == method, timeout)

    async def response(self, status: int, method: str | None = None, timeout: float = PATIENCE) -> Response:
        """The next response with this status, and of this method if named."""
        return await self._next(Response, lambda m: m.status == status and method in {None, m.cseq.method}, timeout)

    async def _next(self, kind: type[AnyMessage], fits: Callable[[AnyMessage], bool], timeout: float) -> AnyMessage:
        async with asyncio.timeout(timeout):
            while True:
                message, _ = await self.heard.get()
                if isinstance(message, kind) and fits(message):
                    return message

    async def silence(self, seconds: float) -> bool:
        """Whether nothing (more) is heard for a while."""
        try:
            await asyncio.wait_for(self.heard.get(), seconds)
        except TimeoutError:
            return True
        return False

    def answer(
        self,
        request: Request,
        status: int,
        headers: Sequence[tuple[str, str]] = (),
        *,
        tag: str = "peer",
        body: bytes = b"",
    ) -> Response:
        """Respond as a server would, with our Contact in what makes a dialog."""
        response = reply(request, status, tag=None if status == 100 else tag)
        if request.method == "INVITE" and 100 < status < 300:
            response.headers.add("Contact", self.contact)
        if body:
            response.headers.add("Content-Type", "application/sdp")
        for name, value in headers:
            response.headers.add(name, value)
        response.body = body
        self.send(response.serialise(), (request.via.host, request.via.port or 5060))
        return response


def invite_text(port: int, to_port: int, *, branch: str = "z9hG4bKone", extra: str = "", cseq: int = 1) -> bytes:
    """An INVITE as a trunk would send it."""
    head = (
        f"INVITE sip:+14155550123@127.0.0.1:{to_port} SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP 127.0.0.1:{port};branch={branch};rport\r\n"
        "Max-Forwards: 69\r\n"
        'From: "Alice" <sip:+12025550142@127.0.0.1>;tag=alice\r\n'
        "To: <sip:+14155550123@127.0.0.1>\r\n"
        "Call-ID: hand-made\r\n"
        f"CSeq: {cseq} INVITE\r\n"
        f"Contact: <sip:alice@127.0.0.1:{port}>\r\n"
        f"{extra}"
        "Content-Type: application/sdp\r\n"
        f"Content-Length: {len(SOME_SDP)}\r\n\r\n"
    )
    return head.encode() + SOME_SDP


def inside(method: str, answered: Response, *, port: int, cseq: int, extra: str = "") -> bytes:
    """A request of the caller inside the dialog that `answered` made."""
    return (
        f"{method} {_target(answered)} SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK{method}{cseq};rport\r\n"
        f"From: {answered.headers.get('From')}\r\n"
        f"To: {answered.headers.get('To')}\r\n"
        f"Call-ID: {answered.call_id}\r\n"
        f"CSeq: {cseq} {method}\r\n"
        f"Contact: <sip:alice@127.0.0.1:{port}>\r\n"
        f"{extra}Content-Length: 0\r\n\r\n"
    ).encode("utf-8", "surrogateescape")


def _target(answered: Response) -> str:
    return (answered.headers.get("Contact") or "").strip("<>")
