"""A provider's page, of our orders: what is open, what came and how soon, what is handed back, what is agreed."""

from typing import Any

from inventory.models import Provider, ProviderRelease, SupplyTerms
from inventory.shelves import deliveries

MOST = 10


def context(provider: Provider) -> dict[str, Any]:
    """For `console/catalogue/supply.html`: a fixed number of queries."""
    releases = ProviderRelease.objects.filter(next_attempt_at__isnull=False, number__provider=provider)
    agreed = SupplyTerms.objects.filter(provider=provider).order_by("country", "number_type")
    return {
        "open_orders": deliveries.open_orders(provider),
        "last_orders": deliveries.last_orders(provider),
        "open_releases": releases.select_related("number").order_by("next_attempt_at")[:MOST],
        "agreed": agreed[:MOST],
    }
