"""What we sell at all: the kinds of number of which we have any, wherever in their lives, or mean to have."""

from collections.abc import Mapping

from django.db import connection

from inventory.lifecycle import State
from inventory.models import StockTarget
from numbering.recent import Recent
from numbering.types import NumberType

SECONDS = 10.0

# From each kind straight to the next in `number_stock`, and of each to a number that has not gone for good: two probes
# for each kind, however large the stock. Only a kind of which all have gone is read through: a millisecond for 200,000.
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
SELECT country, number_type FROM kind CROSS JOIN LATERAL (
    SELECT FROM inventory_phonenumber AS n
    WHERE n.country = kind.country AND n.number_type = kind.number_type AND n.state = ANY (%(live)s) LIMIT 1
) AS one
"""


def _read() -> Mapping[str, tuple[NumberType, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(_KINDS, {"live": [state for state in State if state != State.RETURNED]})
        kinds = set(cursor.fetchall())
    kinds |= set(StockTarget.objects.filter(is_active=True).values_list("country", "number_type"))
    countries = sorted({country for country, _ in kinds})
    return {country: tuple(t for t in NumberType if (country, t.value) in kinds) for country in countries}


#: offered(): the types sold in each country, both in a fixed order, as it was at most ten seconds ago.
offered = Recent(_read, seconds=SECONDS)
