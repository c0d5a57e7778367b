"""What attackers send is refused, each for its own reason."""

import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from typing import Any, Literal

import pytest
from pikepdf import Array, Dictionary, Encryption, Name, ObjectStreamMode, Pdf, Permissions, Stream, String
from PIL import Image

from compliance.refusals import UnacceptableFile
from compliance.vault.examination import pdf, reasons
from compliance.vault.inspection import inspect
from tests.compliance.vault import papers, pictures
from tests.compliance.vault.papers import action, annotated, attach, clicked, opening, packed, with_script, with_stream
from tests.compliance.vault.pictures import TAKEN_AT, notes_of_a_samsung, with_segment

MEGABYTE = 1_048_576
Make = Callable[[], bytes]


def refusal(content: bytes) -> str:
    with pytest.raises(UnacceptableFile) as refused:
        inspect(content)
    return str(refused.value)


def archive(name: str = "run.class") -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as made:
        made.writestr(name, b"\xca\xfe\xba\xbe" + bytes(100))
    return written.getvalue()


def archive_with_a_picture_before() -> bytes:
    """As self-extracting archives: the offsets count from the picture's first byte."""
    written = io.BytesIO(pictures.jpeg())
    with zipfile.ZipFile(written, "a") as made:
        made.writestr("run.class", b"x")
    return written.getvalue()


# --- size, and the type by the first bytes ----------------------------------------------------------------------------


def test_an_empty_file_is_refused() -> None:
    assert refusal(b"") == reasons.EMPTY


def test_a_file_of_the_greatest_size_is_read_and_a_byte_more_is_too_big() -> None:
    most = 5_242_880
    padded = pictures.jpeg().ljust(most, b"\0")
    assert inspect(padded).mime_type == "image/jpeg"
    assert refusal(padded + b"\0") == reasons.TOO_BIG.format(most=most)


OTHER_TYPES: dict[str, tuple[bytes, str]] = {
    "SVG": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "SVG"),
    "SVG with a declaration": (b'\xef\xbb\xbf\n<?xml version="1.0"?><svg/>', "SVG"),
    "HTML": (b"<!DOCTYPE html><title>x</title>", "web page"),
    "GIF": (b"GIF89a" + bytes(20), "GIF"),
    "TIFF": (b"II*\0" + bytes(20), "TIFF"),
    "BigTIFF": (b"MM\0+" + bytes(20), "TIFF"),
    "WebP": (b"RIFF\x24\0\0\0WEBPVP8 ", "WebP"),
    "HEIC": (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
    "video": (b"\0\0\0\x18ftypisom\0\0\0\0", "video"),
    "ZIP": (archive(), "ZIP"),
    "empty ZIP": (b"PK\x05\x06" + bytes(18), "ZIP"),
    "old Word": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(20), "Office"),
    "RTF": (b"{\\rtf1 x}", "Office"),
    "gzip": (b"\x1f\x8b\x08" + bytes(20), "archive"),
    "Windows program": (b"MZ\x90\0" + bytes(20), "program"),
    "Linux program": (b"\x7fELF\x02\x01", "program"),
    "shell script": (b"#!/bin/sh\n", "program"),
}


@pytest.mark.parametrize("kind", OTHER_TYPES)
def test_another_type_is_refused_by_its_name(kind: str) -> None:
    content, name = OTHER_TYPES[kind]
    said = refusal(content)
    assert name in said
    assert "PDF, JPEG and PNG" in said


@pytest.mark.parametrize("content", [b"\0", b"hello", b"\xff\xd8", b"%PD", b"\x89PNG\r\n", b"PK", bytes(1000)])
def test_what_is_no_type_at_all_is_refused(content: bytes) -> None:
    assert refusal(content) == reasons.UNKNOWN_TYPE


# --- broken -----------------------------------------------------------------------------------------------------------

WHOLE: dict[str, Make] = {
    "JPEG": pictures.jpeg,
    "progressive JPEG": lambda: pictures.jpeg(progressive=True),
    "PNG": pictures.png,
    "PDF": papers.by_hand,
    "PDF with object streams": lambda: papers.pdf(linearize=True),
}


@pytest.mark.parametrize("kind", WHOLE)
@pytest.mark.parametrize("share", [0.05, 0.5, 0.97])
def test_a_truncated_file_is_refused(kind: str, share: float) -> None:
    whole = WHOLE[kind]()
    assert refusal(whole[: max(12, int(len(whole) * share))]) in (reasons.DAMAGED, reasons.BEHIND_PDF)


