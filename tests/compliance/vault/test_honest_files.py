"""What customers really send is taken, and told for what it is."""

import zlib
from collections.abc import Callable

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, String

from compliance.vault.inspection import Inspected, inspect
from compliance.watermark import marked
from tests.compliance.vault import papers, pictures

SAMSUNG = pictures.notes_of_a_samsung(
    pictures.TAKEN_AT, (0x0BA1, b"PhotoEditor_Re_Edit_Data", b'{"clipInfoValue":"' + b"0" * 500 + b'"}')
)

PICTURES: dict[str, Callable[[], bytes]] = {
    "with Exif": pictures.with_exif,
    "progressive": lambda: pictures.jpeg(progressive=True),
    "grey": lambda: pictures.jpeg(pictures.noise(mode="L")),
    "for print": lambda: pictures.jpeg(pictures.noise(mode="CMYK")),
    "with restart markers": lambda: pictures.jpeg(restart_marker_rows=1),
    "with a comment": lambda: pictures.jpeg(comment="scanned at home, <3 pages"),
    "of a phone, with a second picture": pictures.of_a_phone,
    "of a phone, padded": lambda: pictures.of_a_phone(bytes(512)),
    "of a Samsung": lambda: pictures.jpeg() + SAMSUNG,
    "of a Samsung, with a second picture": lambda: pictures.of_a_phone(SAMSUNG),
    "padded to a block": lambda: pictures.jpeg() + bytes(300),
}


@pytest.mark.parametrize("kind", PICTURES)
def test_an_honest_jpeg_is_taken(kind: str) -> None:
    assert inspect(PICTURES[kind]()) == Inspected("image/jpeg", pixels=(64, 48))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_an_honest_png_is_taken_whatever_its_colours(mode: str) -> None:
    picture = pictures.noise(mode="L") if mode == "I;16" else pictures.noise()
    assert inspect(pictures.png(picture.convert(mode))) == Inspected("image/png", pixels=(64, 48))


def test_a_png_with_notes_and_a_profile_is_taken() -> None:
    assert inspect(pictures.with_many_notes()).mime_type == "image/png"


def test_an_interlaced_png_is_taken() -> None:
    assert inspect(pictures.interlaced_png()).pixels == (5, 3)


def test_a_phone_picture_of_many_pixels_is_taken() -> None:
    assert inspect(pictures.jpeg(pictures.noise(1, 1).resize((8160, 6120)))).pixels == (8160, 6120)


def tagged(document: Pdf) -> None:
    """Fonts and glyphs may be called as they like."""
    font = papers.helvetica(document)
    document.pages[0].Resources = Dictionary(Font=Dictionary(JS=font, AA=font, EF=font, XFA=font))


DOCUMENTS: dict[str, tuple[Callable[[], bytes], int]] = {
    "1.4 by hand": (papers.by_hand, 1),
    "2.0 with object streams": (
        lambda: papers.pdf(
            pages=3, force_version="2.0", object_stream_mode=pikepdf.ObjectStreamMode.generate, compress_streams=True
        ),
        3,
    ),
    "updated twice": (lambda: papers.updated(papers.updated(papers.by_hand())), 1),
    "linearised": (lambda: papers.pdf(pages=2, linearize=True), 2),
    "scanned": (papers.scanned, 4),
    "PDF/A-2": (papers.archival, 1),
    "a form, filled in": (lambda: papers.pdf(papers.with_form), 1),
    "with a link": (lambda: papers.pdf(papers.clicked(S=Name.URI, URI=String("https://example.com"))), 1),
    "opened at its first page": (lambda: papers.by_hand(body=b"/OpenAction [3 0 R /Fit]"), 1),
    "opened at a place": (lambda: papers.by_hand(body=b"/OpenAction << /S /GoTo /D [3 0 R /Fit] >>"), 1),
    "a picture packed twice": (
        lambda: papers.pdf(
            papers.with_picture(
                64, 48, zlib.compress(pictures.jpeg()), Filter=Array([Name.FlateDecode, Name.DCTDecode])
            )
        ),
        1,
    ),
    "packed as fax machines and old programs do": (
        lambda: papers.pdf(papers.with_stream(b"\x81a\x80", Filter=Name.RunLengthDecode)),
        1,
    ),
    "oddly named fonts": (lambda: papers.pdf(tagged), 1),
    "with a line behind": (lambda: papers.by_hand() + b"\r\n\0\0", 1),
}


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_an_honest_pdf_is_taken(kind: str) -> None:
    make, pages = DOCUMENTS[kind]
    assert inspect(make()) == Inspected("application/pdf", pages=pages)


@pytest.mark.parametrize("kind", [*PICTURES, *DOCUMENTS])
def test_what_is_taken_can_be_marked_and_shown(kind: str) -> None:
    """All that the libraries want for it was loaded before the child gave up the leave to open files."""
    octets = PICTURES[kind]() if kind in PICTURES else DOCUMENTS[kind][0]()
    shown = marked(octets, "image/jpeg" if kind in PICTURES else "application/pdf", "Rosa Łuczak  grant 12")
    assert shown.startswith(octets[:3])
