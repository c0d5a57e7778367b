"""PNG (ISO/IEC 15948, W3C PNG 3rd edition): each chunk sound, nothing that unpacks without bound, nothing behind."""

import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO

from PIL.PngImagePlugin import PngImageFile

from compliance.refusals import UnacceptableFile
from compliance.vault.examination import reasons
from compliance.vault.examination.verdict import Verdict, pixels

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CRITICAL = (b"IHDR", b"PLTE", b"IDAT", b"IEND")
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
# Adam7: where each pass begins and how far it steps, across and down
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
_MOST_NOTES = 4_194_304  # bytes of text and colour profiles, unpacked
_STEP = 65_536
_LAST_FILTER = 4  # PNG 9.2


@dataclass(frozen=True, slots=True)
class Header:
    """IHDR: size in pixels, bits of a channel, colour type, whether it is interlaced."""

    width: int
    height: int
    depth: int
    colour: int
    interlaced: bool

    @property
    def octets(self) -> int:
        """How long the picture is, unpacked and still filtered."""
        if not self.interlaced:
            return self._octets(self.width, self.height)
        return sum(
            self._octets(-(-(self.width - left) // across), -(-(self.height - top) // down))
            for left, top, across, down in _PASSES
        )

    @property
    def line(self) -> int:
        """How long a line is, with the byte that names its filter."""
        return self._octets(self.width, 1)

    def _octets(self, width: int, height: int) -> int:
        """Each line has a byte that names its filter; a pass without pixels has no lines."""
        if width <= 0 or height <= 0:
            return 0
        return height * (1 + -(-width * self.depth * _CHANNELS[self.colour] // 8))


def examine(content: bytes) -> Verdict:
    """Judge a file that begins as a PNG. Raises UnacceptableFile."""
    chunks = list(_chunks(content))
    names = [name for name, _ in chunks]
    if names[0] != b"IHDR" or names.count(b"IHDR") != 1 or b"IDAT" not in names:
        raise UnacceptableFile(reasons.DAMAGED)
    if b"acTL" in names:
        raise UnacceptableFile(reasons.ANIMATED)
    header = _header(chunks[0][1])
    _judge_notes(chunks)
    _judge_data((body for name, body in chunks if name == b"IDAT"), header)
    picture = PngImageFile(BytesIO(content))
    if header.interlaced:
        picture.load()
    return Verdict("image/png", pixels=(header.width, header.height))


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at, name = len(_SIGNATURE), b""
    while name != b"IEND":
        if len(content) < at + 12:
            raise UnacceptableFile(reasons.DAMAGED)
        length, name = struct.unpack_from(">I4s", content, at)
        body = content[at + 8 : at + 8 + length]
        if not _is_sound(name, body, content[at + 8 + length : at + 12 + length]):
            raise UnacceptableFile(reasons.DAMAGED)
        yield name, body
        at += 12 + length
    if content[at:].strip(b"\0"):
        raise UnacceptableFile(reasons.BEHIND_PICTURE)


def _is_sound(name: bytes, body: bytes, checksum: bytes) -> bool:
    """Critical chunks (a capital first letter) are known ones; the checksum is right. IEND has no body."""
    is_known = name in _CRITICAL or (name.isalpha() and name[:1].islower())
    return is_known and checksum == zlib.crc32(name + body).to_bytes(4, "big") and not (name == b"IEND" and body)


def _header(body: bytes) -> Header:
    if len(body) != 13:
        raise UnacceptableFile(reasons.DAMAGED)
    width, height, depth, colour, packing, filters, interlacing = struct.unpack(">IIBBBBB", body)
    if depth not in _DEPTHS.get(colour, ()) or packing or filters or interlacing > 1:
        raise UnacceptableFile(reasons.DAMAGED)
    pixels(width, height)
    return Header(width, height, depth, colour, bool(interlacing))


def _judge_notes(chunks: Iterable[tuple[bytes, bytes]]) -> None:
    """Packed text and colour profiles, together, within bounds."""
    left = _MOST_NOTES
    for name, body in chunks:
        packed = _packed(name, body)
        if packed:
            left -= sum(len(part) for part in _unpacked(zlib.decompressobj(), packed, left))


def _packed(name: bytes, body: bytes) -> bytes:
    """The packed part of a chunk, if it has one: behind a name and the method, in `iTXt` behind two more fields."""
    fields = body.partition(b"\0")[2]
    if name in (b"zTXt", b"iCCP"):
        return fields[1:]
    if name == b"iTXt" and fields[:1] == b"\1":
        return fields[2:].partition(b"\0")[2].partition(b"\0")[2]
    return b""


def _judge_data(parts: Iterable[bytes], header: Header) -> None:
    """The picture's data unpacks to as much as its header says, and ends there.

    Each line that begins with a filter that there is, is a line that can be drawn: nothing needs to be drawn to tell.
    """
    unpacking, found = zlib.decompressobj(), 0
    for part in parts:
        for step in _unpacked(unpacking, part, header.octets):
            if not header.interlaced and max(step[-found % header.line :: header.line], default=0) > _LAST_FILTER:
                raise UnacceptableFile(reasons.DAMAGED)
            found += len(step)
    if found != header.octets or not unpacking.eof or unpacking.unused_data:
        raise UnacceptableFile(reasons.DAMAGED)


def _unpacked(unpacking: "zlib._Decompress", packed: bytes, most: int) -> Iterator[bytes]:
    """Unpack in small steps. Raises UnacceptableFile as soon as there is more than may be, or it is not packed."""
    found = 0
    try:
        while packed and not unpacking.eof:
            step = unpacking.decompress(packed, _STEP)
            packed = unpacking.unconsumed_tail
            found += len(step)
            if found > most:
                raise UnacceptableFile(reasons.HEAVY)
            yield step
    except zlib.error as error:
        raise UnacceptableFile(reasons.DAMAGED) from error