def wrong_checksum() -> bytes:
    whole = bytearray(pictures.png())
    whole[60] ^= 1
    return bytes(whole)


BROKEN: dict[str, Make] = {
    "JPEG without a picture": lambda: pictures.SOI + b"\xff\xd9",
    "JPEG with a frame and no scan": lambda: (
        pictures.SOI + pictures.segment(0xC0, b"\x08\0\x10\0\x10\x01\x01\x11\0") + b"\xff\xd9"
    ),
    "JPEG whose frame is cut": lambda: pictures.SOI + pictures.segment(0xC0, b"\x08\0") + b"\xff\xd9",
    "JPEG without height": lambda: pictures.jpeg().replace(b"\x08\0\x30\0\x40\x03", b"\x08\0\0\0\x40\x03"),
    "JPEG with a segment of no length": lambda: pictures.SOI + b"\xff\xe0\0\0" + pictures.jpeg()[2:],
    "JPEG whose tables are missing": lambda: (
        pictures.SOI
        + pictures.segment(0xC0, b"\x08\0\x10\0\x10\x01\x01\x11\0")
        + pictures.segment(0xDA, b"\x01\x01\0\0\x3f\0")
        + b"\0\0\xff\xd9"
    ),
    "PNG with a wrong checksum": wrong_checksum,
    "PNG without data": lambda: (
        b"\x89PNG\r\n\x1a\n"
        + pictures.chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
        + pictures.chunk(b"IEND", b"")
    ),
    "PNG with too little data": lambda: pictures.png_of(4, 4, zlib.compress(bytes(19))),
    "PNG with a line of an unknown filter": lambda: pictures.png_of(4, 4, zlib.compress(bytes(15) + b"\5" + bytes(4))),
    "PNG whose data is not packed": lambda: pictures.png_of(1, 1, b"plain"),
    "PNG with something behind its data": lambda: pictures.png_of(1, 1, zlib.compress(bytes(2)) + b"hidden"),
    "PNG of an unknown colour type": lambda: (
        b"\x89PNG\r\n\x1a\n"
        + pictures.chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 5, 0, 0, 0))
        + pictures.chunk(b"IDAT", b"")
        + pictures.chunk(b"IEND", b"")
    ),
    "PNG with an unknown critical chunk": lambda: pictures.with_chunk(pictures.png(), b"EVIL", b"x"),
    "PNG with no header first": lambda: b"\x89PNG\r\n\x1a\n" + pictures.chunk(b"IEND", b""),
    "PDF of an unknown version": lambda: papers.by_hand(version=b"3.7"),
    "PDF that is only a header": lambda: b"%PDF-1.4\n%%EOF",
    "PDF whose references lead nowhere": lambda: papers.by_hand().replace(b"startxref\n", b"startxref\n9"),
    "PDF with garbage for objects": lambda: papers.by_hand().replace(b"<< /Type /Pages", b">> /Type /Pages"),
    "PDF whose stream is not packed": lambda: papers.pdf(with_stream(b"plain", Filter=Name.FlateDecode)),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_file_is_refused(kind: str) -> None:
    assert refusal(BROKEN[kind]()) == reasons.DAMAGED


def test_a_pdf_without_pages_is_refused() -> None:
    assert refusal(papers.pdf(pages=0)) == reasons.NO_PAGES


def test_a_jpeg_that_browsers_do_not_show_is_refused() -> None:
    lossless = pictures.jpeg().replace(b"\xff\xc0", b"\xff\xc3", 1)
    assert refusal(lossless) == reasons.RARE_JPEG


# --- two types at once ------------------------------------------------------------------------------------------------


def tar_that_begins_as_a_jpeg() -> bytes:
    """The first member's name begins with a JPEG's first bytes."""
    block = bytearray(tarfile.TarInfo("x").tobuf(tarfile.USTAR_FORMAT))
    block[:6] = pictures.SOI + b"\xff\xfe\x02\x00"
    return bytes(block) + pictures.jpeg()[2:]


PHP = b"<?php system($_GET['c']); ?>"
PAGE = b"<html><script>alert(1)</script></html>"
PHAR = b"x __HALT_COMPILER(); ?>"

