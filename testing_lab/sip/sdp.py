"""Session descriptions for one G.711 audio stream (RFC 8866), offered and answered (RFC 3264)."""

from __future__ import annotations

import ipaddress
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from .errors import MalformedMessage
from .values import Peer

MAX_SDP = 16_384  # octets
_MEDIA = re.compile(r"(\w+) (\d{1,5})(?:/\d+)? (\S+)((?: \S+)+)")
_RTPMAP = re.compile(r"(\d{1,3}) ([A-Za-z0-9_.-]+)/(\d{1,6})(?:/(\d))?")
_STATIC = {0: "PCMU/8000", 8: "PCMA/8000", 9: "G722/8000", 18: "G729/8000"}  # RFC 3551 table 4
_DIRECTIONS = {"sendrecv": "sendrecv", "sendonly": "recvonly", "recvonly": "sendonly", "inactive": "inactive"}
_DYNAMIC = {"telephone-event/8000": 101}
_KNOWN = {name: number for number, name in _STATIC.items()} | _DYNAMIC
_WRITTEN = {name.lower(): name for name in (*_KNOWN, "opus/48000")}  # names ignore case (RFC 4855 3)

VOICE = ("PCMU/8000", "PCMA/8000", "telephone-event/8000")


@dataclass(frozen=True, slots=True)
class Format:
    """One payload type. `encoding` is `PCMU/8000`: name and clock rate in Hz."""

    payload_type: int
    encoding: str
    parameters: str = ""  # of a=fmtp

    @property
    def is_event(self) -> bool:
        return self.encoding.lower() == "telephone-event/8000"


@dataclass(frozen=True, slots=True)
class Audio:
    """What a description says about its first audio stream; port 0 means refused."""

    address: str
    port: int
    formats: tuple[Format, ...]
    direction: str = "sendrecv"
    ptime: int = 20  # ms
    media: tuple[str, ...] = field(default=(), repr=False)  # all m= lines, to be mirrored in an answer
    index: int = 0  # which of them this is

    @property
    def peer(self) -> Peer:
        return self.address, self.port

    @property
    def codec(self) -> Format:
        """The preferred format that carries voice. Raises `MalformedMessage` when there is none."""
        for wanted in self.formats:
            if not wanted.is_event:
                return wanted
        raise MalformedMessage("no audio codec in the description")

    @property
    def event_type(self) -> int | None:
        """The payload type of telephone-event (RFC 4733), or None."""
        return next((fmt.payload_type for fmt in self.formats if fmt.is_event), None)


def offer(address: str, port: int, encodings: Sequence[str] = VOICE, *, direction: str = "sendrecv") -> bytes:
    """An offer of one audio stream received at `address`:`port`, encodings in order of preference."""
    formats = tuple(_format(encoding) for encoding in encodings)
    return _write(Audio(address, port, formats, direction), session=secrets.randbits(31), version=1)


def answer(
    offered: bytes, address: str, port: int, encodings: Sequence[str] = VOICE, *, version: int = 1
) -> bytes | None:
    """The answer to an offer, or None when no voice codec is common (488).

    Keeps the offerer's order and payload type numbers, turns its direction round, refuses other streams with
    port 0 (RFC 3264 6).
    """
    theirs = parse(offered)
    ours = {encoding.lower() for encoding in encodings}
    common = tuple(fmt for fmt in theirs.formats if fmt.encoding.lower() in ours)
    if theirs.port == 0 or all(fmt.is_event for fmt in common):
        return None
    reply = replace(theirs, address=address, port=port, formats=common, direction=_DIRECTIONS[theirs.direction])
    return _write(reply, session=secrets.randbits(31), version=version)


def answer_as(offered: bytes, previous: bytes) -> bytes | None:
    """Answer a later offer of the same call: our address, port, session id and codecs, one version on (RFC 3264 8)."""
    ours = parse(previous)
    built = answer(offered, ours.address, ours.port, [fmt.encoding for fmt in ours.formats])
    return built and following(built, previous)


def reoffer(previous: bytes) -> bytes:
    """Our description as the offer that the other side asks for in a call that stands, one version on.

    "As if the UAS were making a brand new call" (RFC 3261 14.2), so a hold is over; what a session must keep is kept:
    its id, its streams in their order, the payload types.
    """
    ours = replace(parse(previous), direction="sendrecv")
    return following(_write(ours, session=0, version=0), previous)


