"""Small pictures: a line through a few values, for a glance beside the figures themselves."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

WIDTH, HEIGHT, EDGE = 168, 44, 6


class Spark(NamedTuple):
    """A small picture: a line through the values, and whiskers about it; `latest` says the last point in words."""

    name: str
    line: str
    whiskers: str
    latest: str


def line(values: Sequence[float | None], low: float, high: float) -> str:
    """Through what is known; a single value is a dot."""
    y = scale(low, high)
    known = [(x, y(value)) for x, value in zip(places(len(values)), values, strict=True) if value is not None]
    if len(known) == 1:
        return f"M{known[0][0]} {known[0][1]}h0"
    return "M" + "L".join(f"{x} {at}" for x, at in known) if known else ""


def places(count: int) -> list[float]:
    """Where each of so many values stands, from left to right."""
    step = (WIDTH - 2 * EDGE) / max(count - 1, 1)
    return [round(EDGE + step * number, 1) for number in range(count)]


def scale(low: float, high: float) -> Callable[[float], float]:
    """From a value to its height, counted from above."""
    span = (high - low) or 1.0
    return lambda value: round(HEIGHT - EDGE - (min(max(value, low), high) - low) / span * (HEIGHT - 2 * EDGE), 1)
