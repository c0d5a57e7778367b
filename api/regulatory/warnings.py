"""What is kept although nothing here knows it: the customer is told, under our own key."""

from collections.abc import Iterable, Mapping
from typing import Any, TypedDict

from compliance.rulebook.catalogue import Field


class WarningBody(TypedDict):
    """Something that was taken as it is, and may not do."""

    code: str
    field: str
    message: str


class WarningsBody(TypedDict):
    """What Twilio's form of the resource has no place for."""

    warnings: list[WarningBody]


def unlisted(attributes: Mapping[str, Any], fields: Iterable[Field], of: str) -> list[WarningBody]:
    """A warning for each attribute that is no field of the type. It names the field, never its value."""
    known = {field.machine_name for field in fields}
    return [
        warning("field_not_listed", name, f"{of} have no such field: it is kept, and not looked at")
        for name in attributes
        if name not in known
    ]


def warning(code: str, field: str, message: str) -> WarningBody:
    """One warning."""
    return {"code": code, "field": field, "message": message}
