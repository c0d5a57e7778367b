"""A form with one file in it (RFC 7578), read into memory and nowhere else: for every door that takes files.

Django's own handlers put larger files on the disk in clear, under an ending that the client chose. Here a file has no
name at all, there is one at most, and one that ends early or can't be read is refused instead of forgotten. Whoever
calls has refused bodies longer than `longest_body` before a byte of them was read.
"""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import QueryDict
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.utils.datastructures import MultiValueDict
from django.utils.http import parse_header_parameters
from django.utils.translation import gettext as _

from compliance.refusals import UnreadableUpload
from compliance.rulebook.catalogue import catalogue

MEDIA_TYPE = "multipart/form-data"
FILE = "File"
MAX_FIELDS = 20
#: Beside the file: boundaries, headers, and attributes (whose own limit is far below).
MAX_OVERHEAD = 256 * 1024


def longest_body() -> int:
    """Bytes that a form with a file may have."""
    return catalogue().files.max_bytes + MAX_OVERHEAD


def is_upload(content_type: str | None) -> bool:
    """Whether that is the type of a form with a file."""
    return (content_type or "").partition(";")[0].strip().lower() == MEDIA_TYPE


def read_form(
    meta: Mapping[str, Any], stream: Any, *, most_fields: int = MAX_FIELDS
) -> tuple[QueryDict, MultiValueDict[str, Any]]:
    """The fields and the file, as `FILE`, of a request's body. Raises UnreadableUpload."""
    try:
        fields, files = _Nameless(meta, stream, [_OneInMemory()], "utf-8").parse()
    except MultiPartParserError as error:
        raise UnreadableUpload(_("The form can't be read: %(why)s") % {"why": error}) from None
    if sum(len(values) for _, values in fields.lists()) > most_fields:
        raise UnreadableUpload(_("At most %(most)s fields are read beside a file") % {"most": most_fields})
    return fields, files


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
            raise UnreadableUpload(_("A file is taken as the field %(field)s only") % {"field": FILE})
        if self.content is not None:
            said = _("One file is taken, as the field %(field)s: put several pages into one PDF")
            raise UnreadableUpload(said % {"field": FILE})
        self.content = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._content.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        self._content.seek(0)
        return InMemoryUploadedFile(self._content, FILE, "file", "", file_size, None)

    def upload_interrupted(self) -> None:
        raise UnreadableUpload(_("The upload ended before the file did: send it again"))

    @property
    def _content(self) -> BytesIO:
        if self.content is None:
            raise AssertionError("no file has begun")
        return self.content
