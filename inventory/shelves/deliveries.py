"""How soon the last orders of a provider were on sale, read for a page: some orders, some numbers of each."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from django.db.models import Count, Q

from inventory.models import Provider, ProviderOrder

LAST = 10  # orders
_SAMPLE = 20  # numbers of an order: they come together, and a page may not look at thousands

# As `supply._LEAD_TIMES`: from writing the order until its numbers were first on sale, lab and quarantine included.
_DAYS = """
    SELECT bought.id, extract(epoch FROM avg(first.at - bought.created_at))::float8 / 86400
    FROM inventory_providerorder AS bought
    CROSS JOIN LATERAL (
        SELECT number_id FROM inventory_providerorderline
        WHERE order_id = bought.id AND number_id IS NOT NULL ORDER BY id LIMIT %s
    ) AS line
    CROSS JOIN LATERAL (
        SELECT min(at) AS at FROM inventory_lifecycleentry WHERE number_id = line.number_id AND target = 'AVAILABLE'
    ) AS first
    WHERE bought.id = ANY(%s) AND first.at IS NOT NULL
    GROUP BY bought.id
"""


@dataclass(frozen=True)
class Delivery:
    """An order: how many numbers it is for, how many came, and the days until they were on sale (None: not yet)."""

    order: ProviderOrder
    asked: int
    came: int
    days: float | None


def last_orders(provider: Provider) -> list[Delivery]:
    """The newest first."""
    return _with_days(
        ProviderOrder.objects.filter(provider=provider).order_by("-pk")[:LAST].values_list("pk", flat=True)
    )


def open_orders(provider: Provider) -> list[Delivery]:
    """What the provider has not answered for good, the oldest first: each is an intent that the sweep sees through."""
    rows = ProviderOrder.objects.filter(provider=provider, next_attempt_at__isnull=False).order_by("pk")
    return _with_days(rows[:LAST].values_list("pk", flat=True))


def _with_days(orders: Iterable[int]) -> list[Delivery]:
    ids = list(orders)
    came = Count("lines", filter=Q(lines__number__isnull=False))
    rows = {row.pk: row for row in ProviderOrder.objects.filter(pk__in=ids).annotate(asked=Count("lines"), came=came)}
    days = _days(ids)
    return [Delivery(rows[pk], rows[pk].asked, rows[pk].came, days.get(pk)) for pk in ids]


def _days(ids: list[int]) -> dict[int, float]:
    with connection.cursor() as cursor:
        cursor.execute(_DAYS, [_SAMPLE, ids])
        return dict(cursor.fetchall())
