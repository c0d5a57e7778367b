"""`Attributes`: what is told of an end user or of a paper, one JSON object in a form field."""

from collections.abc import Mapping
from typing import Any

import orjson

from api.parameters import Format, Parameter

MAX_CHARACTERS = 50_000
MAX_DEPTH = 5


def _attributes(text: str) -> dict[str, Any]:
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"at most {MAX_CHARACTERS} characters are allowed")
    try:
        found = orjson.loads(text or "{}")
    except ValueError:  # its words would repeat what the customer wrote
        raise ValueError("it is not JSON") from None
    if not isinstance(found, dict):
        raise ValueError('expected a JSON object, such as {"first_name": "Ada"}')  # noqa: TRY004 - of the text
    if _is_deeper(found, MAX_DEPTH):
        raise ValueError(f"at most {MAX_DEPTH} levels may be nested")
    return found


def _is_deeper(value: Any, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    within = value.values() if isinstance(value, Mapping) else value
    return levels == 0 or any(_is_deeper(each, levels - 1) for each in within)


ATTRIBUTES = Parameter(
    "Attributes",
    "attributes",
    Format(_attributes, {"type": "string", "maxLength": MAX_CHARACTERS}),
    code=22207,
    help="A JSON object: see the fields of the type.",
)
