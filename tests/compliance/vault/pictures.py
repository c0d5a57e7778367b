"""Pictures as cameras, scanners and attackers make them."""

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image
from PIL.ImageCms import ImageCmsProfile, createProfile
from PIL.PngImagePlugin import PngInfo

SOI = b"\xff\xd8"


def noise(width: int = 64, height: int = 48, mode: str = "RGB") -> Image.Image:
    """A picture that does not pack well, as photographs don't."""
    return Image.effect_noise((width, height), 60).convert(mode)


def jpeg(picture: Image.Image | None = None, **options: Any) -> bytes:
    written = BytesIO()
    (picture or noise()).save(written, "JPEG", **options)
    return written.getvalue()


def png(picture: Image.Image | None = None, **options: Any) -> bytes:
    written = BytesIO()
    (picture or noise()).save(written, "PNG", **options)
    return written.getvalue()


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def with_segment(picture: bytes, marker: int, body: bytes) -> bytes:
    """A JPEG with one more segment before its others."""
    return SOI + segment(marker, body) + picture[2:]


def with_exif() -> bytes:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0112] = "Maker", "Camera", 6
    exif.get_ifd(0x8825)[1] = "N"
    return jpeg(exif=exif)


def of_a_phone(behind: bytes = b"") -> bytes:
    """With an index of further pictures (CIPA DC-007, 5.2), and a small one behind."""
    second = jpeg(noise(32, 24))
    entries = struct.pack("<IIIHH", 0x030000, 0, 0, 0, 0) + struct.pack("<IIIHH", 0, len(second), 4096, 0, 0)
    fields = [(0xB000, 7, 4, b"0100"), (0xB001, 4, 1, struct.pack("<I", 2)), (0xB002, 7, 32, struct.pack("<I", 50))]
    index = struct.pack("<H", 3) + b"".join(struct.pack("<HHI", *field[:3]) + field[3] for field in fields)
    body = b"MPF\0II*\0\x08\0\0\0" + index + bytes(4) + entries
    return with_segment(jpeg(), 0xE2, body) + bytes(16) + second + behind


def notes_of_a_samsung(*notes: tuple[int, bytes, bytes]) -> bytes:
    """What its camera appends: blocks of type, name and value, and their directory."""
    blocks = [struct.pack("<HHI", 0, kind, len(name)) + name + value for kind, name, value in notes]
    data, entries = b"".join(blocks), b""
    before = len(data)
    for (kind, _, _), block in zip(notes, blocks, strict=True):
        entries += struct.pack("<HHII", 0, kind, before, len(block))
        before -= len(block)
    directory = b"SEFH" + struct.pack("<II", 107, len(notes)) + entries
    return data + directory + struct.pack("<I", len(directory)) + b"SEFT"


TAKEN_AT = (0x0A01, b"Image_UTC_Data", b"1732200000000")


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def with_chunk(picture: bytes, name: bytes, body: bytes) -> bytes:
    """A PNG with one more chunk behind its header."""
    return picture[:33] + chunk(name, body) + picture[33:]


def png_of(width: int, height: int, data: bytes, *, interlaced: int = 0) -> bytes:
    """An 8-bit grey PNG with this packed data."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, interlaced)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def interlaced_png() -> bytes:
    """5 by 3 pixels in seven passes, one of which has none."""
    sizes = [(1, 1), (1, 1), (2, 0), (1, 1), (3, 1), (2, 2), (5, 1)]
    return png_of(5, 3, zlib.compress(b"".join(bytes(h * (1 + w)) for w, h in sizes)), interlaced=1)


def with_many_notes() -> bytes:
    notes = PngInfo()
    notes.add_text("Software", "a scanner")
    notes.add_text("Comment", "long " * 1000, zip=True)
    notes.add_itxt("Title", "Stromrechnung", "de", "Titel", zip=True)
    exif = Image.Exif()
    exif[0x0112] = 1
    profile = ImageCmsProfile(createProfile("sRGB")).tobytes()
    with_notes = png(pnginfo=notes, icc_profile=profile, dpi=(300, 300), exif=exif)
    return with_chunk(with_notes, b"iDOT", bytes(28))  # a private chunk of Apple's
