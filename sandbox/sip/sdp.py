"""The few lines of SDP that a relay must change (RFC 8866): connection addresses and ports."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sandbox.settings import Address

_MEDIA = re.compile(r"m=(\w+) ([0-9]{1,5})(/\S+)? (.*)")
_CONNECTION = re.compile(r"c=IN IP4 (\S+)")
_EVENTS = re.compile(r"a=rtpmap:([0-9]{1,3}) telephone-event/8000", re.IGNORECASE)
_OLD_RTCP = re.compile(r"a=(rtcp:|candidate:|end-of-candidates|ice-)")
_RTPMAP = re.compile(r"a=rtpmap:([0-9]{1,3}) ([^/ ]+)/")
_ABOUT = re.compile(r"a=(?:rtpmap|fmtp):([0-9]{1,3}) ")
STATIC = {"PCMU": "0", "PCMA": "8", "G722": "9"}  # RFC 3551 table 4
UNSPECIFIED = "0.0.0.0"  # noqa: S104 - the RFC 2543 way to say "on hold", not a bind


@dataclass(frozen=True, slots=True)
class Stream:
    """One m= line: where its sender wants RTP; None if the stream is off or on hold."""

    address: Address | None


def streams(body: bytes) -> list[Stream]:
    """The media streams of a session description, in order."""
    found: list[tuple[str, int]] = []
    session_host = UNSPECIFIED
    for line in _lines(body):
        if media := _MEDIA.fullmatch(line):
            found.append((session_host, int(media[2])))
        elif connection := _CONNECTION.fullmatch(line):
            if found:
                found[-1] = (connection[1], found[-1][1])
            else:
                session_host = connection[1]
    return [Stream((host, port) if 0 < port < 65535 and _usable(host) else None) for host, port in found]


def _usable(host: str) -> bool:
    octets = host.split(".")
    return host != UNSPECIFIED and len(octets) == 4 and all(o.isdecimal() and int(o) < 256 for o in octets)


def redirect(body: bytes, host: str, ports: list[int]) -> bytes:
    """The same description with all media sent to `host`, stream i to `ports[i]`.

    A stream that is off (port 0) and an address on hold stay as they are; a=rtcp and ICE, which would lead past the
    relay, are taken out.
    """
    left = iter(ports)
    lines = []
    for line in _lines(body):
        if media := _MEDIA.fullmatch(line):
            port = next(left, 0)
            lines.append(f"m={media[1]} {port if int(media[2]) else 0}{media[3] or ''} {media[4]}")
        elif (connection := _CONNECTION.fullmatch(line)) and connection[1] != UNSPECIFIED:
            lines.append(f"c=IN IP4 {host}")
        elif not _OLD_RTCP.match(line):
            lines.append(line)
    return ("\r\n".join(lines) + "\r\n").encode("utf-8", "surrogateescape")


def without(body: bytes, codec: str) -> bytes:
    """The description without one codec (`PCMU`), by its static number or its rtpmap.

    Raises ValueError when no voice is left in an audio stream.
    """
    lines = _lines(body)
    gone = {STATIC.get(codec.upper(), "")} | {m[1] for line in lines if (m := _RTPMAP.match(line)) and m[2] == codec}
    kept = []
    for line in lines:
        about = _ABOUT.match(line)
        if media := _MEDIA.fullmatch(line):
            kept.append(_media_without(line, media[4], gone, {str(number) for number in event_types(body)}))
        elif not about or about[1] not in gone:
            kept.append(line)
    return ("\r\n".join(kept) + "\r\n").encode("utf-8", "surrogateescape")


def _media_without(line: str, rest: str, gone: set[str], events: set[str]) -> str:
    profile, *formats = rest.split()
    left = [number for number in formats if number not in gone]
    if line.startswith("m=audio") and not set(left) - events:
        raise ValueError("no codec is left")
    return line.removesuffix(rest) + " ".join([profile, *left])


def is_fax(body: bytes) -> bool:
    """Whether a stream of T.38 is offered or accepted (RFC 3362)."""
    return any(int(media[2]) for line in _lines(body) if (media := _MEDIA.fullmatch(line)) and media[1] == "image")


def without_fax(body: bytes) -> bytes:
    """The description with every stream of T.38 refused."""
    return re.sub(rb"(?m)^m=image \d+", b"m=image 0", body)


def is_hold(body: bytes) -> bool:
    """Whether the offerer does not want to hear anything for now (RFC 3264 8.4)."""
    return any(line in ("a=sendonly", "a=inactive") for line in _lines(body))


def event_types(body: bytes) -> frozenset[int]:
    """The RTP payload types of telephone-event (RFC 4733)."""
    return frozenset(int(match[1]) for line in _lines(body) if (match := _EVENTS.match(line)))


def _lines(body: bytes) -> list[str]:
    return body.decode("utf-8", "surrogateescape").replace("\r\n", "\n").rstrip("\n").split("\n")