TWO_TYPES: dict[str, tuple[Make, str]] = {
    "ZIP behind a JPEG": (lambda: pictures.jpeg() + archive(), "ZIP"),
    "JAR that counts from the JPEG": (archive_with_a_picture_before, "ZIP"),
    "ZIP behind a PNG": (lambda: pictures.png() + archive(), "ZIP"),
    "ZIP behind a PDF": (lambda: papers.by_hand() + archive(), "ZIP"),
    "ZIP in a comment of a JPEG": (lambda: with_segment(pictures.jpeg(), 0xFE, archive()), "ZIP"),
    "ZIP in a chunk of a PNG": (lambda: pictures.with_chunk(pictures.png(), b"zzZz", archive()), "ZIP"),
    "ZIP in a stream of a PDF": (lambda: papers.pdf(with_stream(archive())), "ZIP"),
    "ZIP in the notes of a Samsung": (
        lambda: pictures.jpeg() + notes_of_a_samsung((0x0A01, b"Image_UTC_Data", archive("a"))),
        "ZIP",
    ),
    "page behind a JPEG": (lambda: pictures.jpeg() + PAGE, "web page"),
    "page in a comment of a JPEG": (lambda: with_segment(pictures.jpeg(), 0xFE, PAGE), "web page"),
    "page in the text of a PNG": (lambda: pictures.with_chunk(pictures.png(), b"tEXt", b"a\0" + PAGE), "web page"),
    "SVG in a comment of a JPEG": (lambda: with_segment(pictures.jpeg(), 0xFE, b"<sVg onload=x>"), "web page"),
    "page in a PDF": (lambda: papers.by_hand(body=b"/X (" + PAGE + b")"), "web page"),
    "PHP in a comment of a JPEG": (lambda: with_segment(pictures.jpeg(), 0xFE, PHP), "PHP"),
    "PHP behind a PNG": (lambda: pictures.png() + PHP, "PHP"),
    "PHP in the data of a PNG": (
        lambda: pictures.png_of(len(PHP), 1, zlib.compress(b"\0" + PHP, 0)),
        "PHP",
    ),
    "PHP archive in a JPEG": (lambda: with_segment(pictures.jpeg(), 0xFE, PHAR), "PHP"),
    "script that begins as a JPEG": (
        lambda: with_segment(pictures.jpeg(), 0xE0, b"JFIF\0".ljust(0x2F2A - 2, b" ")),
        "script",
    ),
    "PDF in a comment of a JPEG": (lambda: with_segment(pictures.jpeg(), 0xFE, papers.by_hand()), "a PDF"),
    "PDF behind a PNG": (lambda: pictures.png() + papers.by_hand(), "a PDF"),
    "PDF behind a PDF": (lambda: papers.by_hand() + papers.by_hand(), "a second PDF"),
    "RAR behind a JPEG": (lambda: pictures.jpeg() + b"Rar!\x1a\x07\x01\x00" + bytes(20), "archive"),
    "7z behind a PNG": (lambda: pictures.png() + b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(20), "archive"),
    "tar around a JPEG": (tar_that_begins_as_a_jpeg, "archive"),
    "disk image that begins as a PDF": (
        lambda: papers.by_hand().replace(b"\n%\xe2", b"\n%" + bytes(0x8001 - 10) + b"CD001\n%\xe2"),
        "disk image",
    ),
    "DICOM that begins as a JPEG": (
        lambda: with_segment(pictures.jpeg(), 0xFE, bytes(128 - 6) + b"DICM" + bytes(9)),
        "DICOM",
    ),
}


@pytest.mark.parametrize("kind", TWO_TYPES)
def test_a_file_of_two_types_is_refused(kind: str) -> None:
    make, name = TWO_TYPES[kind]
    said = refusal(make())
    assert "two types at once" in said
    assert name in said


def test_chance_bytes_of_an_archive_do_not_refuse_a_photograph() -> None:
    chance = b"PK\x03\x04" + bytes(30) + b"PK\x05\x06" + b"\x01\x02\x03" * 8
    assert inspect(with_segment(pictures.jpeg(), 0xFE, chance)).mime_type == "image/jpeg"


