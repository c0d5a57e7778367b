"""Counting what a target has, in a stock that is large."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.models import PhoneNumber, Provider, StockTarget
from inventory.services import stock_levels
from tests.factories import NumberFactory, ProviderFactory, anywhere_in_life

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("of_a_provider", [False, True])
def test_the_index_of_the_stock_holds_all_that_a_target_counts(of_a_provider: bool) -> None:
    provider: Provider = ProviderFactory.create()
    with anywhere_in_life():
        PhoneNumber.objects.bulk_create(NumberFactory.build_batch(500))
    NumberFactory.create(e164=12125550100, provider=provider)
    target = StockTarget(country="US", number_type="local", area_code="212", quantity=3)
    target.provider = provider if of_a_provider else None
    with CaptureQueriesContext(connection) as queries:
        assert stock_levels.missing(target) == 2
    assert "Index Only Scan using number_stock" in _plan(queries[0]["sql"])


def _plan(sql: str) -> str:
    """As the planner would choose among many numbers: with these few, it takes the next best index as gladly."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE inventory_phonenumber")
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        cursor.execute("EXPLAIN " + sql)
        return "\n".join(line for (line,) in cursor.fetchall())
