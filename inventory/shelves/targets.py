"""What stock targets keep on the shelves: staff fixed a quantity, so none of it is surplus, whatever the demand is.

Otherwise a night would propose to hand back what the target then buys again.
"""

from collections import Counter
from collections.abc import Iterator

from django.db.models import Count, Q

from inventory.lifecycle import COMING, State
from inventory.models import PhoneNumber, StockTarget
from inventory.shelves import stock
from inventory.shelves.kinds import Shelves
from inventory.shelves.stock import Market

_Where = tuple[str, int | None]  # area code and provider; blank and None are any


def kept(market: Market, shelves: Shelves) -> dict[int, float]:
    """How many of those on sale stay for the sake of active targets, by SKU. At most three queries.

    What a target has beyond its quantity is spared by all that is on sale for it, each shelf by its part. What is
    still on order is not counted as had.
    """
    free = _free(market)
    found: dict[int, float] = {}
    for kind, count in stock.kinds_on_sale(market) if free else ():
        if sku := shelves.of_number(kind):
            share = min(free.get("", 1.0), free.get(kind.area_code, 1.0))
            found[sku] = found.get(sku, 0.0) + count * (1 - share)
    return {sku: round(count, 6) for sku, count in found.items()}


def _free(market: Market) -> dict[str, float]:
    """The share of the numbers on sale that their targets could spare, by area code."""
    targets = StockTarget.objects.filter(**market.columns, is_active=True).exclude(quantity=0)
    wanted = list(targets.values_list("area_code", "provider_id", "quantity"))
    had, on_sale = _had(market) if wanted else (Counter[_Where](), Counter[_Where]())
    free: dict[str, float] = {}
    for area_code, provider, quantity in wanted:
        spare = max(0, had[area_code, provider] - quantity)
        share = min(1.0, spare / max(1, on_sale[area_code, provider]))
        free[area_code] = min(free.get(area_code, 1.0), share)
    return free


def _had(market: Market) -> tuple[Counter[_Where], Counter[_Where]]:
    """Numbers that a target counts as had (`services.stock_levels`), and those of them on sale. From the index
    number_stock alone."""
    numbers = PhoneNumber.objects.filter(**market.columns, state__in=COMING, blocked=False).order_by()
    counts = {"had": Count("pk"), "on_sale": Count("pk", filter=Q(state=State.AVAILABLE))}
    had, on_sale = Counter[_Where](), Counter[_Where]()
    for area_code, provider, every, sold in numbers.values_list("area_code", "provider_id").annotate(**counts):
        for where in _named_by(area_code, provider):
            had[where] += every
            on_sale[where] += sold
    return had, on_sale


def _named_by(area_code: str, provider: int | None) -> Iterator[_Where]:
    """How targets may name such numbers."""
    yield from {(area, by) for area in ("", area_code) for by in (None, provider)}
