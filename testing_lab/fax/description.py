"""Session descriptions of T.38 (RFC 3362, ITU-T T.38 annex D): the audio stream becomes an image stream."""

import re
from dataclasses import dataclass

from testing_lab.fax.udptl import LARGEST
from testing_lab.sip import sdp

_ATTRIBUTES = (
    "T38FaxVersion:0",
    "T38MaxBitRate:14400",
    "T38FaxRateManagement:transferredTCF",
    "T38FaxMaxBuffer:1800",
    f"T38FaxMaxDatagram:{LARGEST}",
    "T38FaxUdpEC:t38UDPRedundancy",
)
_IMAGE = re.compile(r"m=image (\d{1,5}) udptl t38\b.*", re.IGNORECASE)
_CONNECTION = re.compile(r"c=IN IP[46] ([0-9A-Fa-f.:]+)")
_TEXT = ("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Image:
    """Where T.38 is wanted."""

    address: str
    port: int


def image(host: str, port: int, previous: bytes | None) -> bytes:
    """A description of one T.38 stream, as the next of its session: the stream keeps its place (RFC 3264 8.3.3)."""
    family = "IP6" if ":" in host else "IP4"
    lines = [
        *("v=0", f"o=- 1 1 IN {family} {host}", "s=-", f"c=IN {family} {host}", "t=0 0", f"m=image {port} udptl t38"),
        *(f"a={attribute}" for attribute in _ATTRIBUTES),
    ]
    return sdp.following("".join(f"{line}\r\n" for line in lines).encode(), previous)


def accepted(description: bytes | None) -> Image | None:
    """The T.38 stream of an offer or answer; None where there is none, or it is refused (port 0)."""
    if not description or len(description) > sdp.MAX_SDP:
        return None
    address, found = "", None
    for line in description.decode(*_TEXT).replace("\r\n", "\n").split("\n"):
        if line.startswith("m="):
            if found is not None:
                break
            found = _IMAGE.fullmatch(line)
        elif (connection := _CONNECTION.match(line)) and sdp._is_ip(connection[1]):
            address = connection[1]
    port = int(found[1]) if found else 0
    return Image(address, port) if address and 0 < port < 65536 else None
