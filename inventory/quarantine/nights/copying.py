"""Rows between PostgreSQL and numpy by binary COPY, without a Python object for any of them.

In that form (https://www.postgresql.org/docs/current/sql-copy.html) each value stands after its length: where no column
is null and none is of varying length, all rows are equally long, and a table is an array.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db.backends.utils import CursorWrapper

#: Columns by name, each as a type of PostgreSQL; `text20` is text of exactly so many octets.
Columns = Mapping[str, str]
Table = npt.NDArray[np.void]

DATE_ZERO = 730_120  # the ordinal of 2000-01-01, PostgreSQL's day 0
INFINITY = 2**31 - 1  # the date 'infinity': what a null day is sent as
_WIRE = {"int2": ">i2", "int4": ">i4", "int8": ">i8", "float8": ">f8", "date": ">i4", "bool": "?"}
_SIGNATURE = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_TRAILER = b"\xff\xff"


def read(cursor: CursorWrapper, query: str, parameters: Mapping[str, Any], columns: Columns) -> dict[str, Any]:
    """The query's columns as arrays. Raises ValueError if it gives others, or a null."""
    with cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT BINARY)", parameters) as copy:
        data = b"".join(copy)
    layout = _layout(columns)
    rows, rest = divmod(len(data) - len(_SIGNATURE) - len(_TRAILER), layout.itemsize)
    if rest or not data.startswith(_SIGNATURE):
        raise ValueError(f"not rows of {', '.join(columns)}")
    table = np.frombuffer(data, layout, rows, len(_SIGNATURE))
    if any((table[f"#{name}"] != layout[name].itemsize).any() for name in columns):
        raise ValueError(f"a null, or a text of another length, in {', '.join(columns)}")
    return {name: _native(table[name], columns[name]) for name in columns}


def write(cursor: CursorWrapper, into: str, columns: Columns, arrays: Mapping[str, Any]) -> None:
    """Append rows to a table whose columns are just these."""
    layout = _layout(columns)
    table: Table = np.zeros(len(arrays[next(iter(columns))]), layout)
    table["#"] = len(columns)
    for name, kind in columns.items():
        table[f"#{name}"] = layout[name].itemsize
        table[name] = np.where(arrays[name] > 0, arrays[name] - DATE_ZERO, INFINITY) if kind == "date" else arrays[name]
    with cursor.copy(f"COPY {into} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.write(b"".join((_SIGNATURE, table.tobytes(), _TRAILER)))


def declared(columns: Columns) -> str:
    """The columns as in CREATE TABLE."""
    return ", ".join(f"{name} {kind}" for name, kind in columns.items())


def _layout(columns: Columns) -> "np.dtype[np.void]":
    values = [((f"#{name}", ">i4"), (name, _wire(kind))) for name, kind in columns.items()]
    return np.dtype([("#", ">i2"), *(each for pair in values for each in pair)])


def _wire(kind: str) -> str:
    return f"S{kind.removeprefix('text')}" if kind.startswith("text") else _WIRE[kind]


def _native(column: npt.NDArray[Any], kind: str) -> npt.NDArray[Any]:
    """In the machine's own order of octets; days as ordinals, 0 for infinity."""
    if kind == "date":
        days = column.astype(np.int64)
        return np.where(days == INFINITY, 0, days + DATE_ZERO)
    if kind.startswith("int"):
        return column.astype(np.int64)
    return column.astype(column.dtype.newbyteorder("="))
