"""Sellable stock against what should be there, country by country: the map of the console's home."""

from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import F, FloatField, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.utils import timezone

from inventory.levels.reading import expected, of_types, on_order
from inventory.levels.shelves import Breadth, Wanted, shelves
from inventory.lifecycle import State
from inventory.models import SkuState, StockTarget, WaitlistEntry, WaitState
from numbering.countries import name_of
from numbering.pictures import Picture

MOST = 2_000  # kinds of a country and a type: there are not so many
COMING = (State.SOURCED, State.TESTING)


class Aim(NamedTuple):
    """What the SKUs of a country want in all: their reorder points, and what is asked for in a day."""

    reorder_point: int
    daily: float


@dataclass(frozen=True, slots=True)
class CountryStock:
    """`reorder_point` None: no SKU; `target` 0: no stock target. `coming`: on order, in the lab, or out of quarantine
    within a week. `waiting`: numbers that the waitlist wants. `daily`: numbers asked for in a day, by the nights."""

    country: str
    on_sale: int
    reorder_point: int | None
    target: int
    coming: int
    daily: float
    waiting: int

    @property
    def name(self) -> str:
        """As people know it."""
        return name_of(self.country)

    @property
    def wanted(self) -> int:
        """So many should be on sale at least: the reorder points or the targets, whichever is more."""
        return max(self.reorder_point or 0, self.target)

    @property
    def days_of_cover(self) -> float | None:
        """How long what is on sale lasts at the demand of late; None where none is expected."""
        return self.on_sale / self.daily if self.daily else None

    @property
    def standing(self) -> str:
        """`out`: something should be on sale and nothing is; `low`: at or below the reorder point, or below the
        target; `well`; `free`: nobody said how many there should be."""
        if not self.wanted:
            return "free"
        if not self.on_sale:
            return "out"
        is_low = self.on_sale <= (self.reorder_point or 0) or self.on_sale < self.target
        return "low" if is_low else "well"


def read() -> list[CountryStock]:
    """Seven queries. What is counted is read from `number_stock` alone; the nights have summed up the rest."""
    stock = of_types(*shelves(Wanted(), Breadth.TYPE, limit=MOST))
    aims, targets, waiting = _aims(), _targets(), _waiting()
    on_sale, coming = Counter[str](), Counter[str]()
    for shelf, counts in stock.items():
        on_sale[shelf.country] += counts[State.AVAILABLE]
        coming[shelf.country] += sum(counts[state] for state in COMING)
    for shelf, numbers in (*on_order(Breadth.TYPE), *expected()):
        coming[shelf.country] += numbers
    return [
        CountryStock(
            country,
            on_sale=on_sale[country],
            reorder_point=aims[country].reorder_point if country in aims else None,
            target=targets.get(country, 0),
            coming=coming[country],
            daily=aims[country].daily if country in aims else 0.0,
            waiting=waiting.get(country, 0),
        )
        for country in sorted({*on_sale, *coming, *aims, *targets, *waiting}, key=name_of)
    ]


def _aims() -> dict[str, Aim]:
    """Of the last night, all SKUs of a country together: each number belongs to one of them."""
    states = SkuState.objects.filter(sku__is_active=True).order_by().values_list("sku__country")
    daily = Sum(Cast(KT("terms__daily"), FloatField()))
    return {country: Aim(s, asked or 0.0) for country, s, asked in states.annotate(least=Sum("s"), daily=daily)}


def _targets() -> dict[str, int]:
    rows = StockTarget.objects.filter(is_active=True).exclude(quantity=0).order_by()
    return dict(rows.values_list("country").annotate(numbers=Sum("quantity")))


def _waiting() -> dict[str, int]:
    entries = WaitlistEntry.objects.filter(state=WaitState.WAITING, expires_at__gt=timezone.now()).order_by()
    return dict(entries.values_list("country").annotate(numbers=Sum(F("quantity") - F("served"))))


#: As it was about a minute ago: the index of the whole stock is read for it.
countries_stock = Picture("countries", read, seconds=60)
