"""Selling more than a shelf holds: a quote of the lead time, and a firm order that the nights restock for.

An order of more than a hundred counts as a hundred in the demand of its SKU (`restock.demand.BULK`): the rest must be
told, or nothing is bought for it.
"""

from datetime import date
from decimal import Decimal
from statistics import NormalDist
from typing import NamedTuple

import structlog
from django.db import transaction
from django.utils import timezone

from accounts.models import Account
from inventory.models import FirmOrder, Sku
from inventory.refusals import FirmOrderClosed, NotSoMany, SkuSwitchedOff
from inventory.shelves import firm_orders, nights

log = structlog.get_logger(__name__)
NINETY = NormalDist().inv_cdf(0.9)  # deviations above the mean within which 9 lead times of 10 lie


class Quote(NamedTuple):
    """How long it takes to have so many more: days in the mean, and days that suffice in 9 cases of 10.

    `ordered` of them would be ordered tonight, from `provider`, at `cost` in `currency` (None: not known).
    """

    provider: str
    mean: float
    ninety: float
    available: int
    ordered: int
    cost: Decimal | None
    currency: str

    def __str__(self) -> str:
        if self.ordered <= 0:
            from_shelf = f"{self.available} are on sale now"
            return f"{from_shelf}: it is sold from the shelf." if self.provider else f"{from_shelf}; nobody sells more."
        cost = f"for {self.cost.normalize():f} {self.currency}" if self.cost is not None else "at a cost not known yet"
        return (
            f"{self.provider}: {self.mean:.0f} days in the mean, in 9 cases of 10 within {self.ninety:.0f}. "
            f"{self.available} are on sale now; the next night would order {self.ordered} {cost}."
        )


def quote(sku: Sku, quantity: int) -> Quote:
    """What the engine would order for it, and from whom: by the demand of the last night and the stock of now."""
    found = nights.foreseen(sku, firm=quantity)
    mean, sd = found.terms["L"] or 0.0, found.terms["sd_L"] or 0.0
    return Quote(
        provider=found.provider,
        mean=mean,
        ninety=mean + NINETY * sd,
        available=int(found.terms["available"] or 0),
        ordered=max(0, found.quantity),
        cost=found.cost,
        currency=sku.currency,
    )


def take(
    *,
    sku: Sku,
    quantity: int,
    actor: str,
    account: Account | None = None,
    reference: str = "",
    wanted_by: date | None = None,
    note: str = "",
) -> FirmOrder:
    """Sell so many ahead, to an account or to whom the reference names. Raises SkuSwitchedOff."""
    if not sku.is_active:
        raise SkuSwitchedOff(f"{sku} is switched off: nothing is bought for it")
    return FirmOrder.objects.create(
        sku=sku,
        account=account,
        reference=reference,
        quantity=quantity,
        wanted_by=wanted_by,
        note=note,
        quote=str(quote(sku, quantity)),
        made_by=actor,
    )


@transaction.atomic
def record_delivery(order: FirmOrder, *, units: int, actor: str, reason: str) -> FirmOrder:
    """So many were delivered to a customer without an account with us. Raises FirmOrderClosed, NotSoMany."""
    locked = _locked(order)
    if not 0 < units <= locked.due:
        raise NotSoMany(f"{locked.due} of {locked} are still to be delivered")
    firm_orders.add(locked, units)
    log.info("firm_delivery_recorded", order=locked.pk, units=units, actor=actor, reason=reason)
    return locked


@transaction.atomic
def close(order: FirmOrder, *, actor: str, reason: str) -> FirmOrder:
    """Nothing more of it is delivered: what is on order for it comes to lie on the shelf. Raises FirmOrderClosed."""
    locked = _locked(order)
    locked.closed_at, locked.closed_by, locked.closed_note = timezone.now(), actor, reason
    locked.save()
    return locked


def _locked(order: FirmOrder) -> FirmOrder:
    locked = FirmOrder.objects.select_for_update(of=("self",), no_key=True).select_related("sku").get(pk=order.pk)
    if locked.closed_at:
        raise FirmOrderClosed(f"{locked} was closed: {locked.closed_note}")
    return locked
