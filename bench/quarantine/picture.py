"""The frontier as SVG: days held to the right, numbers sold dirty upwards; down and left is better."""

from collections.abc import Sequence
from html import escape

from bench.quarantine.contest import Point

WIDTH, HEIGHT, LEFT, BOTTOM = 760, 420, 60, 50
LONGEST = 140.0  # days


def draw(title: str, engine: Sequence[Point], fixed: Sequence[Point]) -> str:
    """The whole picture."""
    highest = max(point.dirty for point in (*engine, *fixed) if point.holding < LONGEST) * 1.1
    line = " ".join(_at(point, highest) for point in engine if point.holding < LONGEST)
    marks = [
        f'<circle cx="{x}" cy="{y}" r="5" fill="#dc2626"/>'
        f'<text x="{float(x) + 8:.1f}" y="{y}">{point.holding:g} days</text>'
        for point in fixed
        for x, y in [_at(point, highest).split(",")]
    ]
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
            f'font-size="13" role="img" aria-label="{escape(title)}">',
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
            f'<text x="16" y="22" font-weight="bold">{escape(title)}</text>',
            *_axes(highest),
            f'<polyline points="{line}" fill="none" stroke="#2563eb" stroke-width="2"/>',
            *marks,
            "</svg>\n",
        )
    )


def _at(point: Point, highest: float) -> str:
    x = LEFT + point.holding / LONGEST * (WIDTH - LEFT - 20)
    y = HEIGHT - BOTTOM - point.dirty / highest * (HEIGHT - BOTTOM - 40)
    return f"{x:.1f},{y:.1f}"


def _axes(highest: float) -> Sequence[str]:
    """A line and a label for each 20 days and each 5 per cent."""
    grid = []
    for days in range(0, int(LONGEST), 20):
        x, y = _at(Point(days, 0), highest).split(",")
        grid.append(f'<line x1="{x}" y1="40" x2="{x}" y2="{y}" stroke="#e2e5ea"/>')
        grid.append(f'<text x="{x}" y="{HEIGHT - 28}" text-anchor="middle">{days}</text>')
    for share in range(0, int(highest * 100) + 1, 5):
        x, y = _at(Point(0, share / 100), highest).split(",")
        grid.append(f'<line x1="{x}" y1="{y}" x2="{WIDTH - 20}" y2="{y}" stroke="#e2e5ea"/>')
        grid.append(f'<text x="{LEFT - 8}" y="{float(y) + 4:.1f}" text-anchor="end">{share} %</text>')
    names = "days held on average (line: the engine; dots: fixed periods); upwards: sold dirty"
    return [*grid, f'<text x="{WIDTH / 2}" y="{HEIGHT - 8}" text-anchor="middle">{names}</text>']
