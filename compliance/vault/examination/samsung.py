"""The notes that Samsung's phones append to a JPEG: small named blocks, a directory, `SEFT`.

As ExifTool reads them (Image::ExifTool::Samsung, ProcessSamsung): at the very end stand the length of the directory
and `SEFT`; the directory is `SEFH`, a version, a count, and for each block twelve bytes: two of nothing, its type, how
far before the directory it begins, its size. All numbers are little-endian.
"""

import re
import struct
from itertools import pairwise

from compliance.refusals import UnacceptableFile
from compliance.vault.examination import reasons

_MOTION = (b"MotionPhoto_Data", b"MotionPhoto_AutoPlay", b"mpv2")
_ANY_BYTES, _LONGEST = 256, 65_536  # a short note may be binary, a longer one is text
_TEXT = re.compile(rb"[\t\n\r\x20-\x7e]*")


def are_notes(rest: bytes) -> bool:
    """Whether what is behind a picture is all such notes, and nothing hides between them. Raises UnacceptableFile for
    a video among them."""
    blocks = _blocks(rest)
    if blocks is None:
        return False
    if any(name in rest for name in _MOTION):
        raise UnacceptableFile(reasons.MOTION)
    return all(_is_note(rest[start:end]) for start, end in blocks)


def _blocks(rest: bytes) -> list[tuple[int, int]] | None:
    """Where each block begins and ends; None unless they and padding fill everything before the directory."""
    if len(rest) < 20 or not rest.endswith(b"SEFT"):
        return None
    length = int.from_bytes(rest[-8:-4], "little")
    directory = len(rest) - 8 - length
    if directory < 0 or not rest.startswith(b"SEFH", directory) or length < 12:
        return None
    count = int.from_bytes(rest[directory + 8 : directory + 12], "little")
    if length != 12 + 12 * count:
        return None
    entries = (struct.unpack_from("<HHII", rest, directory + 12 + 12 * number) for number in range(count))
    blocks = sorted((directory - offset, directory - offset + size) for _, _, offset, size in entries)
    edges = [(0, 0), *blocks, (directory, directory)]
    gaps = [rest[before[1] : after[0]] if before[1] <= after[0] else b"overlap" for before, after in pairwise(edges)]
    return None if b"".join(gaps).strip(b"\0") else blocks


def _is_note(block: bytes) -> bool:
    """A block: two bytes of nothing, its type, the length of its name, its name, its value."""
    return len(block) <= _ANY_BYTES or (len(block) <= _LONGEST and bool(_TEXT.fullmatch(block[8:])))
