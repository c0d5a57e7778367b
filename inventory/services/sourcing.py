"""Asking providers for numbers: list their offers, take those we lack, and write the order down before it is placed.

Call these outside any transaction: they wait for the network.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from uuid import uuid4

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.nudges import nudge
from accounts.sweeping import take_each
from inventory.catalogue.offers import not_refused
from inventory.models import (
    LineState,
    ListedOffer,
    PhoneNumber,
    Provider,
    ProviderOrder,
    ProviderOrderLine,
    ProviderRelease,
    RestockProposal,
    SourcingStop,
    StockTarget,
)
from inventory.models.provider_release import OPEN_RELEASE
from inventory.providers.base import Offer, ProviderUnavailable, Wanted
from inventory.providers.registry import adapter_of
from inventory.refusals import NotYet
from inventory.services import stock_levels
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
    down: set[int] | None = None,
) -> int:
    """Order up to `quantity` numbers of a kind, from `provider` or from all in turn; from active ones only.

    Returns how many are on order now because of this call; fewer when the offers run out or a provider is down.
    With a `target`, never more than it still misses, however many ask at the same time. Providers (by id) that are
    `down` are not asked, and those that turn out to be so are added.
    """
    wanted, ordered = Wanted(country, number_type, area_code), 0
    down = set() if down is None else down
    for seller in sellers(provider, country).exclude(pk__in=down):
        try:
            for offers in fitting(seller, wanted):
                ordered += _intend(seller, wanted, offers[: quantity - ordered], target)
                if ordered >= quantity:
                    return ordered
        except ProviderUnavailable as error:
            log.warning("offers_unavailable", provider=seller.slug, wanted=str(wanted), error=str(error))
            down.add(seller.pk)
    return ordered


def sellers(provider: Provider | None, country: str) -> QuerySet[Provider]:
    """Of whom something may be ordered there: active ones, but those whose catalogue was found dishonest. All, or of
    `provider` only itself."""
    stops = SourcingStop.objects.filter(provider=OuterRef("pk"), country=country, lifted_at=None)
    active = Provider.objects.filter(~Exists(stops), is_active=True).exclude(adapter="").order_by("pk")
    return active.filter(pk=provider.pk) if provider else active


def pause(provider: Provider) -> None:
    """Order nothing more from this provider. Open orders and returns go on, and its numbers stay in stock."""
    Provider.objects.filter(pk=provider.pk).update(is_active=False)


def resume(provider: Provider) -> None:
    """Order from it again."""
    Provider.objects.filter(pk=provider.pk).update(is_active=True)


def tell_of_emergency_tests(provider: Provider, *, there_are: bool) -> None:
    """Whether calls from its numbers reach a service for emergency test calls."""
    Provider.objects.filter(pk=provider.pk).update(emergency_tests=there_are)


def tell_since_when_the_lab_hears(provider: Provider, *, since: datetime | None) -> None:
    """Since when calls and messages to its idle numbers reach the lab; None: they don't.

    Days that began before say nothing. Raises NotYet for a time that is still to come: nobody can know that.
    """
    if since and since > timezone.now():
        raise NotYet("Calls and messages reach the lab since a day that has begun")
    Provider.objects.filter(pk=provider.pk).update(heard_by_lab_since=since)


def source_missing() -> int:
    """Ask for what each active target misses; returns how many targets were looked after.

    In random order, and no provider again after it failed: a slow one must not starve always the same targets.
    """
    targets = list(StockTarget.objects.filter(is_active=True).order_by("?").values_list("pk", flat=True))
    return take_each("source_stock", targets, partial(source_target, down=set()))


def source_target(target_id: int, *, down: set[int] | None = None) -> None:
    """Ask for what this target misses, if it is active; of providers that are not `down`."""
    target = StockTarget.objects.select_related("provider").filter(pk=target_id, is_active=True).first()
    wanted = stock_levels.missing(target) if target else 0
    if target is None or not wanted:
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
        down=down,
    )


def fitting(seller: Provider, wanted: Wanted) -> Iterator[list[Offer]]:
    """Page by page, its offers of numbers that we neither have nor await. Raises ProviderUnavailable.

    What was found is ordered before the next page is asked for, which may never come.
    """
    offers = adapter_of(seller).offers(wanted)
    while page := {offer.number.digits: offer for offer in islice(offers, OFFERS_AT_A_TIME)}:
        unwelcome = _unwelcome(seller, list(page))
        if fitting := [page[n] for n in page if n not in unwelcome and _is_in_area(page[n], wanted)]:
            yield fitting


def _is_in_area(offer: Offer, wanted: Wanted) -> bool:
    """By our own reading of the number: stock is counted by it, so another would be bought again for ever."""
    return not wanted.area_code or area_code(offer.number) == wanted.area_code


def _unwelcome(seller: Provider, numbers: Sequence[int]) -> set[int]:
    """Those in our stock, on order anywhere, just refused by this provider, found unsaleable though it lists them, or
    lately given back."""
    now = timezone.now()
    refused = Q(state=LineState.REFUSED, order__provider=seller, order__created_at__gte=now - REST_AFTER_REFUSAL)
    lines = ProviderOrderLine.objects.filter(Q(state=LineState.WANTED) | refused, e164__in=numbers)
    resting = Q(state__in=OPEN_RELEASE) | Q(created_at__gte=now - REST_AFTER_RETURN)
    returned = ProviderRelease.objects.filter(resting, number__e164__in=numbers)
    unsaleable = ListedOffer.objects.exclude(not_refused()).filter(provider=seller, e164__in=numbers)
    return {
        *unsaleable.values_list("e164", flat=True),
        *PhoneNumber.objects.live().filter(e164__in=numbers).values_list("e164", flat=True),
        *lines.values_list("e164", flat=True),
        *returned.values_list("number__e164", flat=True),
    }


def _batches(offers: Sequence[Offer]) -> Iterable[Sequence[Offer]]:
    return (offers[start : start + LINES_PER_ORDER] for start in range(0, len(offers), LINES_PER_ORDER))


@transaction.atomic
def _intend(seller: Provider, wanted: Wanted, offers: Sequence[Offer], target: StockTarget | None) -> int:
    """Write orders and their lines, to be placed once this has committed; returns how many lines they have."""
    if target:
        # Whoever else sources for this target waits here, and then counts what we ordered.
        StockTarget.objects.select_for_update().get(pk=target.pk)
        offers = offers[: stock_levels.missing(target)]
    return write_orders(seller, wanted, offers, target=target)


def write_orders(
    seller: Provider,
    wanted: Wanted,
    offers: Sequence[Offer],
    *,
    target: StockTarget | None = None,
    proposal: RestockProposal | None = None,
) -> int:
    """Write orders of these offers, in the caller's transaction; returns how many lines they have: fewer where somebody
    else has ordered a number since."""
    return sum(_write(_order(seller, wanted, target, proposal), batch) for batch in _batches(offers))


def _order(
    seller: Provider, wanted: Wanted, target: StockTarget | None, proposal: RestockProposal | None
) -> ProviderOrder:
    return ProviderOrder(
        key=f"ny-{uuid4().hex}",
        provider=seller,
        target=target,
        proposal=proposal,
        country=wanted.country,
        number_type=wanted.number_type,
        area_code=wanted.area_code,
    )


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
