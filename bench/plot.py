"""A plot in SVG, without a library: for each kind two bars from p50 to p99, on a logarithmic scale of milliseconds."""

import math
from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

LEFT, RIGHT, TOP, ROW = 190, 40, 58, 34
WIDTH = 900
LOWEST, HIGHEST = 0.1, 1_000.0  # milliseconds
COLOURS = ("#8a94a6", "#2563eb")


class Span(NamedTuple):
    """Milliseconds: from the median to what one in a hundred exceeds."""

    p50: float
    p99: float


class Row(NamedTuple):
    """One kind: a span for each of the names in the legend, and the p99 to stay below."""

    label: str
    spans: Sequence[Span]
    goal: float


def draw(title: str, names: Sequence[str], rows: Sequence[Row]) -> str:
    """The whole picture."""
    height = TOP + ROW * len(rows) + 34
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" '
        f'font-size="13" role="img" aria-label="{escape(title)}">',
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        _text(16, 22, title, weight="bold"),
        *_legend(names),
        *_grid(height),
    ]
    for index, row in enumerate(rows):
        parts += _row(row, TOP + ROW * index)
    return "\n".join([*parts, "</svg>\n"])


def _x(milliseconds: float) -> float:
    """Where a time is on the scale; one beyond an end is drawn at that end."""
    from_left = math.log10(max(LOWEST, min(HIGHEST, milliseconds)) / LOWEST) / math.log10(HIGHEST / LOWEST)
    return round(LEFT + from_left * (WIDTH - LEFT - RIGHT), 1)


def _grid(height: int) -> Iterable[str]:
    mark = LOWEST
    while mark <= HIGHEST:
        x = _x(mark)
        yield f'<line x1="{x}" y1="{TOP - 6}" x2="{x}" y2="{height - 30}" stroke="#e2e5ea"/>'
        yield _text(x, height - 12, f"{mark:g} ms", anchor="middle")
        mark *= 10


def _legend(names: Sequence[str]) -> Iterable[str]:
    for index, (name, colour) in enumerate(zip(names, COLOURS, strict=True)):
        x = LEFT + 110 * index
        yield f'<rect x="{x}" y="32" width="14" height="10" fill="{colour}"/>'
        yield _text(x + 20, 42, name)
    yield _text(WIDTH - RIGHT, 42, "left end p50, right end p99, red: goal for the p99", anchor="end")


def _row(row: Row, y: int) -> Iterable[str]:
    yield _text(LEFT - 12, y + 20, row.label, anchor="end")
    for index, (span, colour) in enumerate(zip(row.spans, COLOURS, strict=True)):
        start, end = _x(span.p50), _x(span.p99)
        width = max(3.0, round(end - start, 1))
        yield f'<rect x="{start}" y="{y + 6 + 11 * index}" width="{width}" height="9" rx="2" fill="{colour}"/>'
    goal = _x(row.goal)
    yield f'<line x1="{goal}" y1="{y + 4}" x2="{goal}" y2="{y + 28}" stroke="#dc2626" stroke-width="2"/>'


def _text(x: float, y: float, text: str, *, anchor: str = "start", weight: str = "normal") -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-weight="{weight}" fill="#1f2937">{escape(text)}</text>'
