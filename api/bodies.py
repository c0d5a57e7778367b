"""The words in which the bodies of our answers are described, and their JSON schema (OpenAPI 3.0).

A body is a TypedDict beside the function that fills it: mypy holds the two together, and the document is made of it.
"""

from collections.abc import Callable
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    NamedTuple,
    NotRequired,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)


class Keyword(NamedTuple):
    """One keyword of JSON schema, with its value (a tuple, where the schema has a list)."""

    name: str
    value: str | tuple[str, ...]


Sid = Annotated[str, Keyword("pattern", r"^[A-Z]{2}[0-9a-f]{32}$")]
PhoneNumberText = Annotated[str, Keyword("pattern", r"^\+[1-9][0-9]{6,14}$")]
CountryCode = Annotated[str, Keyword("pattern", r"^[A-Z]{2}$")]
Decimals = Annotated[str, Keyword("pattern", r"^-?[0-9]+(\.[0-9]+)?$")]
Rfc2822 = Annotated[str, Keyword("format", "date-time-rfc-2822")]
Iso8601 = Annotated[str, Keyword("format", "date-time")]
Instant = Annotated[str, Keyword("pattern", r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{6}Z$")]  # RFC 3339 too

#: How another body is referred to.
Refer = Callable[[Any], dict[str, Any]]
_PLAIN: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    Any: {},
}


def name_of(body: Any) -> str:
    """The name of a body in the document."""
    return str(body.__name__).removesuffix("Body")


def object_schema(body: Any, refer: Refer) -> dict[str, Any]:
    """The schema of a body, its fields and which of them are always there."""
    fields = get_type_hints(body, include_extras=True)
    return {
        "type": "object",
        "description": (body.__doc__ or "").splitlines()[0],
        "properties": {name: _schema(kind, refer) for name, kind in fields.items()},
        "required": [name for name in fields if name in body.__required_keys__],
    }


def _schema(kind: Any, refer: Refer) -> dict[str, Any]:
    if is_typeddict(kind):
        return refer(kind)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is None:
        return _PLAIN[kind]
    if origin in (UnionType, Union):  # all of ours are with None
        return _schema(next(each for each in arguments if each is not NoneType), refer) | {"nullable": True}
    return _OF_ORIGIN[origin](arguments, refer)


def _keyword(keyword: Keyword) -> dict[str, Any]:
    name, value = keyword
    return {name: list(value) if isinstance(value, tuple) else value}


_OF_ORIGIN: dict[Any, Callable[[Any, Refer], dict[str, Any]]] = {
    Annotated: lambda arguments, refer: _schema(arguments[0], refer) | _keyword(arguments[1]),
    NotRequired: lambda arguments, refer: _schema(arguments[0], refer),
    Literal: lambda arguments, refer: {"type": "string", "enum": list(arguments)},
    list: lambda arguments, refer: {"type": "array", "items": _schema(arguments[0], refer)},
    dict: lambda arguments, refer: {"type": "object", "additionalProperties": _schema(arguments[1], refer)},
}