HIDDEN: dict[str, tuple[Make, str]] = {
    "text behind a JPEG": (lambda: pictures.jpeg() + b"hidden", reasons.BEHIND_PICTURE),
    "text behind the padding of a JPEG": (lambda: pictures.jpeg() + bytes(99) + b"hidden", reasons.BEHIND_PICTURE),
    "a JPEG that was not announced": (lambda: pictures.jpeg() + pictures.jpeg(), reasons.BEHIND_PICTURE),
    "text behind a phone's second picture": (lambda: pictures.of_a_phone(b"hidden"), reasons.BEHIND_PICTURE),
    "a cut second picture": (lambda: pictures.of_a_phone()[:-40], reasons.DAMAGED),
    "text before a Samsung's notes": (
        lambda: pictures.jpeg() + b"hidden" + notes_of_a_samsung(TAKEN_AT),
        reasons.BEHIND_PICTURE,
    ),
    "a program as a Samsung's note": (
        lambda: pictures.jpeg() + notes_of_a_samsung((0x0BA1, b"Note", b"\x7fELF" + bytes(5000))),
        reasons.BEHIND_PICTURE,
    ),
    "a Samsung's directory that lies": (
        lambda: pictures.jpeg() + b"SEFH" + struct.pack("<II", 107, 9) + struct.pack("<I", 12) + b"SEFT",
        reasons.BEHIND_PICTURE,
    ),
    "a video of a Samsung": (
        lambda: pictures.jpeg() + notes_of_a_samsung((0x0A30, b"MotionPhoto_Data", b"\0\0\0\x18ftypmp42" + bytes(99))),
        reasons.MOTION,
    ),
    "a video of another phone": (lambda: pictures.of_a_phone(b"\0\0\0\x18ftypmp42" + bytes(99)), reasons.MOTION),
    "text behind a PNG": (lambda: pictures.png() + b"hidden", reasons.BEHIND_PICTURE),
    "a PNG behind a PNG": (lambda: pictures.png() * 2, reasons.BEHIND_PICTURE),
    "text behind a PDF": (lambda: papers.by_hand() + b"hidden", reasons.BEHIND_PDF),
    "text before a PDF": (lambda: b"hidden\n" + papers.by_hand(), reasons.BEFORE_PDF),
    "a mark before a PDF": (lambda: b"\xef\xbb\xbf" + papers.by_hand(), reasons.BEFORE_PDF),
    "a program before a PDF": (lambda: b"MZ" + bytes(60) + papers.by_hand(), reasons.BEFORE_PDF),
}


@pytest.mark.parametrize("kind", HIDDEN)
def test_what_hides_before_or_behind_is_found(kind: str) -> None:
    make, reason = HIDDEN[kind]
    assert refusal(make()) == reason


# --- bombs ------------------------------------------------------------------------------------------------------------


def claiming(width: int, height: int) -> bytes:
    """A JPEG of 64 by 48 that says it is larger."""
    return pictures.jpeg().replace(b"\x08\0\x30\0\x40\x03", b"\x08" + struct.pack(">HH", height, width) + b"\x03")


def of_many_scans() -> bytes:
    whole = pictures.jpeg(progressive=True)
    last = whole.rindex(b"\xff\xda")
    return whole[:-2] + whole[last:-2] * 200 + b"\xff\xd9"


def many_texts() -> bytes:
    made = pictures.png()
    for _ in range(8):
        made = pictures.with_chunk(made, b"zTXt", b"a\0\0" + zlib.compress(bytes(MEGABYTE)))
    return made


def many_streams(document: Pdf) -> None:
    data = zlib.compress(bytes(50 * MEGABYTE), 1)
    streams = [document.make_indirect(Stream(document, data, Filter=Name.FlateDecode)) for _ in range(6)]
    document.Root.Odd = Array(streams)


