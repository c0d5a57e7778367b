"""The contest as a plot in SVG, without a library: unfilled demand (logarithmic) over mean stock."""

import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from bench.restock.contest import Point

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 900, 420, 70, 30, 60, 50
COLOURS = ("#2563eb", "#8a94a6", "#d97706")
LOWEST, HIGHEST = 0.001, 1.0  # share of units not filled


def draw(title: str, groups: Mapping[str, Sequence[Point]], most: float) -> str:
    """The whole picture; points with more stock than `most` are left out."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        f'font-size="13" role="img" aria-label="{escape(title)}">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        _text(16, 22, title),
        *_axes(most),
    ]
    for index, (name, points) in enumerate(groups.items()):
        parts += [_dot(LEFT + 150 * index, 40, COLOURS[index]), _text(LEFT + 10 + 150 * index, 44, name)]
        shown = [each for each in points if each.stock <= most]
        parts += [_dot(_x(each.stock, most), _y(1 - each.fill), COLOURS[index]) for each in shown]
    return "\n".join([*parts, "</svg>\n"])


def _x(stock: float, most: float) -> float:
    return round(LEFT + stock / most * (WIDTH - LEFT - RIGHT), 1)


def _y(unfilled: float) -> float:
    share = math.log10(max(LOWEST, unfilled) / LOWEST) / math.log10(HIGHEST / LOWEST)
    return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)


def _axes(most: float) -> Iterable[str]:
    for mark in (0.001, 0.01, 0.1, 1.0):
        yield f'<line x1="{LEFT}" y1="{_y(mark)}" x2="{WIDTH - RIGHT}" y2="{_y(mark)}" stroke="#e2e5ea"/>'
        yield _text(12, _y(mark) + 4, f"{mark:.1%}")
    for part in range(5):
        yield _text(_x(most * part / 4, most) - 12, HEIGHT - 26, f"{most * part / 4:.0f}")
    yield _text(WIDTH / 2 - 160, HEIGHT - 8, "mean stock of all SKUs; upwards: share of units not filled")


def _dot(x: float, y: float, colour: str) -> str:
    return f'<circle cx="{x}" cy="{y}" r="4" fill="{colour}"/>'


def _text(x: float, y: float, text: str) -> str:
    return f'<text x="{x}" y="{y}" fill="#1f2937">{escape(text)}</text>'
