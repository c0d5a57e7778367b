"""What a request may carry: a body of known and moderate length, in UTF-8, as a form or as JSON."""

from typing import Any

import orjson
from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from api.errors import Refusal


class OrjsonParser(BaseParser):
    """JSON (RFC 8259). Nesting beyond 1024 and lone surrogates are refused like any other nonsense."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            return orjson.loads(stream.read())
        except ValueError as error:
            raise ParseError(f"The body is not JSON: {error}") from None


def check_length(request: Request, limit: int | None = None, hint: str = "") -> None:
    """Refuse a body that is too long or of unknown length, before a byte of it is read. Raises Refusal 20001.

    WSGI reads as far as Content-Length says (PEP 3333), so a chunked body without one would count as empty. `limit`
    in bytes; Django's own unless given. `hint`: what else to say of a longer one.
    """
    limit = limit or settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length and request.META.get("HTTP_TRANSFER_ENCODING"):
        raise Refusal(20001, "The body has no Content-Length: send one, chunked bodies are not read")
    if length.isdecimal() and int(length) > limit:
        raise Refusal(20001, f"The body has {length} bytes; at most {limit} are allowed{hint and f'. {hint}'}")
