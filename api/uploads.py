"""A form with one file in it (RFC 7578), read into memory and nowhere else.

Django's own handlers put larger files on the disk in clear, under an ending that the client chose. Here a file has no
name at all, there is one at most, and one that ends early or can't be read is refused instead of forgotten. Its length
needs no guard of its own: `check_length` has refused longer bodies before a byte of them was read.
"""

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.utils.http import parse_header_parameters
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, DataAndFiles
from rest_framework.request import Request

from api.errors import Refusal
from api.parameters import as_texts

FILE = "File"
MAX_FIELDS = 20
#: Beside the file: boundaries, headers, and attributes (whose own limit is far below).
MAX_OVERHEAD = 256 * 1024


class UploadParser(BaseParser):
    """`multipart/form-data`; select it for the views that take files. Raises Refusal 20001."""

    media_type = "multipart/form-data"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> "DataAndFiles[Any, Any]":
        http: Any = parser_context["request"]._request
        try:
            fields, files = _Nameless(http.META, stream, [_OneInMemory()], "utf-8").parse()
        except MultiPartParserError as error:
            raise ParseError(f"The form can't be read: {error}") from None
        if sum(len(values) for _, values in fields.lists()) > MAX_FIELDS:
            raise Refusal(20001, f"At most {MAX_FIELDS} fields are read beside a file")
        return DataAndFiles(fields, files)


class _Nameless(MultiPartParser):
    """Whatever the client calls its file: nobody here will know."""

    _boundary: bytes
    _input_data: Any

    def parse(self) -> tuple[Any, Any]:
        """The fields and files. Raises MultiPartParserError.

        Django passes over a part whose head it can't read, as one with a file's name in Latin-1: the customer would
        hear of a success and have no file.
        """
        body = self._input_data.read()
        for part in body.split(b"--" + self._boundary)[1:]:
            head = part.partition(b"\r\n\r\n")[0]
            if not (part.startswith(b"--") or _is_read(head)):
                raise MultiPartParserError("each part needs a Content-Disposition with a name, in UTF-8")
        self._input_data = BytesIO(body)
        return super().parse()

    def sanitize_file_name(self, file_name: str) -> str:
        return "file"


def _is_read(head: bytes) -> bool:
    """Whether a field's name stands in it (RFC 7578, 4.2), where Django reads it."""
    try:
        fields = dict(line.lower().split(":", 1) for line in head.decode().split("\r\n") if ":" in line)
        return "name" in parse_header_parameters(fields.get("content-disposition", ""))[1]
    except ValueError:
        return False


class _OneInMemory(FileUploadHandler):
    content: BytesIO | None = None

    def new_file(self, field_name: str, *args: Any, **kwargs: Any) -> None:
        super().new_file(field_name, *args, **kwargs)
        if field_name != FILE:
            raise Refusal(20001, f"A file is taken as the field {FILE} only")
        if self.content is not None:
            raise Refusal(20001, f"One file is taken, as the field {FILE}: put several pages into one PDF")
        self.content = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._content.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        self._content.seek(0)
        return InMemoryUploadedFile(self._content, FILE, "file", "", file_size, None)

    def upload_interrupted(self) -> None:
        raise Refusal(20001, "The upload ended before the file did: send it again")

    @property
    def _content(self) -> BytesIO:
        if self.content is None:
            raise AssertionError("no file has begun")
        return self.content


def content_of(request: Request) -> bytes | None:
    """What the request's file holds; None: it has none. Raises Refusal 20001 for a file that was sent as text."""
    if any(as_texts(request.data).get(FILE, ())):
        raise Refusal(20001, f"{FILE} must be a file: send the form as {UploadParser.media_type}, with a filename")
    file = request.FILES.get(FILE)
    return None if file is None else b"".join(file.chunks())


def is_upload(request: Request) -> bool:
    """Whether the request says that it carries a form with a file."""
    return (request.content_type or "").partition(";")[0].strip().lower() == UploadParser.media_type
