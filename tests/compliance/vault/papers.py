"""PDFs as offices, scanners and attackers make them."""

import re
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

from tests.compliance.vault.pictures import jpeg, noise

Change = Callable[[Pdf], None]


def pdf(change: Change | None = None, pages: int = 1, **options: Any) -> bytes:
    """A PDF with so many pages of text, changed, and saved with pikepdf's options."""
    document = pikepdf.new()
    for number in range(pages):
        page = document.add_blank_page(page_size=(595, 842))
        page.Contents = document.make_stream(b"BT /F1 12 Tf 72 720 Td (Rechnung %d) Tj ET" % number)
        page.Resources = Dictionary(Font=Dictionary(F1=helvetica(document)))
    if change:
        change(document)
    return saved(document, **options)


def saved(document: Pdf, **options: Any) -> bytes:
    written = BytesIO()
    kept: dict[str, Any] = {"compress_streams": False, "stream_decode_level": pikepdf.StreamDecodeLevel.none}
    document.save(written, **{**kept, **options})
    return written.getvalue()


def helvetica(document: Pdf) -> Any:
    return document.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))


def scanned(pages: int = 4) -> bytes:
    """As scanners write it: each page a JPEG."""
    written = BytesIO()
    first, *others = [noise(620, 877) for _ in range(pages)]
    first.save(written, "PDF", save_all=True, append_images=others, resolution=75)
    return written.getvalue()


def by_hand(version: bytes = b"1.4", body: bytes = b"") -> bytes:
    """A PDF with a table of references, written out."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R " + body + b" >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
    ]
    written, places = b"%PDF-" + version + b"\n%\xe2\xe3\xcf\xd3\n", []
    for number, text in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%b\nendobj\n" % (number, text)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(written)
    written += b"xref\n0 4\n0000000000 65535 f \n" + table
    return written + b"trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start


def updated(original: bytes, catalogue: bytes = b"/Lang (de)") -> bytes:
    """An incremental update (ISO 32000-2, 7.5.6): the catalogue once more, and a table that refers to the first."""
    before = re.findall(rb"startxref\s+(\d+)", original)[-1]
    text = b"1 0 obj\n<< /Type /Catalog /Pages 2 0 R " + catalogue + b" >>\nendobj\n"
    place, start = len(original), len(original) + len(text)
    trailer = b"trailer\n<< /Size 4 /Root 1 0 R /Prev %b >>\nstartxref\n%d\n%%%%EOF\n" % (before, start)
    return original + text + b"xref\n1 1\n%010d 00000 n \n" % place + trailer


def archival(*, with_attachment: bool = False) -> bytes:
    """PDF/A with its XMP; PDF/A-3 carries its source as an associated file."""

    def change(document: Pdf) -> None:
        with document.open_metadata() as metadata:
            metadata["pdfaid:part"], metadata["pdfaid:conformance"] = ("3" if with_attachment else "2"), "B"
            metadata["dc:title"] = "Rechnung"
        if with_attachment:
            attach(document)

    return pdf(change)


def attach(document: Pdf) -> None:
    document.attachments["factur-x.xml"] = b"<Invoice/>"


def action(**entries: Any) -> Dictionary:
    return Dictionary(Type=Name.Action, **entries)


def on_click(document: Pdf, acting: Dictionary) -> None:
    """A link on the first page."""
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 100, 100]), A=acting)
    document.pages[0].Annots = Array([document.make_indirect(link)])


def annotated(subtype: str) -> Change:
    def change(document: Pdf) -> None:
        annotation = Dictionary(Type=Name.Annot, Subtype=Name(subtype), Rect=Array([0, 0, 9, 9]))
        document.pages[0].Annots = Array([annotation])

    return change


def clicked(**entries: Any) -> Change:
    return lambda document: on_click(document, action(**entries))


def opening(value: Any) -> Change:
    def change(document: Pdf) -> None:
        document.Root.OpenAction = value

    return change


def with_script(document: Pdf) -> None:
    document.Root.Names = Dictionary(
        JavaScript=Dictionary(Names=Array([String("x"), action(S=Name.JavaScript, JS=String("app.alert(1)"))]))
    )


def with_form(document: Pdf) -> None:
    """Filled in, without a script: as authorities hand them out."""
    field = Dictionary(
        FT=Name.Tx, T=String("name"), V=String("Acme"), Type=Name.Annot, Subtype=Name.Widget, Rect=Array([0, 0, 99, 20])
    )
    made = document.make_indirect(field)
    document.pages[0].Annots = Array([made])
    document.Root.AcroForm = Dictionary(Fields=Array([made]), NeedAppearances=True)


def with_stream(data: bytes, **entries: Any) -> Change:
    def change(document: Pdf) -> None:
        document.Root.Odd = document.make_indirect(Stream(document, data, **entries))

    return change


def packed(data: bytes) -> Change:
    return with_stream(zlib.compress(data, 1), Filter=Name.FlateDecode)


def runs(octets: int) -> bytes:
    """So many zeros in LZW (ISO 32000-2, 7.4.4): each code stands for a run one longer than the code before."""
    widths = {code: next(w for w in (9, 10, 11, 12) if code + 1 < 2**w or w == 12) for code in range(258, 4094)}
    one_round = f"{0:09b}" + "".join(f"{code:0{width}b}" for code, width in widths.items()) + f"{256:012b}"
    octets_of_one = 1 + sum(code - 256 for code in widths)
    bits = f"{256:09b}" + one_round * (octets // octets_of_one) + f"{257:09b}"
    return int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8), "big")


def with_picture(width: int, height: int, data: bytes | None = None, **entries: Any) -> Change:
    facts = {"Type": Name.XObject, "Subtype": Name.Image, "Width": width, "Height": height, "BitsPerComponent": 8}
    shown = {**facts, "ColorSpace": Name.DeviceRGB, "Filter": Name.DCTDecode, **entries}
    return with_stream(jpeg() if data is None else data, **shown)