BOMBS: dict[str, tuple[Make, str]] = {
    "JPEG of absurd size": (lambda: claiming(65_500, 65_500), reasons.TOO_MANY_PIXELS),
    "JPEG of a thousand scans": (of_many_scans, reasons.HEAVY),
    "absurd second picture": (
        lambda: pictures.of_a_phone() + claiming(65_500, 65_500),
        reasons.TOO_MANY_PIXELS,
    ),
    "PNG of absurd size": (
        lambda: pictures.png_of(2**31 - 1, 2**31 - 1, zlib.compress(b"\0")),
        reasons.TOO_MANY_PIXELS,
    ),
    "PNG of real, absurd size": (
        lambda: pictures.png(Image.new("1", (8_000, 8_000))),
        reasons.TOO_MANY_PIXELS,
    ),
    "PNG with more data than it says": (lambda: pictures.png_of(1, 1, zlib.compress(bytes(MEGABYTE))), reasons.HEAVY),
    "zTXt": (
        lambda: pictures.with_chunk(pictures.png(), b"zTXt", b"a\0\0" + zlib.compress(bytes(64 * MEGABYTE))),
        reasons.HEAVY,
    ),
    "iTXt": (
        lambda: pictures.with_chunk(pictures.png(), b"iTXt", b"a\0\1\0\0\0" + zlib.compress(bytes(64 * MEGABYTE))),
        reasons.HEAVY,
    ),
    "iCCP": (
        lambda: pictures.with_chunk(pictures.png(), b"iCCP", b"a\0\0" + zlib.compress(bytes(64 * MEGABYTE))),
        reasons.HEAVY,
    ),
    "many small texts": (many_texts, reasons.HEAVY),
    "PDF with one great stream": (lambda: papers.pdf(packed(bytes(130 * MEGABYTE))), reasons.HEAVY),
    "PDF with a stream packed twice": (
        lambda: papers.pdf(
            with_stream(zlib.compress(zlib.compress(bytes(130 * MEGABYTE), 1)), Filter=Array([Name.FlateDecode] * 2))
        ),
        reasons.HEAVY,
    ),
    "PDF with many streams": (lambda: papers.pdf(many_streams), reasons.HEAVY),
    "PDF with a stream of runs": (
        lambda: papers.pdf(with_stream(b"\x81\0" * 1_200_000, Filter=Name.RunLengthDecode)),
        reasons.HEAVY,
    ),
    "PDF with a stream of growing runs": (
        lambda: papers.pdf(with_stream(papers.runs(1500 * MEGABYTE), Filter=Name.LZWDecode)),
        reasons.HEAVY,
    ),
    "PDF with an absurd picture": (
        lambda: papers.pdf(papers.with_picture(65_500, 65_500)),
        reasons.TOO_MANY_PIXELS,
    ),
    "PDF with a picture that understates itself": (
        lambda: papers.pdf(papers.with_picture(64, 48, claiming(65_500, 65_500))),
        reasons.TOO_MANY_PIXELS,
    ),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_a_bomb_is_refused(kind: str) -> None:
    make, reason = BOMBS[kind]
    assert refusal(make()) == reason


def test_a_bomb_in_the_table_of_references_is_refused() -> None:
    """qpdf unpacks it before we have seen one object."""
    data = zlib.compress(bytes(130 * MEGABYTE), 1)
    head = b"%PDF-1.5\n"
    table = b"1 0 obj\n<< /Type /XRef /Size 4 /W [1 2 1] /Root 2 0 R /Filter /FlateDecode /Length %d >>\nstream\n"
    body = table % len(data) + data + b"\nendstream\nendobj\n"
    assert refusal(head + body + b"startxref\n%d\n%%%%EOF\n" % len(head)) in (reasons.HEAVY, reasons.DAMAGED)


def test_brackets_without_end_are_refused() -> None:
    assert refusal(papers.by_hand(body=b"/X " + b"[" * 1_000_000 + b"]" * 1_000_000)) in (
        reasons.DAMAGED,
        reasons.HEAVY,
    )


# --- programs in papers -----------------------------------------------------------------------------------------------


def reference_elsewhere(document: Pdf) -> None:
    shown = Dictionary(Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 9, 9]))
    shown.Ref = Dictionary(F=String("other.pdf"), Page=0)
    document.Root.Odd = document.make_indirect(Stream(document, b"", shown))


def form_of_xfa(document: Pdf) -> None:
    papers.with_form(document)
    document.Root.AcroForm.XFA = document.make_indirect(Stream(document, b"<xdp:xdp/>"))


def at_opening_a_page(document: Pdf) -> None:
    document.pages[0].AA = Dictionary(O=action(S=Name.URI, URI=String("https://example.com")))


def bare_attachment(document: Pdf) -> None:
    """In nobody's list of files."""
    document.Root.Odd = document.make_indirect(Stream(document, b"MZ", Type=Name.EmbeddedFile))


def portfolio(document: Pdf) -> None:
    document.Root.Collection = Dictionary(Type=Name.Collection)


