"""Which type a file is of, by its first bytes. Names, endings and declared types are the sender's word for it."""

import re

_TAKEN = [
    ("application/pdf", re.compile(rb"%PDF-")),
    ("image/jpeg", re.compile(rb"\xff\xd8\xff")),
    ("image/png", re.compile(rb"\x89PNG\r\n\x1a\n")),
]
# What people send by mistake, so that they are told how to mend it. ISO 14496-12 has the brand of a file at 8.
_OTHERS = [
    ("a HEIC or AVIF picture", re.compile(rb"....ftyp(hei|hev|mif1|msf1|avi[fs])", re.DOTALL)),
    ("a video", re.compile(rb"....ftyp|\x1aE\xdf\xa3|RIFF....AVI ", re.DOTALL)),
    ("a WebP picture", re.compile(rb"RIFF....WEBP", re.DOTALL)),
    ("a GIF picture", re.compile(rb"GIF8[79]a")),
    ("a TIFF picture", re.compile(rb"II[*+]\0|MM\0[*+]")),
    ("a bitmap", re.compile(rb"BM.{8}\0\0", re.DOTALL)),
    ("a ZIP archive or an Office document", re.compile(rb"PK(\x03\x04|\x05\x06|\x07\x08)")),
    ("an Office document", re.compile(rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1|\{\\rtf")),
    ("an archive", re.compile(rb"\x1f\x8b|BZh|\xfd7zXZ\0|7z\xbc\xaf\x27\x1c|Rar!\x1a\x07|\x28\xb5\x2f\xfd")),
    ("a program", re.compile(rb"MZ|\x7fELF|\xca\xfe\xba\xbe|[\xcf\xce]\xfa\xed\xfe|#!")),
    ("a web page or an SVG picture", re.compile(rb"(\xef\xbb\xbf)?\s*<")),
]
_LATE_PDF = re.compile(rb"%PDF-[0-9]")
_HEAD = 1024  # readers of PDF look this far for its header (ISO 32000-1, annex H, note 13)


def type_of(content: bytes) -> str | None:
    """The MIME type, if it is one that we can examine."""
    return next((mime_type for mime_type, signature in _TAKEN if signature.match(content)), None)


def name_of(content: bytes) -> str | None:
    """What a file of another type is, in a customer's words; None if we don't know either."""
    return next((name for name, signature in _OTHERS if signature.match(content)), None)


def is_late_pdf(content: bytes) -> bool:
    """Whether it is a PDF but for what stands before it."""
    return type_of(content) is None and bool(_LATE_PDF.search(content[:_HEAD]))
