"""Reading what is too much for memory: rows from the database as they are needed."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db import connection

AT_ONCE = 5_000  # rows that are in memory


def streamed(question: str, values: Mapping[str, Any]) -> Iterator[Any]:
    """The rows of an answer, a few at a time, by a cursor of the server."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(question, values)
        while some := cursor.fetchmany(AT_ONCE):
            yield from some
