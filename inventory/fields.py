"""Column types that Django lacks."""

from typing import Any

from django.db import models


class RealField(models.FloatField):  # type: ignore[type-arg]  # fields are generic only in the stubs
    """A 4-byte float: enough for a random order, and half the index of a double."""

    def db_type(self, connection: Any) -> str:
        return "real"
