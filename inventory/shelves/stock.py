"""What a shelf holds and what is on its way there, counted for a whole country and type at a time."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date
from typing import Any, NamedTuple

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, TruncDate

from inventory.lifecycle import State
from inventory.models import LineState, PhoneNumber, ProviderOrderLine, Quarantine
from inventory.models.provider_order import OPEN_ORDER
from inventory.models.quarantine import QuarantineSource
from inventory.quarantine.actions import Action
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
    return _by_sku(shelves, kinds_on_sale(market))


def kinds_on_sale(market: Market) -> Iterator[tuple[Kind, int]]:
    """How many of each kind can be bought."""
    return _counted(_numbers(market).on_sale(), "capabilities")


def on_order(market: Market, shelves: Shelves) -> Counter[int]:
    """Ordered and not yet on sale, by SKU: lines that providers still owe us, what is on its way through the lab, and
    what waits out its first quarantine, whenever that ends: it would be bought again otherwise."""
    arrived = _counted(_numbers(market).filter(state__in=ON_THE_WAY, blocked=False), "declared_capabilities")
    waiting = _stays(market).exclude(source=QuarantineSource.RELEASED)
    first = ((kind, count) for kind, _, count, _ in _by_day(waiting))
    return _by_sku(shelves, arrived) + _by_sku(shelves, first) + _owed(market, shelves)


def expected_returns(market: Market, shelves: Shelves, until: date) -> dict[int, list[dict[str, Any]]]:
    """Numbers that customers gave back and that should leave quarantine by then, by SKU, as the engine reads them.

    Each counts by its chance of coming back at all, as the last night told it; whole where too few finished stays can
    tell. One that more likely never does has no predicted day, and is left out.
    """
    returns: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for kind, day, count, never in _by_day(_stays(market).filter(source=QuarantineSource.RELEASED), until):
        if sku := shelves.of_number(kind):
            returns[sku].append({"predicted_on": day, "numbers": count, "p_never": never / count})
    return returns


def _stays(market: Market) -> QuerySet[Quarantine]:
    """Open ones that should end with a sale. Of one whose first night has not come the minimum is all that is known."""
    foretold = Q(predicted_on__isnull=False) | Q(state_day__isnull=True)
    of_market = {f"number__{column}": value for column, value in market.columns.items()}
    stays = Quarantine.objects.filter(foretold, ended_at=None, number__blocked=False, **of_market)
    return stays.exclude(action=Action.RETIRE)


def _by_day(stays: QuerySet[Quarantine], until: date = date.max) -> Iterator[tuple[Kind, date, int, float]]:
    """How many of each kind leave on which UTC day, and how many of those never will: the sum of their chances, to nine
    places and in one order, so that a night that is run again gives the same."""
    day = Coalesce("predicted_on", TruncDate("earliest_at", tzinfo=UTC))
    columns = ("number__area_code", "number__place_id", "number__capabilities")
    leaving = stays.order_by().annotate(day=day).filter(day__lte=until).values_list(*columns, "day")
    never = Sum(Coalesce(F("chance_never"), 0.0))
    rows = leaving.annotate(count=Count("pk"), never=never).order_by(*columns, "day")
    return ((Kind(area, place, mask), on, count, round(never, 9)) for area, place, mask, on, count, never in rows)


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
