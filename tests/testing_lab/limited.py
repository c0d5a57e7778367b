"""Lines under other limits than those of the file."""

from collections.abc import Mapping
from dataclasses import replace

from testing_lab.line import Line


def under(line: Line, values: Mapping[tuple[str, str], float]) -> Line:
    """The line, with these limits in place of the file's."""
    rows = (replace(row, value=values.get((row.code, row.quantity), row.value)) for row in line.limit_rows)
    return replace(line, limit_rows=tuple(rows))
