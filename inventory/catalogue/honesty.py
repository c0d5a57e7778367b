"""What is known of the honesty of catalogues: our own orders are counted by day, and days become scores."""

from collections import defaultdict
from datetime import date, datetime, timedelta

from django.db import connection
from django.utils import timezone

from inventory.catalogue.score import WINDOW, Score, score
from inventory.models import Honesty, Provider
from inventory.services.receiving import ALREADY_OURS

COUNTED_BACK = timedelta(days=3)  # an order is settled within hours; what is later is nobody's stale list
# Sourcing reads a provider's list and orders from it at once: a line is a number that it listed a moment ago. Only a
# refusal that says "not there" makes it untrue: missing papers, an empty account, a rule or silence are about us or
# about the order, and count for nothing. A number that it delivered and that we had already was for sale.
_ORDERS = """
INSERT INTO inventory_honesty (provider_id, country, day, source, listed, purchasable)
SELECT own.provider_id, own.country, (own.created_at AT TIME ZONE 'UTC')::date, 'orders', count(*),
    count(*) FILTER (WHERE line.state = 'RECEIVED' OR line.reason = %(ours)s)
FROM inventory_providerorder AS own JOIN inventory_providerorderline AS line ON line.order_id = own.id
WHERE own.created_at >= %(since)s AND (line.state = 'RECEIVED' OR line.reason = %(ours)s OR line.not_there)
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
ON CONFLICT (provider_id, country, day, source)
DO UPDATE SET listed = excluded.listed, purchasable = excluded.purchasable
"""

Place = tuple[int, str]  # provider and country


def count_orders() -> None:
    """Count what became of the orders of the last days; again gives the same."""
    first = (timezone.now() - COUNTED_BACK).replace(hour=0, minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(_ORDERS, {"since": first, "ours": ALREADY_OURS})


def days_of(provider: Provider | None = None, country: str = "") -> dict[Place, list[Honesty]]:
    """The rows that count, by provider and country, the oldest first; of all, or of one provider or country."""
    rows = Honesty.objects.filter(day__gte=today() - timedelta(days=WINDOW - 1)).order_by("day", "source")
    rows = rows.filter(provider=provider) if provider else rows
    found: dict[Place, list[Honesty]] = defaultdict(list)
    for row in rows.filter(country=country) if country else rows:
        found[row.provider_id, row.country].append(row)
    return found


def shares(country: str) -> dict[int, float]:
    """By provider id: which share of what it lists there could be bought. Only where enough was tried to say so."""
    scores = {provider: score_of(rows) for (provider, _), rows in days_of(country=country).items()}
    return {provider: found.share for provider, found in scores.items() if found and found.is_enough}


def score_of(rows: list[Honesty], on: date | None = None) -> Score | None:
    """The score of one provider's rows in one country, on a day."""
    day = on or today()
    return score(((day - row.day).days, row.listed, row.purchasable) for row in rows)


def today() -> date:
    """The UTC day."""
    now: datetime = timezone.now()
    return now.date()
