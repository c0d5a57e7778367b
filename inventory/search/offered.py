"""What we sell at all: the kinds of number of which we have any, in whatever state, or mean to have."""

from collections.abc import Mapping

from django.db import connection

from inventory.models import StockTarget
from inventory.search.recent import Recent
from numbering.types import NumberType

SECONDS = 10.0

# From each kind straight to the next in `number_stock`: as many probes as there are kinds, however large the stock.
_KINDS = """
WITH RECURSIVE kind AS (
    (SELECT country, number_type FROM inventory_phonenumber ORDER BY country, number_type LIMIT 1)
    UNION ALL
    SELECT following.country, following.number_type FROM kind CROSS JOIN LATERAL (
        SELECT country, number_type FROM inventory_phonenumber AS n
        WHERE (n.country, n.number_type) > (kind.country, kind.number_type)
        ORDER BY country, number_type LIMIT 1
    ) AS following
)
SELECT country, number_type FROM kind
"""


def _read() -> Mapping[str, tuple[NumberType, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(_KINDS)
        kinds = set(cursor.fetchall())
    kinds |= set(StockTarget.objects.filter(is_active=True).values_list("country", "number_type"))
    countries = sorted({country for country, _ in kinds})
    return {country: tuple(t for t in NumberType if (country, t.value) in kinds) for country in countries}


#: offered(): the types sold in each country, both in a fixed order, as it was at most ten seconds ago.
offered = Recent(_read, seconds=SECONDS)
