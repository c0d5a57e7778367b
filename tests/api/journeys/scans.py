"""Papers as an office scanner makes them: honest PDFs and JPEGs."""

from io import BytesIO
from typing import NamedTuple

import pikepdf
from PIL import Image


class Scan(NamedTuple):
    """A file as a customer sends it: its name, what is in it, and what it is said to be."""

    name: str
    content: bytes
    mime_type: str


def pdf(pages: int = 1) -> Scan:
    """Blank pages of A4."""
    out = BytesIO()
    with pikepdf.new() as document:
        for _ in range(pages):
            document.add_blank_page(page_size=(595, 842))
        document.save(out)
    return Scan("register extract.pdf", out.getvalue(), "application/pdf")


def jpeg() -> Scan:
    """A grey page."""
    out = BytesIO()
    Image.new("RGB", (620, 877), (230, 230, 225)).save(out, "JPEG")
    return Scan("Straße 1.jpg", out.getvalue(), "image/jpeg")
