"""What a shelf holds and what is on its way there, counted for a whole country and type at a time."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from django.db.models import Count, QuerySet

from inventory.lifecycle import State
from inventory.models import LineState, PhoneNumber, ProviderOrderLine
from inventory.models.provider_order import OPEN_ORDER
from inventory.querysets import NumberQuerySet
from inventory.shelves.kinds import Kind, Shelves
from numbering.areas import area_code
from numbering.places import place_for

ON_THE_WAY = (State.SOURCED, State.TESTING)


class Market(NamedTuple):
    """What is pooled: the SKUs of one country and type."""

    country: str
    number_type: str

    @property
    def columns(self) -> dict[str, str]:
        """As filters of any table that has both."""
        return self._asdict()


def on_sale(market: Market, shelves: Shelves) -> Counter[int]:
    """Numbers that can be bought, by SKU. Those of a stopped provider count: they come back when the stop is lifted."""
    return _by_sku(shelves, _counted(_numbers(market).on_sale(), "capabilities"))


def on_order(market: Market, shelves: Shelves) -> Counter[int]:
    """Ordered and not yet on sale, by SKU: lines that providers still owe us, and what is on its way to the lab."""
    arrived = _numbers(market).filter(state__in=ON_THE_WAY, blocked=False)
    return _by_sku(shelves, _counted(arrived, "declared_capabilities")) + _owed(market, shelves)


def expected_returns(market: Market, shelves: Shelves, day: date) -> dict[int, list[dict[str, object]]]:
    """Numbers in quarantine, by SKU: on which day each is expected to leave, as the engine reads it."""
    return {}


def _numbers(market: Market) -> NumberQuerySet:
    return PhoneNumber.objects.filter(**market.columns)


def _counted(numbers: NumberQuerySet, capabilities: str) -> Iterator[tuple[Kind, int]]:
    rows = numbers.order_by().values_list("area_code", "place_id", capabilities).annotate(count=Count("pk"))
    return ((Kind(area, place, mask), count) for area, place, mask, count in rows)


def _by_sku(shelves: Shelves, counted: Iterable[tuple[Kind, int]]) -> Counter[int]:
    sums: Counter[int] = Counter()
    for kind, count in counted:
        if sku := shelves.of_number(kind):
            sums[sku] += count
    return sums


def _owed(market: Market, shelves: Shelves) -> Counter[int]:
    """By the SKU that ordered them, else by what the digits say of where they lie."""
    lines: QuerySet[ProviderOrderLine] = ProviderOrderLine.objects.filter(
        state=LineState.WANTED,
        order__state__in=OPEN_ORDER,
        **{f"order__{column}": value for column, value in market.columns.items()},
    )
    found = lines.values_list("order__proposal__sku", "e164", "capabilities").iterator()
    skus = (sku or shelves.of_number(Kind(area_code(e164), place_for(e164), mask)) for sku, e164, mask in found)
    return Counter(sku for sku in skus if sku)