def following(description: bytes, previous: bytes | None) -> bytes:
    """The description as the next one of the same session: its o= line, one version on (RFC 3264 8)."""
    origin = re.search(rb"^o=(\S+) (\d+) (\d+) ", previous or b"", re.M)
    if origin is None:
        return description
    line = b"o=%s %s %d " % (origin[1], origin[2], int(origin[3]) + 1)
    return re.sub(rb"^o=\S+ \d+ \d+ ", line, description, count=1, flags=re.M)


def parse(data: bytes) -> Audio:
    """Read the first audio stream. Raises `MalformedMessage` when there is none or it is unreadable."""
    if len(data) > MAX_SDP:
        raise MalformedMessage("session description too long")
    lines = data.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
    sections = _sections(lines)
    media = tuple(section[0][2:] for section in sections[1:])
    for index, section in enumerate(sections[1:]):
        if section[0].startswith("m=audio "):
            return replace(_read_audio(sections[0], section), media=media, index=index)
    raise MalformedMessage("no audio stream in the description")


def _sections(lines: Sequence[str]) -> list[list[str]]:
    """The session lines, then those of each m= line."""
    sections: list[list[str]] = [[]]
    for line in lines:
        if line.startswith("m="):
            sections.append([])
        sections[-1].append(line.rstrip())
    return sections


def _read_audio(session: Sequence[str], section: Sequence[str]) -> Audio:
    line = _MEDIA.fullmatch(section[0][2:])
    if line is None or int(line[2]) > 65535:
        raise MalformedMessage("unreadable m= line")
    direction = next(
        (attr for lines in (section, session) for attr in _attributes(lines) if attr in _DIRECTIONS), "sendrecv"
    )
    ptime = next((int(a[6:]) for a in _attributes(section) if re.fullmatch(r"ptime:\d{1,3}", a)), 20)
    address = _connection(section) or _connection(session)
    if address is None:
        raise MalformedMessage("no usable c= line")
    return Audio(address, int(line[2]), _read_formats(line[4].split(), section), direction, ptime)


def _attributes(lines: Sequence[str]) -> list[str]:
    return [line[2:] for line in lines if line.startswith("a=")]


def _connection(lines: Sequence[str]) -> str | None:
    for line in lines:
        kind, _, value = line.partition(" ")
        address = value.partition(" ")[2].partition("/")[0]
        if kind == "c=IN" and _is_ip(address):
            return address
    return None


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _read_formats(numbers: Sequence[str], section: Sequence[str]) -> tuple[Format, ...]:
    names, parameters = dict(_STATIC), {}
    for attribute in _attributes(section):
        kind, _, value = attribute.partition(":")
        if kind == "rtpmap" and (m := _RTPMAP.fullmatch(value)):
            name = f"{m[2]}/{m[3]}"
            names[int(m[1])] = _WRITTEN.get(name.lower(), name)
        elif kind == "fmtp":
            number, _, text = value.partition(" ")
            parameters[number] = text
    return tuple(
        Format(int(number), names[int(number)], parameters.get(number, ""))
        for number in numbers
        if number.isascii() and number.isdigit() and int(number) in names
    )


def _format(encoding: str) -> Format:
    try:
        return Format(_KNOWN[encoding], encoding, "0-15" if encoding in _DYNAMIC else "")
    except KeyError:
        raise MalformedMessage(f"no payload type for {encoding}") from None


def _write(audio: Audio, *, session: int, version: int) -> bytes:
    family = "IP6" if ":" in audio.address else "IP4"
    lines = [
        "v=0",
        f"o=- {session} {version} IN {family} {audio.address}",
        "s=-",
        f"c=IN {family} {audio.address}",
        "t=0 0",
    ]
    for index, other in enumerate(audio.media or ("audio",)):
        lines += _write_audio(audio) if index == audio.index else [_refused(other)]
    return "".join(f"{line}\r\n" for line in lines).encode()


def _refused(media: str) -> str:
    kind, _, rest = media.partition(" ")
    return f"m={kind} 0 {rest.partition(' ')[2]}"


def _write_audio(audio: Audio) -> list[str]:
    numbers = " ".join(str(fmt.payload_type) for fmt in audio.formats)
    lines = [f"m=audio {audio.port} RTP/AVP {numbers}"]
    lines += [f"a=rtpmap:{fmt.payload_type} {fmt.encoding}" for fmt in audio.formats]
    lines += [f"a=fmtp:{fmt.payload_type} {fmt.parameters}" for fmt in audio.formats if fmt.parameters]
    return [*lines, f"a=ptime:{audio.ptime}", f"a={audio.direction}"]
