"""JPEG (ITU-T T.81): one sound picture, and behind it nothing but what honest phones put there."""

import re
import struct
from dataclasses import dataclass
from io import BytesIO

import PIL.TiffImagePlugin  # noqa: F401 - Exif is TIFF; in the child nothing can be imported once it is needed
from PIL.JpegImagePlugin import JpegImageFile

from compliance.refusals import UnacceptableFile
from compliance.vault.examination import reasons, samsung
from compliance.vault.examination.verdict import Verdict, pixels

# T.81 table B.1. Baseline, extended and progressive Huffman coding is what browsers and libjpeg show.
_FRAMES = range(0xC0, 0xD0)
_NO_FRAMES = (0xC4, 0xC8, 0xCC)
_SHOWN = (0xC0, 0xC1, 0xC2)
_END, _SCAN, _APP2 = 0xD9, 0xDA, 0xE2
_WITH_LENGTH = (*range(0xC0, 0xD0), *range(0xDA, 0xFF))
_AFTER_SCAN = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
# Decoders work on each scan of a progressive picture for the whole of it; encoders write about ten.
_MOST_SCANS = 100
_MOST_PICTURES = 8


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of a file: its size in pixels, where it ends, whether it announces more pictures behind it."""

    width: int
    height: int
    end: int
    announces_more: bool


def examine(content: bytes) -> Verdict:
    """Judge a file that begins as a JPEG. Raises UnacceptableFile."""
    if content[4:6] in (b"/*", b"//"):  # `ÿØÿà/*` is a name and the beginning of a comment
        raise UnacceptableFile(reasons.TWO_TYPES.format(kind="a script"))
    picture = _picture(content, 0)
    _judge_rest(content, picture)
    image = JpegImageFile(BytesIO(content[: picture.end]))
    # An eighth of the size: all the data is read, little is drawn.
    image.draft(image.mode, (picture.width // 8, picture.height // 8))
    image.load()
    return Verdict("image/jpeg", pixels=(picture.width, picture.height))


def size_of(content: bytes) -> tuple[int, int]:
    """Width and height of a JPEG inside another file, which may be a bomb as well. Raises UnacceptableFile."""
    return pixels(*JpegImageFile(BytesIO(content)).size)


def _judge_rest(content: bytes, first: Picture) -> None:
    """Behind the first picture may stand: the whole pictures that it announces (Multi-Picture Format, CIPA DC-007:
    previews and gain maps), notes of a Samsung phone, padding. Else the file is hiding something."""
    at = first.end
    for _ in range(_MOST_PICTURES if first.announces_more else 0):
        following = _skip_padding(content, at)
        if not content.startswith(b"\xff\xd8\xff", following):
            break
        at = _picture(content, following).end
    rest = content[at:]
    if rest.strip(b"\0") and not samsung.are_notes(rest):
        is_video = rest[4:8] == b"ftyp"  # ISO/IEC 14496-12, 4.3
        raise UnacceptableFile(reasons.MOTION if is_video else reasons.BEHIND_PICTURE)


def _skip_padding(content: bytes, at: int) -> int:
    while content.startswith(b"\0", at):
        at += 1
    return at


def _picture(content: bytes, start: int) -> Picture:
    """Walk from the start of a picture to its end. Raises UnacceptableFile if it is not whole."""
    size, scans, announces_more = (0, 0), 0, False
    at = start + 2
    while (marker := _marker(content, at)) != _END:
        body = _body(content, at)
        at += 4 + len(body)
        if marker in _FRAMES and marker not in _NO_FRAMES:
            size = _size(marker, body, size)
        elif marker == _SCAN:
            scans += 1
            at = _end_of_scan(content, at)
        announces_more |= marker == _APP2 and body.startswith(b"MPF\0")
    if not scans or size == (0, 0):
        raise UnacceptableFile(reasons.DAMAGED)
    if scans > _MOST_SCANS:
        raise UnacceptableFile(reasons.HEAVY)
    return Picture(*size, end=at + 2, announces_more=announces_more)


def _marker(content: bytes, at: int) -> int:
    if len(content) < at + 2 or content[at] != 0xFF:
        raise UnacceptableFile(reasons.DAMAGED)
    return content[at + 1]


def _body(content: bytes, at: int) -> bytes:
    """The parameters of the segment at a marker, its length left out."""
    if content[at + 1] not in _WITH_LENGTH or len(content) < at + 4:
        raise UnacceptableFile(reasons.DAMAGED)
    length = int.from_bytes(content[at + 2 : at + 4], "big")
    body = content[at + 4 : at + 2 + length]
    if length < 2 or len(body) != length - 2:
        raise UnacceptableFile(reasons.DAMAGED)
    return body


def _size(marker: int, body: bytes, before: tuple[int, int]) -> tuple[int, int]:
    """Width and height of a frame (T.81 B.2.2); a picture has one."""
    if marker not in _SHOWN:
        raise UnacceptableFile(reasons.RARE_JPEG)
    if len(body) < 6 or before != (0, 0):
        raise UnacceptableFile(reasons.DAMAGED)
    height, width = struct.unpack_from(">HH", body, 1)
    return pixels(width, height)


def _end_of_scan(content: bytes, at: int) -> int:
    """Where the entropy-coded data ends: at the first marker that is neither stuffing nor a restart."""
    found = _AFTER_SCAN.search(content, at)
    if not found:
        raise UnacceptableFile(reasons.DAMAGED)
    return found.start()
