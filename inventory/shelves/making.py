"""SKUs by the hundred: a shelf for each kind of number that we hold or are asked for. Nobody makes them one by one.

An area code has a shelf of its own where enough is held or asked; one shelf for the whole country and type takes the
rest, and what names no area code. What is there already stays as it is.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from inventory.lifecycle import State
from inventory.models import ProviderOrderLine, Sku, SupplyTerms
from inventory.models.sku import ServiceClass
from inventory.restock.demand import BULK

LOOKED_BACK = timedelta(days=365)  # for what was asked, and for the currency that was paid last
CURRENCY = "USD"  # where nothing was ever bought and nothing is agreed

# From the index number_stock alone.
_HELD = """
    SELECT country, number_type, area_code, count(*) FROM inventory_phonenumber
    WHERE state <> %s AND (%s = '' OR country = %s) GROUP BY 1, 2, 3
"""
_ASKED = f"""
    SELECT country, number_type, area_code, sum(least(units_requested, {BULK})) FROM inventory_demandevent
    WHERE at >= %s AND (%s = '' OR country = %s) GROUP BY 1, 2, 3
"""  # noqa: S608 - our own words


class Shelf(NamedTuple):
    """What a SKU of any capabilities and no place stands for; a blank area code is the whole country."""

    country: str
    number_type: str
    area_code: str = ""


class Worth(NamedTuple):
    """From how many numbers held, or units asked for in a year, an area code has a shelf of its own."""

    held: int = 10
    asked: int = 5


class Terms(NamedTuple):
    """What the new SKUs have in common. A blank currency: in each market the one that is agreed there, or was last
    paid; a cost that is not known in the currency of the limit waits for staff."""

    service_class: str = ServiceClass.DEFAULT
    is_listed: bool = True
    cost_limit: Decimal = Decimal(100)
    currency: str = ""


class Found(NamedTuple):
    """A shelf with what speaks for it: numbers held now and units asked for in a year; of a whole country those that
    no shelf of an area code takes. `exists`: there is a SKU."""

    shelf: Shelf
    held: int
    asked: int
    exists: bool


def found(worth: Worth, country: str = "") -> list[Found]:
    """Every shelf that what we hold and are asked for calls for, in order; of one country, or of all. Three queries."""
    held = _counted(_HELD, State.RETURNED, country)
    asked = _counted(_ASKED, timezone.now() - LOOKED_BACK, country)
    sums: dict[Shelf, Counter[str]] = defaultdict(Counter)
    for shelf in held.keys() | asked.keys():
        is_worth = held[shelf] >= worth.held or asked[shelf] >= worth.asked
        sums[shelf if is_worth else shelf._replace(area_code="")].update(held=held[shelf], asked=asked[shelf])
        sums[shelf._replace(area_code="")].update(held=0)  # each market has one, for what names no area code
    there = existing()
    return [Found(shelf, sums[shelf]["held"], sums[shelf]["asked"], shelf in there) for shelf in sorted(sums)]


def make(shelves: Iterable[Shelf], terms: Terms) -> list[Sku]:
    """Make the SKUs that are missing, and leave the others as they are; returns the new ones.

    The next restock night decides on them: within ten minutes.
    """
    there, paid = existing(), currencies()
    return keep([row(shelf, terms, paid) for shelf in dict.fromkeys(shelves) if shelf not in there])


@transaction.atomic
def keep(rows: Sequence[Sku]) -> list[Sku]:
    """Save new SKUs, but for those that somebody else has made meanwhile; returns the saved ones."""
    last = Sku.objects.aggregate(last=Max("pk"))["last"] or 0
    shelves = {shelf_of(each) for each in rows}
    Sku.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
    return [sku for sku in _whole().filter(pk__gt=last) if shelf_of(sku) in shelves]


def shelf_of(sku: Sku) -> Shelf:
    """That of a SKU of any capabilities and no place."""
    return Shelf(sku.country, sku.number_type, sku.area_code)


def row(shelf: Shelf, terms: Terms, currencies: Mapping[tuple[str, ...], str]) -> Sku:
    """The SKU of a shelf, not saved yet; `currencies` as that function has them."""
    return Sku(
        **shelf._asdict(),
        service_class=terms.service_class,
        is_listed=terms.is_listed,
        cost_limit=terms.cost_limit,
        currency=terms.currency or currencies.get(shelf[:2], CURRENCY),
    )


def _counted(query: str, first: str | datetime, country: str) -> Counter[Shelf]:
    with connection.cursor() as cursor:
        cursor.execute(query, [first, country, country])
        return Counter({Shelf(*kind): int(count) for *kind, count in cursor})


def existing() -> set[Shelf]:
    """The shelves that have a SKU, active or not: staff who switched one off do not want it back."""
    return {shelf_of(sku) for sku in _whole().only(*Shelf._fields)}


def _whole() -> QuerySet[Sku]:
    return Sku.objects.filter(place=None, capabilities=0)


def currencies() -> dict[tuple[str, ...], str]:
    """By country and type: that of the newest order line, or of the terms of supply, which win."""
    lines = ProviderOrderLine.objects.filter(order__created_at__gte=timezone.now() - LOOKED_BACK)
    market = ("order__country", "order__number_type")
    paid = lines.order_by(*market, "-pk").distinct(*market).values_list(*market, "currency")
    agreed = SupplyTerms.objects.order_by("-pk").values_list("country", "number_type", "currency")
    return {(country, kind): currency for country, kind, currency in [*paid, *agreed]}
