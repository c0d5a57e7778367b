"""SIDs that PostgreSQL draws itself, since many of these rows are made by one statement, not by Python."""

from typing import Any

from django.db import models
from django.db.models import Func, Q


class DrawnSid(Func):
    """The prefix and 32 lower-case hex digits, of which 122 bits are random. Needs no extension."""

    template = "('%(prefix)s' || replace(gen_random_uuid()::text, '-', ''))"
    output_field = models.TextField()

    def __init__(self, prefix: str) -> None:
        super().__init__(prefix=prefix)


class SidField(models.CharField):  # type: ignore[type-arg]  # fields are generic only in the stubs
    """A SID with this prefix, unique."""

    def __init__(self, prefix: str, **options: Any) -> None:
        self.prefix = prefix
        given: dict[str, Any] = {"max_length": 34, "unique": True, "editable": False, "db_default": DrawnSid(prefix)}
        super().__init__(**(given | options))

    def deconstruct(self) -> Any:
        name, path, _, options = super().deconstruct()
        return name, path, [self.prefix], options


def sid_shape(prefix: str) -> Q:
    """The condition of a constraint."""
    return Q(sid__regex=f"^{prefix}[0-9a-f]{{32}}$")
