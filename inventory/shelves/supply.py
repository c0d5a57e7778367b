"""Who could deliver to a shelf, at what price and how soon: the engine's offers, from contracts and from experience."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from math import sqrt
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.utils import timezone

from inventory.catalogue import honesty
from inventory.catalogue.selling import Selling, selling
from inventory.models import Provider, ProviderOrderLine, Sku, SupplyTerms
from inventory.providers.base import Wanted
from inventory.restock.fields import OFFER, SD_OF_LEAD_TIME
from inventory.services import sourcing
from inventory.shelves.stock import Market
from numbering.types import NumberType

RECENT = timedelta(days=180)  # what providers asked and how long they took before says little of today
PRIOR_ORDERS = 5  # what is agreed, or set, weighs as much as so many orders that were measured

# An order takes from its writing until its numbers were first on sale, in the mean: the lab and quarantine are part of
# it. One order is one measurement, however many numbers it had. Orders that are not on sale yet are not counted.
_LEAD_TIMES = """
    SELECT provider_id, count(*), avg(days), coalesce(var_samp(days), 0)
    FROM (
        SELECT bought.provider_id, extract(epoch FROM avg(first.at - bought.created_at))::float8 / 86400 AS days
        FROM inventory_providerorder AS bought
        JOIN inventory_providerorderline AS line ON line.order_id = bought.id AND line.number_id IS NOT NULL
        CROSS JOIN LATERAL (
            SELECT min(at) AS at FROM inventory_lifecycleentry
            WHERE number_id = line.number_id AND target = 'AVAILABLE'
        ) AS first
        WHERE bought.country = %s AND bought.number_type = %s AND bought.created_at >= %s AND first.at IS NOT NULL
        GROUP BY bought.id
    ) AS measured
    GROUP BY provider_id