SCRIPT = {"S": Name.JavaScript, "JS": String("app.alert(1)")}
ACTIVE: dict[str, tuple[papers.Change, str]] = {
    "script by name": (with_script, pdf.SCRIPT),
    "script on opening": (opening(action(**SCRIPT)), pdf.SCRIPT),
    "script on a click": (clicked(**SCRIPT), pdf.SCRIPT),
    "script behind a harmless action": (
        clicked(S=Name.URI, URI=String("https://example.com"), Next=Array([action(**SCRIPT)])),
        pdf.SCRIPT,
    ),
    "script that names no action": (clicked(JS=String("app.alert(1)")), pdf.SCRIPT),
    "start of a program": (clicked(S=Name.Launch, F=String("cmd.exe")), pdf.PROGRAM),
    "start of a program on opening": (opening(action(S=Name.Launch, F=String("cmd.exe"))), pdf.PROGRAM),
    "page of the web on opening": (
        opening(action(S=Name.URI, URI=String("https://example.com"))),
        pdf.BY_ITSELF,
    ),
    "page of the web on turning": (at_opening_a_page, pdf.BY_ITSELF),
    "form that sends itself": (clicked(S=Name.SubmitForm, F=String("https://example.com")), pdf.SENDING),
    "form that fetches data": (clicked(S=Name.ImportData, F=String("data.fdf")), pdf.SENDING),
    "jump to another file": (clicked(S=Name.GoToR, F=String("//host/share"), D=Array([0, Name.Fit])), pdf.ELSEWHERE),
    "jump to an attachment": (clicked(S=Name.GoToE, D=Array([0, Name.Fit])), pdf.ATTACHMENT),
    "sound": (clicked(S=Name.Sound), pdf.MEDIA),
    "film": (annotated("/Screen"), pdf.MEDIA),
    "rich media": (annotated("/RichMedia"), pdf.MEDIA),
    "3D": (annotated("/3D"), pdf.MEDIA),
    "attachment on a page": (annotated("/FileAttachment"), pdf.ATTACHMENT),
    "attachment in the list": (attach, pdf.ATTACHMENT),
    "attachment in no list": (bare_attachment, pdf.ATTACHMENT),
    "portfolio": (portfolio, pdf.ATTACHMENT),
    "XFA": (form_of_xfa, pdf.XFA),
    "stream in another file": (with_stream(b"", F=String("https://example.com/x")), pdf.ELSEWHERE),
    "page of another file": (reference_elsewhere, pdf.ELSEWHERE),
}


@pytest.mark.parametrize("kind", ACTIVE)
def test_a_pdf_that_does_something_is_refused(kind: str) -> None:
    change, what = ACTIVE[kind]
    assert refusal(papers.pdf(change)) == reasons.ACTIVE.format(what=what)


WRITTEN: dict[str, dict[str, Any]] = {
    "linearised": {"linearize": True},
    "in object streams": {"object_stream_mode": ObjectStreamMode.generate, "compress_streams": True},
    "as plain text": {"qdf": True},
}


@pytest.mark.parametrize("how", WRITTEN)
def test_a_script_is_found_however_the_pdf_is_written(how: str) -> None:
    assert pdf.SCRIPT in refusal(papers.pdf(with_script, **WRITTEN[how]))


def test_a_script_whose_name_is_written_in_hexadecimal_is_found() -> None:
    hidden = papers.by_hand(body=b"/OpenAction << /#53 /Java#53cript /#4aS (app.alert\\(1\\)) >>")
    assert pdf.SCRIPT in refusal(hidden)


def test_a_script_that_an_update_brought_is_found() -> None:
    assert pdf.SCRIPT in refusal(papers.updated(papers.by_hand(), b"/OpenAction << /S /JavaScript /JS (x) >>"))


def test_the_source_of_an_archival_pdf_is_an_attachment() -> None:
    assert refusal(papers.archival(with_attachment=True)) == reasons.ACTIVE.format(what=pdf.ATTACHMENT)


@pytest.mark.parametrize("user", ["secret", ""], ids=["to open", "to change"])
@pytest.mark.parametrize("strength", [4, 6])
def test_a_protected_pdf_is_refused(user: str, strength: Literal[4, 6]) -> None:
    locked = Encryption(owner="owner", user=user, R=strength, allow=Permissions(extract=False))
    document = io.BytesIO()
    with Pdf.open(io.BytesIO(papers.by_hand())) as whole:
        whole.save(document, encryption=locked)
    assert refusal(document.getvalue()) == reasons.PROTECTED


def test_an_animated_png_is_refused() -> None:
    frames = [pictures.noise(), pictures.noise()]
    assert refusal(pictures.png(frames[0], save_all=True, append_images=frames[1:])) == reasons.ANIMATED
