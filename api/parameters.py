"""Request parameters: PascalCase text in, our own words and types out.

A resource lists the `Parameter`s of each method; `read` returns the ones that were given, under our names. Unknown
parameters are ignored, as Twilio does. The same tables describe the parameters in the OpenAPI document.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.http import QueryDict

from accounts import outgoing
from api.errors import Refusal
from numbering.e164 import E164, InvalidNumber
from numbering.sids import is_sid

# PostgreSQL text holds no NUL, UTF-8 no lone surrogate.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class Format(NamedTuple):
    """How to read a text (`read` raises ValueError with the reason), and its JSON schema."""

    read: Callable[[str], Any]
    schema: dict[str, Any]


class Parameter(NamedTuple):
    """One parameter: Twilio's name, ours, its format, and the code when it can't be read."""

    name: str
    field: str
    format: Format
    code: int = 20001
    repeated: bool = False
    required: bool = False
    help: str = ""


def read(parameters: Iterable[Parameter], data: Any) -> dict[str, Any]:
    """The given parameters by our names. Raises Refusal with the parameter's code."""
    given = as_texts(data)
    values: dict[str, Any] = {}
    for parameter in parameters:
        texts = given.get(parameter.name)
        if not texts:
            if parameter.required:
                raise Refusal(parameter.code, f"{parameter.name} is required")
            continue
        values[parameter.field] = _value(parameter, texts)
    return values


def _value(parameter: Parameter, texts: list[str]) -> Any:
    try:
        if parameter.repeated:
            return [read_text(parameter.format, text) for text in texts]
        return read_text(parameter.format, texts[-1])
    except ValueError as error:
        raise Refusal(parameter.code, f"Invalid parameter {parameter.name}: {error}") from None


def read_text(format: Format, text: str) -> Any:
    """One value. Raises ValueError with the reason."""
    if _UNSTORABLE.search(text):
        raise ValueError("it holds a character that text can't hold")
    return format.read(text)


def as_texts(data: Any) -> Mapping[str, list[str]]:
    """A form or a query, or a JSON object with the same names, as lists of texts.

    Raises Refusal for any other JSON.
    """
    if isinstance(data, QueryDict):
        return {name: [value for value in values if isinstance(value, str)] for name, values in data.lists()}
    if not isinstance(data, Mapping):
        raise Refusal(20001, "The body must be a form or a JSON object")
    return {name: _texts(name, value) for name, value in data.items()}


def _texts(name: str, value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [_text(name, item) for item in values]


def _text(name: str, value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str() | int() | float():
            return str(value)
        case None:
            return ""
    raise Refusal(20001, f"Invalid parameter {name}: a text, a number or a boolean is expected")


def text(max_length: int = 256, *, min_length: int = 0) -> Format:
    """Any text of that many characters."""

    def parse(value: str) -> str:
        if not min_length <= len(value) <= max_length:
            least = f"{min_length} to" if min_length else "at most"
            raise ValueError(f"{least} {max_length} characters are allowed")
        return value

    return Format(parse, {"type": "string", "minLength": min_length, "maxLength": max_length})


def choice(*options: str) -> Format:
    """One of the options, in any letter case; ours is returned."""
    by_name = {option.lower(): option for option in options}

    def parse(value: str) -> str:
        if value.lower() not in by_name:
            raise ValueError(f"expected one of {', '.join(options)}")
        return by_name[value.lower()]

    return Format(parse, {"type": "string", "enum": list(options)})


def integer(minimum: int, maximum: int) -> Format:
    """A whole number within limits."""

    def parse(value: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,18}", value) or not minimum <= int(value) <= maximum:
            raise ValueError(f"expected a whole number from {minimum} to {maximum}")
        return int(value)

    return Format(parse, {"type": "integer", "minimum": minimum, "maximum": maximum})


def sid(prefix: str) -> Format:
    """A SID with this prefix; an empty text clears the setting."""

    def parse(value: str) -> str:
        if value and not is_sid(value, prefix):
            raise ValueError(f"expected {prefix} and 32 lower-case hex digits")
        return value

    return Format(parse, {"type": "string", "pattern": f"^({prefix}[0-9a-f]{{32}})?$"})


def _boolean(value: str) -> bool:
    if value.lower() not in ("true", "false"):
        raise ValueError("expected true or false")
    return value.lower() == "true"


def _e164(value: str) -> int:
    """An E.164 number. A plus sign that was not percent-encoded arrives as a space."""
    try:
        return E164.parse(f"+{value[1:]}" if value[:1] == " " else value).digits
    except InvalidNumber as error:
        raise ValueError(str(error)) from None


def _instant(value: str) -> datetime:
    """A moment in UTC (RFC 3339). A plus sign that was not percent-encoded arrives as a space."""
    try:
        moment = datetime.fromisoformat(value.replace(" ", "+") if "T" in value else value)
        at = moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        at = None
    if at is None:
        raise ValueError("expected a time as in ISO 8601 with its offset, such as 2026-11-21T09:30:00Z")
    return at


def _country(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{2}", value):
        raise ValueError("expected two letters of ISO 3166-1, such as DE")
    return value.upper()


any_text = Format(str, {"type": "string"})
boolean = Format(_boolean, {"type": "boolean"})
url = Format(outgoing.storable, {"type": "string", "format": "uri", "maxLength": 2048})
instant = Format(_instant, {"type": "string", "format": "date-time"})
country = Format(_country, {"type": "string", "pattern": "^[A-Za-z]{2}$"})
e164 = Format(_e164, {"type": "string", "pattern": r"^\+[1-9]\d{6,14}$"})
