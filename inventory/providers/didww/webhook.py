"""Whether a callback is DIDWW's own: HMAC-SHA1 of its URL and its fields. It has no time, so a replay is as good as
the first; all that it can do is make us ask."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from didww.callback.request_validator import RequestValidator

MOST_FIELDS = 20


def order_of(headers: Mapping[str, str], body: bytes, *, url: str, secret: str) -> str | None:
    """The vendor's id of the order that a genuine callback is about, else None. `url` is the one that it was given."""
    signature = {name.lower(): value for name, value in headers.items()}.get("x-didww-signature", "")
    try:
        fields = dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        return None
    if not (secret and url and signature.isascii()):
        return None  # with no secret anybody could sign
    if not RequestValidator(secret).validate(url, fields, signature):
        return None
    return fields.get("id") if fields.get("type") == "orders" else None
