"""A carrier made by hand: a stateless proxy (RFC 3261 16.11) and an RTP relay, without a line of the lab's own SIP.

`python -m tests.testing_lab.strangers.carrier HOST:PORT [PCAP]` sends every call on to that lab; the number's last two
digits say which of `faults.STRANGE` it has. PCAP is a file for all that it hears of the lab. A process of its own, so
that its work is not the lab's lateness.
"""

import asyncio
import re
import socket
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from tests.testing_lab.strangers.capture import Capture
from tests.testing_lab.strangers.faults import STRANGE, Strange
from tests.testing_lab.strangers.signalling_faults import Later, header, with_header
from tests.testing_lab.strangers.sip_routes import ROUTES

Address = tuple[str, int]
HOST = "127.0.0.1"
CALLER, CALLED = 0, 1
_CONNECTION = re.compile(r"^c=IN IP4 \S+", re.M)
_AUDIO = re.compile(r"^m=audio (\d+) ", re.M)
_NUMBER = re.compile(r"\+1(415|628)55501(\d\d)@")
_TABLES = {"415": STRANGE, "628": ROUTES}


def _rest_of_via(ours: re.Match[str]) -> str:
    """Several may stand in one line."""
    return "Via: " if ours[0].rstrip(" ").endswith(",") else ""


@dataclass(eq=False)
class Leg:
    """One side's socket; what comes in leaves by the other side's."""

    change: Callable[[bytes], Iterable[tuple[float, bytes]]]
    capture: Capture | None = None
    other: "Leg | None" = None
    remote: Address | None = None
    sock: socket.socket = field(default_factory=lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))

    def __post_init__(self) -> None:
        self.sock.bind((HOST, 0))
        self.sock.setblocking(False)
        asyncio.get_running_loop().add_reader(self.sock, self._read)

    def _read(self) -> None:
        while True:
            try:
                packet, source = self.sock.recvfrom(2048)
            except OSError:
                return
            if self.capture:
                self.capture.note_datagram(source, self.sock.getsockname(), packet)
            for delay, changed in self.change(packet):
                if delay:
                    asyncio.get_running_loop().call_later(delay, self._on, changed)
                else:
                    self._on(changed)

    def _on(self, packet: bytes) -> None:
        if self.other and self.other.remote:
            self.other.sock.sendto(packet, self.other.remote)


class Call:
    """The relay of one call: `legs[CALLER]` faces the caller."""

    def __init__(self, strange: Strange, caller_tag: str, capture: Capture | None) -> None:
        self.signalling, self.caller_tag = strange.sip(), caller_tag
        onward, back = strange.onward or strange.both, strange.back or strange.both
        changes = [make() if make else (lambda packet: [(0.0, packet)]) for make in (onward, back)]
        if strange.echo:
            echo = strange.echo()
            changes = [echo.said, echo.back]
        self.legs = [Leg(change, capture) for change in changes]
        self.legs[CALLER].other, self.legs[CALLED].other = self.legs[CALLED], self.legs[CALLER]

    def redirect(self, text: str, side: int) -> str:
        """Learn where `side` wants its audio, and let the other side send to us instead."""
        head, blank, body = text.partition("\r\n\r\n")
        audio = _AUDIO.search(body)
        if not audio or not _CONNECTION.search(body):
            return text
        self.legs[side].remote = (HOST, int(audio[1]))
        ours = self.legs[1 - side].sock.getsockname()[1]
        body = _AUDIO.sub(f"m=audio {ours} ", _CONNECTION.sub(f"c=IN IP4 {HOST}", body))
        length = f"Content-Length: {len(body.encode())}"
        head = re.sub(r"^Content-Length\s*:[^\r]*", length, head, flags=re.M | re.I)
        return head + blank + body


class Carrier(asyncio.DatagramProtocol):
    """Both ends of every call are the lab: requests go to it, responses along their Via."""

    def __init__(self, lab: Address, capture: Capture | None = None) -> None:
        self._lab, self._capture = lab, capture
        self._calls: dict[str, Call] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)
        self.address = transport.get_extra_info("sockname")

    def datagram_received(self, data: bytes, addr: Address) -> None:
        if self._capture:
            self._capture.note_datagram(addr, self.address, data)
        text = data.decode("utf-8", "surrogateescape")
        if text.startswith("OPTIONS ") and ";tag=" not in header(text, "To"):
            return
        for delay, changed in self._response(text) if text.startswith("SIP/2.0 ") else self._request(text):
            octets = changed.encode("utf-8", "surrogateescape")
            if delay:
                asyncio.get_running_loop().call_later(delay, self._transport.sendto, octets, self._lab)
            else:
                self._transport.sendto(octets, self._lab)

    def _request(self, text: str) -> Iterable[Later]:
        call_id, tag = header(text, "Call-ID"), header(text, "From").partition(";tag=")[2]
        call = self._calls.get(call_id)
        if call is None:
            number = _NUMBER.search(header(text, "To") + header(text, "From"))
            strange = _TABLES[number[1]][int(number[2])] if number else STRANGE[0]
            call = self._calls[call_id] = Call(strange, tag, self._capture)
        host, port = self.address
        branch = header(text, "Via").partition("branch=")[2].partition(";")[0]
        ours = f"Via: SIP/2.0/UDP {host}:{port};branch={branch}s\r\n"
        if text.startswith("INVITE "):
            ours += f"Record-Route: <sip:{host}:{port};lr>\r\n"
        if header(text, "Privacy") == "id":
            text = with_header(text, "P-Asserted-Identity")  # RFC 3325 7
        text = re.sub(rf"^Route\s*:\s*<sip:{host}:{port};lr>\r\n", "", text, count=1, flags=re.M | re.I)
        first, _, rest = text.partition("\r\n")
        text = call.redirect(f"{first}\r\n{ours}{rest}", CALLER if tag == call.caller_tag else CALLED)
        return call.signalling(text)

    def _response(self, text: str) -> Iterable[Later]:
        call = self._calls.get(header(text, "Call-ID"))
        if call is None or "fork" in header(text, "Via").partition(",")[0]:
            return []  # to what we have sent by ourselves
        text = re.sub(r"^Via\s*:[^,\r\n]*(?:,\s*|\r\n)", _rest_of_via, text, count=1, flags=re.M | re.I)
        from_caller = header(text, "From").partition(";tag=")[2] == call.caller_tag
        return call.signalling(call.redirect(text, CALLED if from_caller else CALLER))


async def serve(lab: Address, capture: Capture | None) -> None:
    loop = asyncio.get_running_loop()
    _, carrier = await loop.create_datagram_endpoint(lambda: Carrier(lab, capture), local_addr=(HOST, 0))
    sys.stdout.write(f"ready {carrier.address[1]}\n")
    sys.stdout.flush()
    await loop.create_future()


if __name__ == "__main__":
    host, _, port = sys.argv[1].rpartition(":")
    asyncio.run(serve((host, int(port)), Capture(Path(sys.argv[2])) if len(sys.argv) > 2 else None))
