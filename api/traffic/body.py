"""The body of a bulk request: lines, gzipped or not, read one by one and never held as a whole."""

import gzip
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any, BinaryIO

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from api.errors import Refusal
from inventory.traffic.feeding import LONGEST_LINE

MOST_BYTES = 32 * 1024 * 1024  # as sent
MOST_UNPACKED = 256 * 1024 * 1024


class NdjsonParser(BaseParser):
    """The body as it comes: who asks for it reads it."""

    media_type = "application/x-ndjson"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        return stream


def lines(request: Request) -> Iterator[bytes]:
    """Each line; of one that is too long its beginning, which is too long as well.

    Raises Refusal where the body can't be unpacked, or unpacks to too much, and ParseError where it breaks off.
    """
    stream: Any = request.data or BytesIO()  # as NdjsonParser left it; an empty body comes to no parser
    source = _unpacked(stream, request.headers.get("Content-Encoding", "identity").lower())
    left = MOST_UNPACKED
    try:
        while line := source.readline(LONGEST_LINE + 2):
            yield line
            left -= len(line)
            while left >= 0 and not line.endswith(b"\n") and (line := source.readline(LONGEST_LINE)):
                left -= len(line)
            if left < 0:
                raise Refusal(20001, f"The body unpacks to more than {MOST_UNPACKED} bytes")
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ParseError(f"The body can't be unpacked to its end: {error}") from None
    except OSError:
        raise ParseError("The body breaks off before its end") from None


def _unpacked(stream: BinaryIO, encoding: str) -> BinaryIO:
    if encoding == "identity":
        return stream
    if encoding != "gzip":
        raise Refusal(20001, f"Content-Encoding {encoding!r:.40} is not read: send gzip, or none")
    return gzip.GzipFile(fileobj=stream)  # type: ignore[return-value]  # all of BinaryIO that is needed
