"""Statements that PostgreSQL plans once for each connection: to plan a search takes as long as to run it.

One plan for all values is no loss here, for the statement's text already decides which index is walked. That PostgreSQL
prepares at once and keeps to the one plan is a matter of the connection's settings (config.settings.base): Django's own
cursors write their values into the text and never prepare.
"""

from collections.abc import Mapping
from typing import Any

import psycopg
from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg.types.numeric import Int8


def fetch_all(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """All rows of a statement, under Django's care as any other: logged, counted, its errors those of django.db."""
    connection.ensure_connection()
    with _cursor() as cursor:
        cursor.execute(statement, {name: _typed(value) for name, value in values.items()})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _cursor() -> CursorWrapper:
    """A cursor of psycopg that prepares; when Django keeps a log, its own, for the log wants the values in the text."""
    if connection.queries_logged:
        return connection.cursor()
    return connection.make_cursor(psycopg.Cursor(connection.connection))  # type: ignore[arg-type]  # the stubs mean the driver's


def _typed(value: Any) -> Any:
    """Integers always of the same type: psycopg picks one by their size, and for each there would be another plan."""
    if type(value) is int:
        return Int8(value)
    if type(value) is list and value and type(value[0]) is int:
        return [Int8(each) for each in value]
    return value
