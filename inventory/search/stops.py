"""Of which providers nothing is offered now, by country: the open stops of sale."""

from collections import defaultdict
from collections.abc import Mapping

from django.db import connection

from inventory.models import SaleStop
from numbering.recent import Recent

SECONDS = 2.0

# A probe of `number_canary` for each provider that may be sold; of `number_stock` for our own numbers, which have none.
_ANYTHING_LEFT = """
    SELECT EXISTS (
        SELECT FROM inventory_provider AS provider CROSS JOIN LATERAL (
            SELECT FROM inventory_phonenumber AS n
            WHERE n.provider_id = provider.id AND n.country = %(country)s AND n.number_type = %(number_type)s
                AND n.state IN ('AVAILABLE', 'QUARANTINED') AND NOT n.blocked AND n.passport_expires_at IS NOT NULL
            LIMIT 1
        ) AS one
        WHERE provider.id <> ALL (%(stopped)s::bigint[])
    ) OR EXISTS (
        SELECT FROM inventory_phonenumber AS n
        WHERE n.country = %(country)s AND n.number_type = %(number_type)s AND n.state = 'AVAILABLE'
            AND n.provider_id IS NULL AND NOT n.blocked
    )
"""


def _read() -> Mapping[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for country, provider in SaleStop.objects.filter(lifted_at=None).values_list("country", "provider_id"):
        found[country].append(provider)
    return {country: sorted(providers) for country, providers in found.items()}


def _anything_left(country: str, number_type: str, out: tuple[int, ...]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_ANYTHING_LEFT, {"country": country, "number_type": number_type, "stopped": list(out)})
        return bool(cursor.fetchone()[0])


#: stopped(): providers by country, as it was at most two seconds ago; a purchase asks the table itself.
stopped = Recent(_read, seconds=SECONDS)
#: anything_left(country, number_type, providers): whether others than these have numbers of the kind that are, or may
#: come, on sale. Where not, a search need not look at each number in vain.
anything_left = Recent(_anything_left, seconds=SECONDS)
