"""Sound rows of restocking, for `test_constraints` to spoil."""

from inventory.models import DemandEvent, DemandKind, FirmOrder, RestockProposal, Sku, SkuState, SupplyTerms
from tests.architecture.rows import NEW_YEAR, US_LOCAL, account, provider


def sku() -> Sku:
    return Sku.objects.create(**US_LOCAL, area_code="415")


def sku_state() -> SkuState:
    sums = {"n": 12, "q": 30, "q2": 190, "e": 60}
    return SkuState.objects.create(sku=sku(), **sums, s=22, up_to=29.1, level=0.98, floor=2, as_of=NEW_YEAR)


def demand() -> DemandEvent:
    asked = {"units_requested": 3, "units_filled": 2, "capabilities": 1, "account": account()}
    return DemandEvent.objects.create(**US_LOCAL, key="search:1", kind=DemandKind.SEARCH, **asked)


def supply_terms() -> SupplyTerms:
    return SupplyTerms.objects.create(**US_LOCAL, provider=provider(), monthly_cost=1)


def firm_order() -> FirmOrder:
    said = {"made_by": "user:a", "quote": "wren: 5 days in the mean."}
    return FirmOrder.objects.create(sku=sku(), reference="PO 7", quantity=500, **said)


def proposal(quantity: int = 10) -> RestockProposal:
    seller = provider() if quantity > 0 else None
    said = {"currency": "USD", "terms": {}, "sentence": "It runs low."}
    return RestockProposal.objects.create(
        key="US-local-415:2026-01-01", sku=sku(), day=NEW_YEAR, provider=seller, quantity=quantity, **said
    )


def surplus_proposal() -> RestockProposal:
    return proposal(-10)
