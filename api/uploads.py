"""Forms with a file, as the API takes them: `compliance.vault.intake` reads them."""

from typing import Any

from rest_framework.parsers import BaseParser, DataAndFiles
from rest_framework.request import Request

from api.errors import Refusal
from api.parameters import as_texts
from compliance.vault import intake
from compliance.vault.intake import FILE, MAX_FIELDS, MAX_OVERHEAD

__all__ = ["FILE", "MAX_FIELDS", "MAX_OVERHEAD", "UploadParser", "content_of", "is_upload"]


class UploadParser(BaseParser):
    """`multipart/form-data`; select it for the views that take files. Raises UnreadableUpload.

    The length needs no guard here: `check_length` has refused longer bodies before a byte of them was read.
    """

    media_type = intake.MEDIA_TYPE

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> "DataAndFiles[Any, Any]":
        http: Any = parser_context["request"]._request
        return DataAndFiles(*intake.read_form(http.META, stream))


def content_of(request: Request) -> bytes | None:
    """What the request's file holds; None: it has none. Raises Refusal 20001 for a file that was sent as text."""
    if any(as_texts(request.data).get(FILE, ())):
        raise Refusal(20001, f"{FILE} must be a file: send the form as {UploadParser.media_type}, with a filename")
    file = request.FILES.get(FILE)
    return None if file is None else b"".join(file.chunks())


def is_upload(request: Request) -> bool:
    """Whether the request says that it carries a form with a file."""
    return intake.is_upload(request.content_type)
