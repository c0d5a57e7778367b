"""Second types: what makes a picture or a PDF pass for something else to a careless reader.

Only types that need not begin with the first byte: the first byte is taken. Each signature is long enough not to come
about by chance in five million compressed bytes (the likeliest, `%PDF-1`, once in two million such files).
"""

import re
import struct

from compliance.refusals import UnacceptableFile
from compliance.vault.examination import reasons

_MARKUP = rb"(?i:<(?:script|html|body|iframe|svg|object|embed)[\s>/]|<!doctype\s+html|<!entity\s)"
_ANYWHERE: list[tuple[str, re.Pattern[bytes]]] = [
    ("a web page", re.compile(_MARKUP)),
    ("a PHP program", re.compile(rb"(?i)<\?php\s|__HALT_COMPILER\(")),
    ("an archive", re.compile(rb"Rar!\x1a\x07[\x00\x01]|7z\xbc\xaf\x27\x1c\x00")),
]
_PDF = re.compile(rb"%PDF-[0-9]")
# ECMA-130/ISO 9660, 8.1; POSIX ustar; DICOM PS3.10, 7.1: types that are told by what stands at one place
_AT: list[tuple[str, int, bytes]] = [
    ("a disk image", 0x8001, b"CD001"),
    ("an archive", 257, b"ustar"),
    ("a DICOM file", 128, b"DICM"),
]
_END_OF_DIRECTORY = b"PK\x05\x06"
_DIRECTORY_ENTRY = b"PK\x01\x02"


def refuse_second_types(content: bytes) -> None:
    """Raise UnacceptableFile if the file also reads as another type than that which it begins as."""
    for kind, signature in _ANYWHERE:
        if signature.search(content):
            _refuse(kind)
    for kind, offset, magic in _AT:
        if content.startswith(magic, offset):
            _refuse(kind)
    if _PDF.search(content, 1):
        _refuse("a second PDF" if content.startswith(b"%PDF-") else "a PDF")
    if _is_zip(content):
        _refuse("a ZIP archive")


def _is_zip(content: bytes) -> bool:
    """Whether a directory of ZIP entries stands before any end record, wherever the archive begins and ends.

    APPNOTE.TXT 4.3.16: the size of the directory is at 12; it lies straight before its end record. Readers also
    follow its stated offset, and some look for entries without an end record; those need an entry somewhere.
    """
    end = content.find(_END_OF_DIRECTORY)
    while end >= 0:
        if len(content) >= end + 22 and _directory_before(content, end):
            return True
        end = content.find(_END_OF_DIRECTORY, end + 1)
    return False


def _directory_before(content: bytes, end: int) -> bool:
    size, offset = struct.unpack_from("<II", content, end + 12)
    starts = (end - size, offset)
    return any(start > 0 and content.startswith(_DIRECTORY_ENTRY, start) for start in starts)


def _refuse(kind: str) -> None:
    raise UnacceptableFile(reasons.TWO_TYPES.format(kind=kind))
