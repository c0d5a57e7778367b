"""Asking providers for numbers: list their offers, take those we lack, and write the order down before it is placed.

Call these outside any transaction: they wait for the network.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import islice
from uuid import uuid4

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from inventory.models import (
    LineState,
    PhoneNumber,
    Provider,
    ProviderOrder,
    ProviderOrderLine,
    ProviderRelease,
    StockTarget,
)
from inventory.models.provider_release import OPEN_RELEASE
from inventory.nudges import nudge
from inventory.providers.base import Offer, ProviderUnavailable, Wanted
from inventory.providers.registry import adapter_of
from inventory.services import stock_levels
from inventory.sweeping import take_each
from numbering.areas import area_code
from numbering.types import NumberType

LINES_PER_ORDER = 50  # small enough that one bad order holds up little
OFFERS_AT_A_TIME = 100
REST_AFTER_REFUSAL = timedelta(hours=6)  # a stale offer stays listed: don't ask for it again and again
REST_AFTER_RETURN = timedelta(days=90)  # what we gave back was not good enough, or is still aging
log = structlog.get_logger(__name__)


def ask(
    *,
    country: str,
    number_type: NumberType,
    quantity: int,
    area_code: str = "",
    provider: Provider | None = None,
    target: StockTarget | None = None,
) -> int:
    """Order up to `quantity` numbers of a kind, from `provider` or from every active one in turn.

    Returns how many are on order now because of this call; fewer when the offers run out or a provider is down.
    With a `target`, never more than it still misses, however many ask at the same time.
    """
    wanted, ordered = Wanted(country, number_type, area_code), 0
    for seller in [provider] if provider else _sellers():
        if ordered >= quantity:
            break
        try:
            offers = _choose(seller, wanted, quantity - ordered)
        except ProviderUnavailable as error:
            log.warning("offers_unavailable", provider=seller.slug, wanted=str(wanted), error=str(error))
            continue
        ordered += sum(_intend(seller, wanted, batch, target) for batch in _batches(offers))
    return ordered


def _sellers() -> Iterable[Provider]:
    return Provider.objects.filter(is_active=True).exclude(adapter="").order_by("pk")


def source_missing() -> int:
    """Ask for what each active target misses; returns how many targets were looked after."""
    targets = StockTarget.objects.filter(is_active=True).order_by("pk").values_list("pk", flat=True)
    return take_each("source_stock", targets, _source_target)


def _source_target(target_id: int) -> None:
    target = StockTarget.objects.select_related("provider").get(pk=target_id)
    wanted = stock_levels.missing(target)
    if not wanted:
        return
    if stock_levels.is_wasting(target):
        log.warning("target_paused_too_many_lost", target=str(target), missing=wanted)
        return
    ask(
        country=target.country,
        number_type=NumberType(target.number_type),
        area_code=target.area_code,
        quantity=wanted,
        provider=target.provider,
        target=target,
    )


def _choose(seller: Provider, wanted: Wanted, quantity: int) -> list[Offer]:
    """Up to `quantity` offers of numbers that we neither have nor await. Raises ProviderUnavailable."""
    chosen: dict[int, Offer] = {}
    offers = adapter_of(seller).offers(wanted)
    while len(chosen) < quantity and (page := list(islice(offers, OFFERS_AT_A_TIME))):
        unwelcome = _unwelcome(seller, [offer.number.digits for offer in page])
        fitting = (offer for offer in page if _is_in_area(offer, wanted) and offer.number.digits not in unwelcome)
        chosen.update((offer.number.digits, offer) for offer in fitting)
    return list(chosen.values())[:quantity]


def _is_in_area(offer: Offer, wanted: Wanted) -> bool:
    """By our own reading of the number: stock is counted by it, so another would be bought again for ever."""
    return not wanted.area_code or area_code(offer.number) == wanted.area_code


def _unwelcome(seller: Provider, numbers: Sequence[int]) -> set[int]:
    """Those in our stock, on order anywhere, just refused by this provider, or lately given back."""
    now = timezone.now()
    refused = Q(state=LineState.REFUSED, order__provider=seller, order__created_at__gte=now - REST_AFTER_REFUSAL)
    lines = ProviderOrderLine.objects.filter(Q(state=LineState.WANTED) | refused, e164__in=numbers)
    resting = Q(state__in=OPEN_RELEASE) | Q(created_at__gte=now - REST_AFTER_RETURN)
    returned = ProviderRelease.objects.filter(resting, number__e164__in=numbers)
    return {
        *PhoneNumber.objects.live().filter(e164__in=numbers).values_list("e164", flat=True),
        *lines.values_list("e164", flat=True),
        *returned.values_list("number__e164", flat=True),
    }


def _batches(offers: Sequence[Offer]) -> Iterable[Sequence[Offer]]:
    return (offers[start : start + LINES_PER_ORDER] for start in range(0, len(offers), LINES_PER_ORDER))


@transaction.atomic
def _intend(seller: Provider, wanted: Wanted, offers: Sequence[Offer], target: StockTarget | None) -> int:
    """Write the order and its lines, to be placed once this has committed; returns how many lines it has."""
    if target:
        # Whoever else sources for this target waits here, and then counts what we ordered.
        StockTarget.objects.select_for_update().get(pk=target.pk)
        offers = offers[: stock_levels.missing(target)]
    order = ProviderOrder(
        key=f"ny-{uuid4().hex}",
        provider=seller,
        target=target,
        country=wanted.country,
        number_type=wanted.number_type,
        area_code=wanted.area_code,
    )
    return _write(order, offers) if offers else 0


def _write(order: ProviderOrder, offers: Sequence[Offer]) -> int:
    order.save(force_insert=True)
    # A number that another order took since we looked is left to that one (order_line_one_order_at_a_time).
    ProviderOrderLine.objects.bulk_create([_line(order, offer) for offer in offers], ignore_conflicts=True)
    lines = order.lines.count()
    if not lines:
        order.delete()
        return 0
    nudge("inventory.tasks.place_order", order.pk)
    return lines


def _line(order: ProviderOrder, offer: Offer) -> ProviderOrderLine:
    return ProviderOrderLine(
        order=order,
        e164=offer.number.digits,
        capabilities=int(offer.capabilities),
        locality=offer.locality,
        region=offer.region,
        monthly_cost=offer.monthly_cost,
        currency=offer.currency,
    )
