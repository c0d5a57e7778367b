"""Charts of the console: what is drawn by `static/numberyard/js/charts.js`, and said beside it in a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple


class Series(NamedTuple):
    """Values of one colour (a token's name, such as "available"), one for each label; bars below zero point down."""

    label: str
    colour: str
    values: Sequence[int]

    @property
    def total(self) -> int:
        """Of all of them, as in the table: nothing there is below zero."""
        return sum(map(abs, self.values))


class Row(NamedTuple):
    """A line of the table: its label, and the value of each series with its name; `url`: what is behind the line."""

    label: str
    values: list[tuple[str, int]]
    url: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars over `labels`, one stack of `series` each. `name` is its id in the page; `across` says what the labels are.
    `urls`: what is behind each label, if anything is."""

    name: str
    title: str
    across: str
    labels: Sequence[str]
    series: Sequence[Series]
    urls: Sequence[str] = ()

    @property
    def document(self) -> dict[str, Any]:
        """What the script draws."""
        series = [{"label": each.label, "colour": each.colour, "values": list(each.values)} for each in self.series]
        return {"labels": list(self.labels), "series": series}

    @property
    def document_id(self) -> str:
        """Where it stands in the page."""
        return f"{self.name}-data"

    @property
    def rows(self) -> list[Row]:
        """The table says the same."""
        urls = self.urls or [""] * len(self.labels)
        return [
            Row(label, [(each.label, abs(each.values[nth])) for each in self.series], urls[nth])
            for nth, label in enumerate(self.labels)
        ]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(each.total for each in self.series)
