"""PDFs: every page under a line of text; forms and notes become part of the page, and whatever acts is taken out."""

import codecs
import re
from io import BytesIO

import pikepdf

MOST_PAGES = 200
_WINANSI = codecs.lookup("cp1252")  # now: in the child nothing can be loaded once it is needed
_ACTING = ("/OpenAction", "/AA", "/Names", "/AcroForm", "/URI", "/Outlines", "/Collection")
_TELLING = ("/Metadata", "/PieceInfo")  # XMP is metadata too, and to keep it in step pikepdf would read XML


def mark(octets: bytes, text: str) -> bytes:
    """The PDF with the text across each page. Raises ValueError if it has too many; what pikepdf raises."""
    with pikepdf.open(BytesIO(octets)) as pdf:
        if len(pdf.pages) > MOST_PAGES:
            raise ValueError("too many pages")
        _flatten(pdf)
        for page in pdf.pages:
            _mark_page(pdf, pikepdf.Page(page), text)
        out = BytesIO()
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


def _flatten(pdf: pikepdf.Pdf) -> None:
    """What lies above the page is drawn into it, so that nothing covers the mark; nothing runs when it is opened."""
    pdf.generate_appearance_streams()
    pdf.flatten_annotations("all")
    for name in _ACTING + _TELLING:
        if name in pdf.Root:
            del pdf.Root[name]
    if "/Info" in pdf.trailer:
        del pdf.trailer["/Info"]
    for page in pdf.pages:
        for name in ("/Annots", "/AA", *_TELLING):
            if name in page:
                del page[name]


def _mark_page(pdf: pikepdf.Pdf, page: pikepdf.Page, text: str) -> None:
    left, bottom, right, top = (float(edge) for edge in page.mediabox)
    width, height = abs(right - left), abs(top - bottom)
    sheet = pikepdf.Pdf.new()
    sheet.add_blank_page(page_size=(width, height))
    drawn = sheet.pages[0]
    drawn.Resources = pikepdf.Dictionary(
        Font=pikepdf.Dictionary(
            F=pikepdf.Dictionary(
                Type=pikepdf.Name.Font,
                Subtype=pikepdf.Name.Type1,
                BaseFont=pikepdf.Name("/Helvetica-Bold"),
                Encoding=pikepdf.Name.WinAnsiEncoding,
            )
        ),
        ExtGState=pikepdf.Dictionary(G=pikepdf.Dictionary(ca=0.45, CA=0.45)),
    )
    drawn.Contents = sheet.make_stream(_content(width, height, text))
    page.add_overlay(drawn, pikepdf.Rectangle(left, bottom, right, top))


def _content(width: float, height: float, text: str) -> bytes:
    """Six lines of the text (PDF 32000-1, 9.4) that fit the width: Helvetica is about half as wide as high."""
    size = max(5.0, min(28.0, width * 0.9 / (0.56 * max(len(text), 1))))
    escaped = re.sub(rb"([\\\\()])", rb"\\\1", _WINANSI.encode(text, "replace")[0])
    lines = b"".join(
        b"1 0 0 1 %.2f %.2f Tm (%s) Tj " % (width * 0.05, height * (row + 0.4) / 6, escaped) for row in range(6)
    )
    return b"/G gs 0.65 0 0 rg BT /F %.2f Tf %sET" % (size, lines)
