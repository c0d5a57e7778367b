"""How each provider did, country by country and week by week: the worst first, small pictures side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from math import floor
from typing import Any, NamedTuple

from django import forms
from django.http import QueryDict

from console.sparks import Spark, line, places, scale
from inventory.models import Provider
from inventory.yard.countries import choices
from testing_lab.registry import titles
from testing_lab.services.scorecard import Row, scorecard

MOST = 40
SPANS = ((4, "4 weeks"), (8, "8 weeks"), (12, "12 weeks"))
PDD, MOS = "V02", "V05"
_GOOD, _FAIR = 0.99, 0.95
_BEST_MOS = 5.0


def _providers() -> list[tuple[str, str]]:
    return [("", "all"), *Provider.objects.order_by("name").values_list("slug", "name")]


def _countries() -> list[tuple[str, str]]:
    return [("", "all"), *choices()]


class ScorecardForm(forms.Form):
    """What to look at; everything may be left out."""

    provider = forms.ChoiceField(choices=_providers, required=False)
    country = forms.ChoiceField(choices=_countries, required=False)
    weeks = forms.ChoiceField(choices=SPANS, required=False)


@dataclass(frozen=True, slots=True)
class Cell:
    """One test in one week; `row` is None where nothing was judged."""

    code: str
    row: Row | None

    @property
    def percent(self) -> float | None:
        """Passed, of those judged."""
        return None if self.row is None or self.row.pass_rate is None else 100 * self.row.pass_rate

    @property
    def kind(self) -> str:
        """For its colour, which the figure in it repeats."""
        if self.percent is None:
            return "none"
        return "good" if self.percent >= 100 * _GOOD else "fair" if self.percent >= 100 * _FAIR else "poor"


class Week(NamedTuple):
    """A week of one card."""

    monday: date
    rate: float | None
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Card:
    """One provider in one country over one route, latest week first."""

    provider: str
    country: str
    route: str
    codes: list[tuple[str, str]]
    weeks: list[Week]
    sparks: list[Spark]

    @property
    def order(self) -> tuple[float, str, str, str]:
        """The worst of the latest week first."""
        rate = self.weeks[0].rate
        return (1.0 if rate is None else rate), self.provider, self.country, self.route


def context(asked: QueryDict) -> dict[str, Any]:
    """For `console/lab/scorecard.html`: of the last weeks what a worker has read, of older ones one statement."""
    form = ScorecardForm(asked, label_suffix="")
    given: dict[str, str] = form.cleaned_data if form.is_valid() else {}
    rows = scorecard(
        provider=Provider.objects.filter(slug=given.get("provider", "")).first() if given.get("provider") else None,
        country=given.get("country") or None,
        weeks=int(given.get("weeks") or SPANS[0][0]),
    )
    found = _by_card(rows)
    axis = _axis_from([rows for _, rows in found])
    cards = sorted((_card(*key, rows, axis) for key, rows in found), key=lambda card: card.order)
    return {"form": form, "cards": cards[:MOST], "left_out": max(0, len(cards) - MOST)}


def _by_card(rows: Sequence[Row]) -> list[tuple[tuple[str, str, str], list[Row]]]:
    def key(row: Row) -> tuple[str, str, str]:
        return row.provider, row.country, row.route

    return [(one, list(found)) for one, found in groupby(sorted(rows, key=key), key=key)]


def _axis_from(cards: Sequence[list[Row]]) -> float:
    """Where the axis of pass rates begins, the same on every card so that they compare: the least of all, in whole
    percents, and 95 % at most."""
    rates = (_rate(rows, monday) for rows in cards for monday in {row.week for row in rows})
    least = min((rate for rate in rates if rate is not None), default=1.0)
    return min(floor(100 * least) / 100, _FAIR)


def _card(provider: str, country: str, route: str, rows: list[Row], axis: float) -> Card:
    codes = sorted({row.code for row in rows})
    of = {(row.week, row.code): row for row in rows}
    mondays = sorted({row.week for row in rows}, reverse=True)
    weeks = [Week(day, _rate(rows, day), [Cell(code, of.get((day, code))) for code in codes]) for day in mondays]
    names = titles()
    return Card(
        provider,
        country,
        route,
        [(code, names.get(code, "")) for code in codes],
        weeks,
        _sparks(weeks[::-1], of, axis),
    )


def _rate(rows: list[Row], monday: date) -> float | None:
    passed = sum(row.passed for row in rows if row.week == monday)
    judged = passed + sum(row.failed for row in rows if row.week == monday)
    return passed / judged if judged else None


def _sparks(weeks: list[Week], of: dict[tuple[date, str], Row], axis: float) -> list[Spark]:
    """Earliest week first: the pass rate of all tests from `axis` on, post-dial delay, MOS."""
    rates = [week.rate for week in weeks]
    latest = next((rate for rate in reversed(rates) if rate is not None), None)
    name = f"passed (drawn from {100 * axis:.0f} to 100 %)"
    found = [Spark(name, line(rates, axis, 1.0), "", f"{100 * latest:.1f} %" if latest is not None else "-")]
    for code, name, digits in ((PDD, "post-dial delay", 2), (MOS, "MOS", 2)):
        rows = [of.get((week.monday, code)) for week in weeks]
        known = [row for row in rows if row is not None and row.p50 is not None]
        if known:
            found.append(_percentiles(name, rows, known[-1], digits, _BEST_MOS if code == MOS else None))
    return found


def _percentiles(name: str, rows: list[Row | None], latest: Row, digits: int, best: float | None) -> Spark:
    highest = best or max((row.p95 or 0.0 for row in rows if row), default=0.0) or 1.0
    lowest = 1.0 if best else 0.0
    medians = [row.p50 if row else None for row in rows]
    y = scale(lowest, highest)
    whiskers = "".join(
        f"M{x} {y(row.p50)}V{y(row.p95)}"
        for x, row in zip(places(len(rows)), rows, strict=True)
        if row and row.p50 is not None and row.p95 is not None
    )
    words = (
        f"{latest.p50:.{digits}f}, 95 %: {latest.p95:.{digits}f} {latest.unit if latest.unit == 's' else ''}".strip()
    )
    return Spark(name, line(medians, lowest, highest), whiskers, words)