"""


class LeadTime(NamedTuple):
    """Days from order to shelf."""

    mean: float
    sd: float


class Measured(NamedTuple):
    """Lead times of so many orders of one provider, in days."""

    orders: int
    mean: float
    variance: float


class Price(NamedTuple):
    """What a provider asks for a number and month."""

    monthly: Decimal
    currency: str


class Charges(NamedTuple):
    """What is paid once: for an order, and for each number beside its first month."""

    order: Decimal = Decimal(0)
    setup: Decimal = Decimal(0)


class Supply(NamedTuple):
    """All that is known of who sells in one market; by provider id."""

    providers: Sequence[Provider]
    terms: Mapping[int, SupplyTerms]
    seen: Mapping[int, Price]
    measured: Mapping[int, Measured]
    honesty: Mapping[int, float]
    catalogues: Selling

    def offers(self, sku: Sku) -> list[dict[str, Any]]:
        """As the engine reads them. Where nobody sells there is one that delivers nothing, so that the reorder point is
        known all the same."""
        return [self._offer(each, sku.currency) for each in self._sellers(sku)] or [
            {"L": _usual().mean, "sd_L": _usual().sd, "capacity": 0}
        ]

    def _sellers(self, sku: Sku) -> list[Provider]:
        """The one that staff have pinned. Else those that sell there, and only where there is none of them those of
        whom nobody knows."""
        if sku.provider_id:
            return [each for each in self.providers if each.pk == sku.provider_id]
        says = {each.pk: self._sells(each, sku) for each in self.providers}
        known = [each for each in self.providers if says[each.pk]]
        return known or [each for each in self.providers if says[each.pk] is None]

    def _sells(self, provider: Provider, sku: Sku) -> bool | None:
        """By our terms, our orders of late, or its catalogue, in this order; None: nobody knows."""
        has_sold = any(provider.pk in known for known in (self.terms, self.seen, self.measured))
        return True if has_sold else self.catalogues.says(provider.pk, sku.area_code)

    def _offer(self, provider: Provider, currency: str) -> dict[str, Any]:
        terms = self.terms.get(provider.pk)
        lead = lead_time(_agreed(terms), self.measured.get(provider.pk))
        lot, capacity = (terms.lot, terms.capacity) if terms else (1, None)
        known = {"L": lead.mean, "sd_L": lead.sd, "MOQ": lot, "capacity": capacity, "honesty": self._honesty(provider)}
        return {"provider": provider.slug, **known, **self._costs(provider, terms, currency)}

    def _honesty(self, provider: Provider) -> float | None:
        """No less than the engine takes: who lists next to nothing true is stopped, or was trusted by staff."""
        share = self.honesty.get(provider.pk)
        return None if share is None else max(share, OFFER["honesty"].least)

    def _costs(self, provider: Provider, terms: SupplyTerms | None, currency: str) -> dict[str, Decimal]:
        """In the SKU's currency; none where they are not known in it, and then an order waits for staff.

        The first month is paid with the order, so it belongs to what the order costs.
        """
        price = self.seen.get(provider.pk)
        if terms and terms.monthly_cost is not None:
            price = Price(terms.monthly_cost, terms.currency)
        if price is None or price.currency != currency or (terms and terms.currency != currency):
            return {}
        setup, order = (terms.setup_cost, terms.order_cost) if terms else (Decimal(0), Decimal(0))
        return {"unit_cost": setup + price.monthly, "order_cost": order, "monthly_cost": price.monthly}


def supply(market: Market, skus: Iterable[Sku]) -> Supply:
    """Read it for these SKUs of the market: seven queries, however many they are."""
    sellers = list(sourcing.sellers(None, market.country))
    return Supply(
        sellers,
        {terms.provider_id: terms for terms in SupplyTerms.objects.filter(**market.columns)},
        _prices_seen(market),
        measured(market),
        honesty.shares(market.country),
        selling(sellers, Wanted(market.country, NumberType(market.number_type)), {sku.area_code for sku in skus}),
    )


def charges(provider: Provider, market: Market, currency: str) -> Charges | None:
    """What is paid once, in this currency; None where the terms are in another one, so that nobody knows."""
    terms = SupplyTerms.objects.filter(provider=provider, **market.columns).first()
    if terms is None:
        return Charges()
    agreed = Charges(terms.order_cost, terms.setup_cost)
    return agreed if terms.currency == currency or not any(agreed) else None


def measured(market: Market) -> dict[int, Measured]:
    """Lead times of the orders of late, by provider id."""
    with connection.cursor() as cursor:
        cursor.execute(_LEAD_TIMES, [*market, timezone.now() - RECENT])
        return {provider: Measured(*row) for provider, *row in cursor}


def lead_time(agreed: LeadTime, seen: Measured | None) -> LeadTime:
    """What was agreed, or is usual, and what was measured: the moments of both, the former as `PRIOR_ORDERS`."""
    if seen is None:
        return agreed
    orders = PRIOR_ORDERS + seen.orders
    mean = (PRIOR_ORDERS * agreed.mean + seen.orders * seen.mean) / orders
    prior, found = agreed.sd**2 + agreed.mean**2, seen.variance + seen.mean**2
    return LeadTime(mean, sqrt(max(0.0, (PRIOR_ORDERS * prior + seen.orders * found) / orders - mean**2)))


def _usual() -> LeadTime:
    mean = settings.RESTOCK_LEAD_TIME / timedelta(days=1)
    return LeadTime(mean, SD_OF_LEAD_TIME * mean)


def _agreed(terms: SupplyTerms | None) -> LeadTime:
    if terms is None or terms.lead_days is None:
        return _usual()
    known = terms.lead_days_sd
    return LeadTime(terms.lead_days, SD_OF_LEAD_TIME * terms.lead_days if known is None else known)


def _prices_seen(market: Market) -> dict[int, Price]:
    """The monthly cost of each provider's newest order line in this market."""
    lines = ProviderOrderLine.objects.filter(
        order__created_at__gte=timezone.now() - RECENT,
        **{f"order__{column}": value for column, value in market.columns.items()},
    )
    newest = lines.order_by("order__provider", "-pk").distinct("order__provider")
    rows = newest.values_list("order__provider", "monthly_cost", "currency")
    return {provider: Price(cost, currency) for provider, cost, currency in rows}
