"""JSON out, and the two ways of Twilio's APIs to write a moment."""

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import orjson
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from api.errors import Refusal


class OrjsonRenderer(BaseRenderer):
    """Plain dicts to JSON, about ten times as fast as the standard library."""

    media_type = "application/json"
    format = "json"
    charset = None  # JSON is UTF-8 (RFC 8259)

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return b"" if data is None else orjson.dumps(data, default=str)


class AlwaysJson(BaseContentNegotiation):
    """The path's suffix picks the format, never the Accept header: SDKs send none on DELETE and must not get 406."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        """Raises Refusal 20001 for a body that is neither a form nor JSON, or does not say what it is."""
        wanted = (request.content_type or "").split(";")[0].strip().lower()
        for parser in parsers:
            if parser.media_type == wanted:
                return parser
        spoken = " or ".join(parser.media_type for parser in parsers)
        raise Refusal(20001, f"The body must be {spoken}, not {wanted or 'without a Content-Type'}")

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


def rfc2822(moment: datetime | None) -> str | None:
    """v2010: "Thu, 30 Jul 2015 23:19:04 +0000"."""
    return None if moment is None else format_datetime(moment.astimezone(UTC))


def iso8601(moment: datetime | None) -> str | None:
    """The other APIs: "2019-07-30T22:29:24Z"."""
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def exact(moment: datetime | None) -> str | None:
    """Where a second is too long: "2019-07-30T22:29:24.018230Z"."""
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
