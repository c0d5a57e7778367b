"""A provider's page, of its catalogue: how honest it is by country, how fresh and whole it is, what is held."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db.models import QuerySet

from console.sparks import Spark, line
from inventory.catalogue import honesty, kinds
from inventory.catalogue.score import WINDOW, Score
from inventory.models import CatalogueRun, Honesty, Provider, RunEnd, SourcingStop
from numbering.countries import name_of

LATEST = 10
_FLOOR = 0.5  # the axis of the small picture begins there, or at the least


class Place(NamedTuple):
    """One country."""

    name: str
    score: Score | None
    spark: Spark | None
    stop: SourcingStop | None

    @property
    def percent(self) -> dict[str, float]:
        """The score and its bounds."""
        bounds = ("share", "low", "high")
        return {} if self.score is None else {name: 100 * getattr(self.score, name) for name in bounds}


def context(provider: Provider) -> dict[str, Any]:
    """For `console/catalogue/provider.html`: a fixed number of queries."""
    last = kinds.last_runs(provider)
    sold = [run for run in last if run.seen or run.missing or run.state not in (RunEnd.COMPLETE, RunEnd.SAMPLED)]
    return {
        "places": _places(provider),
        "kinds": sorted(sold, key=lambda run: (run.country, run.number_type, run.area_code)),
        "empty_kinds": len(last) - len(sold),
        "held": _runs(provider).filter(state=RunEnd.HELD),
        "latest": _runs(provider).exclude(state=RunEnd.HELD, seen=0)[:LATEST],
        "is_resting": kinds.is_resting(provider),
    }


def _runs(provider: Provider) -> "QuerySet[CatalogueRun]":
    return CatalogueRun.objects.filter(provider=provider).select_related("provider").order_by("-pk")


def _places(provider: Provider) -> list[Place]:
    """The worst first."""
    days = {country: rows for (_, country), rows in honesty.days_of(provider).items()}
    stops = {stop.country: stop for stop in SourcingStop.objects.filter(provider=provider, lifted_at=None)}
    found = [_place(country, days.get(country, []), stops.get(country)) for country in {*days, *stops}]
    return sorted(found, key=lambda place: (1.0 if place.score is None else place.score.share, place.name))


def _place(country: str, rows: Sequence[Honesty], stop: SourcingStop | None) -> Place:
    score = honesty.score_of(list(rows))
    return Place(name_of(country), score, _spark(rows) if score else None, stop)


def _spark(rows: Sequence[Honesty]) -> Spark:
    """The share of each day that was tried, from the earliest of the window to today."""
    last = honesty.today()
    shares = [_share_of(rows, last - timedelta(days=age)) for age in range(WINDOW - 1, -1, -1)]
    known = [share for share in shares if share is not None]
    low = min([*known, _FLOOR])
    return Spark(
        f"by day (drawn from {100 * low:.0f} to 100 %)", line(shares, low, 1.0), "", f"{100 * known[-1]:.0f} %"
    )


def _share_of(rows: Sequence[Honesty], day: date) -> float | None:
    of_day = [row for row in rows if row.day == day and row.listed]
    listed = sum(row.listed for row in of_day)
    return sum(row.purchasable for row in of_day) / listed if listed else None
