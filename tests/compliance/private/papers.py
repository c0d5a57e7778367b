"""Files as customers upload them, and papers with a file."""

from io import BytesIO
from typing import Any

import pikepdf
from PIL import Image

from accounts.models import Account, User
from compliance.models import SupportingDocument
from compliance.vault import objects
from tests.factories import DocumentFactory, UserFactory


def picture(kind: str = "JPEG") -> bytes:
    """A grey page, with a comment in its metadata."""
    out = BytesIO()
    comment = {"comment": b"taken at home"} if kind == "JPEG" else {}
    Image.new("RGB", (640, 480), (230, 230, 225)).save(out, kind, **comment)
    return out.getvalue()


def pdf(*, pages: int = 2) -> bytes:
    """Pages that would run a script when they are opened."""
    with pikepdf.new() as document:
        for _ in range(pages):
            document.add_blank_page(page_size=(595, 842))
        document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
        out = BytesIO()
        document.save(out)
    return out.getvalue()


def paper(
    account: Account | None = None, *, octets: bytes | None = None, mime_type: str = "image/jpeg", **fields: Any
) -> SupportingDocument:
    """A document with a file in the vault."""
    file = objects.put(octets or picture(), mime_type=mime_type)
    owner = {"account": account} if account else {}
    row: SupportingDocument = DocumentFactory.create(file=file, **owner, **fields)
    return row


def reviewer(**fields: Any) -> User:
    """Staff, with no part in any account."""
    row: User = UserFactory.create(is_staff=True, **fields)
    return row
