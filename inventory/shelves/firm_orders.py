"""What is sold ahead of each shelf, and which purchases were deliveries of it. `selling_ahead` takes such orders."""

from collections import Counter

from django.db import transaction
from django.db.models import F, Q, QuerySet, Sum
from django.utils import timezone

from inventory.models import Did, FirmDelivery, FirmOrder
from inventory.shelves.stock import Market
from numbering.types import supersets

ACTOR = "sweep:restock"
DELIVERED = "all is delivered"


def due(market: Market) -> Counter[int]:
    """Numbers that are sold ahead and not delivered yet, by SKU."""
    missing = Sum(F("quantity") - F("delivered"))
    return Counter(dict(_open(market).order_by().values_list("sku").annotate(missing=missing)))


def awaiting(market: Market | None = None) -> list[int]:
    """Ids of the open orders that purchases are deliveries of, the oldest first."""
    rows = _open(market) if market else FirmOrder.objects.filter(closed_at=None)
    return list(rows.filter(account__isnull=False).order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def deliver(order_id: int) -> int:
    """Count what its account has bought of this kind since it was made, and still has; returns how many are new.

    A purchase is counted once, for one order. Harmless to repeat.
    """
    order = FirmOrder.objects.select_for_update(of=("self",), no_key=True).select_related("sku").get(pk=order_id)
    if not order.due:
        return 0
    before = order.deliveries.count()
    rows = [FirmDelivery(order=order, did=did) for did in _bought(order)[: order.due]]
    FirmDelivery.objects.bulk_create(rows, ignore_conflicts=True)  # another order of the account may be quicker
    new = order.deliveries.count() - before
    add(order, new)
    return new


def add(locked: FirmOrder, units: int) -> None:
    """So many more are delivered; with the last of them it is closed."""
    locked.delivered += units
    if locked.delivered == locked.quantity:
        locked.closed_at, locked.closed_by, locked.closed_note = timezone.now(), ACTOR, DELIVERED
    locked.save()


def _open(market: Market) -> QuerySet[FirmOrder]:
    of_market = {f"sku__{column}": value for column, value in market.columns.items()}
    return FirmOrder.objects.filter(closed_at=None, **of_market)


def _bought(order: FirmOrder) -> QuerySet[Did]:
    """Numbers of the SKU's kind, whatever narrower shelf they lay on: the customer has what was ordered."""
    sku = order.sku
    kind: dict[str, object] = {"number__country": sku.country, "number__number_type": sku.number_type}
    if sku.area_code:
        kind["number__area_code"] = sku.area_code
    if sku.place_id:
        kind["number__place"] = sku.place_id
    buyers = Q(account=order.account_id) | Q(account__parent=order.account_id)
    dids = Did.objects.filter(buyers, ended_at=None, created_at__gte=order.made_at, firm_delivery=None, **kind)
    return dids.filter(number__capabilities__in=supersets(sku.capabilities)).order_by("pk")
