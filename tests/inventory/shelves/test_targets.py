"""Stock targets and SKUs side by side: what staff fixed is no surplus, and what is surplus is not bought again."""

from typing import Any

import pytest

from inventory.models import Provider, RestockProposal, Sku, StockTarget
from inventory.services import stock_levels
from inventory.shelves import nights
from tests.factories import NumberFactory, ProviderFactory
from tests.inventory.shelves.conftest import DAY, US_LOCAL, make_sku

pytestmark = pytest.mark.django_db


def target(quantity: int, **fields: Any) -> StockTarget:
    return StockTarget.objects.create(**US_LOCAL, quantity=quantity, **fields)


def on_sale(first: int, count: int, **fields: Any) -> None:
    for n in range(count):
        NumberFactory.create(e164=first + n, **fields)


def handed_back() -> dict[str, int]:
    """By SKU, what the night would have go back."""
    nights.run(DAY)
    rows = RestockProposal.objects.select_related("sku")
    assert all(row.quantity < 0 for row in rows)
    return {row.sku.area_code: -row.quantity for row in rows}


def test_without_a_target_what_nobody_asks_for_is_surplus(sku: Sku, wren: Provider) -> None:
    on_sale(14155550100, 40, provider=wren)
    assert 20 < handed_back()["415"] < 40


def test_a_target_of_the_whole_type_keeps_its_quantity_wherever_it_lies(sku: Sku, wren: Provider) -> None:
    make_sku("212")
    whole = target(72)
    on_sale(14155550100, 40, provider=wren)
    on_sale(12125550100, 40, provider=wren)
    assert handed_back() == {"415": 4, "212": 4}
    assert stock_levels.missing(whole) == 0


def test_what_is_missing_is_no_surplus_anywhere(sku: Sku, wren: Provider) -> None:
    target(300)
    on_sale(14155550100, 40, provider=wren)
    assert handed_back() == {}


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ({"area_code": "415"}, 40),
        ({"area_code": "212"}, 0),
        ({"is_active": False}, 0),
    ],
    ids=["this area", "another area", "switched off"],
)
def test_a_target_keeps_what_it_names(sku: Sku, wren: Provider, fields: dict[str, Any], kept: int) -> None:
    target(40, **fields)
    on_sale(14155550100, 40, provider=wren)
    assert bool(handed_back()) == (not kept)
    assert sku.state.terms["kept"] == kept


def test_a_target_of_one_provider_counts_only_its_numbers(sku: Sku, wren: Provider) -> None:
    target(20, provider=wren)
    on_sale(14155550100, 20, provider=wren)
    on_sale(14155550120, 60, provider=ProviderFactory.create(is_active=False))
    assert handed_back() == {}, "its own are all wanted, and the shelf does not tell them apart"


def test_numbers_on_their_way_and_in_baskets_are_had(sku: Sku, wren: Provider) -> None:
    target(50)
    on_sale(14155550100, 40, provider=wren)
    on_sale(14155550150, 15, provider=wren, testing=True)
    on_sale(14155550170, 9, provider=wren, failed=True)
    assert handed_back() == {"415": 5}
