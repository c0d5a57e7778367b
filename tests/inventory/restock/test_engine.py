"""B1 and B3: position, caps, providers, surplus, pools and proposals."""

from decimal import Decimal
from typing import Any

import pytest

from inventory.restock import decide, propose
from inventory.restock.proposals import Proposal
from tests.inventory.restock.cases import DAY, FIRST, SECOND, first

SLOW = {"provider": "slow", "L": 18, "sd_L": 7.2, "unit_cost": 1, "MOQ": 10}
FAST = {"provider": "fast", "L": 2, "sd_L": 0.8, "unit_cost": 3}


def proposal(**fields: Any) -> Proposal:
    [one] = propose(DAY, [{"sku": "a", **fields}])
    return one


def several(*providers: dict[str, Any], **others: Any) -> Proposal:
    state = {name: FIRST[name] for name in FIRST if name not in ("L", "sd_L")}
    return proposal(**{**state, "available": 5, "providers": list(providers), **others})


def test_numbers_on_order_and_returning_count_in_the_position() -> None:
    assert proposal(**FIRST, available=3, on_order=4, expected_returns=10).terms["position"] == 3 + 4 + 9


def test_numbers_sold_ahead_do_not_count() -> None:
    assert proposal(**FIRST, available=3, on_order=400, firm=400).terms["position"] == 3


def test_returns_count_by_their_chance_when_they_are_due_in_the_protection_time() -> None:
    due = [{"predicted_on": "2026-12-10", "p_never": 0.25}, {"predicted_on": "2026-11-01"}]
    late = [{"predicted_on": "2026-12-11"}, {"predicted_on": None}]
    assert proposal(**FIRST, available=0, returns=due + late).terms["expected_returns"] == pytest.approx(1.75)


def test_returns_of_one_day_are_told_together() -> None:
    each = {"predicted_on": "2026-12-01", "p_never": 0.25}
    apart, together = (proposal(**FIRST, available=0, returns=told) for told in ([each] * 8, [{**each, "numbers": 8}]))
    assert apart.terms == together.terms


@pytest.mark.parametrize(("given", "level"), [({}, 0.98), ({"class": "A"}, 0.995), ({"class": "long_tail"}, 0.9)])
def test_the_class_sets_the_level(given: dict[str, Any], level: float) -> None:
    assert proposal(**FIRST, available=0, **given).terms["level"] == level


def test_no_order_brings_more_than_a_year_of_demand_unless_one_lot_does() -> None:
    # 365 days of the second example are 3.79 units.
    wanted = proposal(**SECOND, available=0, floor=50, unit_cost=1)
    assert wanted.quantity == 3
    assert proposal(**SECOND, available=0, floor=50, MOQ=4, unit_cost=1).quantity == 4


def test_what_is_sold_ahead_is_ordered_beyond_a_year_of_demand() -> None:
    slow = {**SECOND, "available": 0, "MOQ": 1}
    capped = proposal(**slow)
    ahead = proposal(**slow, firm=500)
    assert ahead.quantity == capped.quantity + 500
    assert proposal(**slow, firm=500, on_order=500).quantity == capped.quantity


def test_a_lot_of_more_than_a_year_needs_approval_above_the_cost_limit() -> None:
    assert proposal(**SECOND, available=0, MOQ=100, unit_cost=1, cost_limit=100).status == "approved"
    dear = proposal(**SECOND, available=0, MOQ=100, unit_cost=1.01, cost_limit=100)
    assert (dear.status, dear.cost) == ("proposed", Decimal("101.00"))
    assert dear.approval == "it costs 101.00, more than 100; one lot is more than 365 days of demand (3.8)"


def test_an_order_whose_cost_is_not_known_needs_approval() -> None:
    assert proposal(**FIRST, available=0).approval == "what it costs is not known"


def test_the_cheapest_provider_delivers() -> None:
    assert (several(FAST, SLOW).provider, several(FAST, SLOW).quantity) == ("slow", 30)
    assert several(FAST, {**SLOW, "order_cost": 90}).provider == "fast"
    assert several(FAST, {**SLOW, "monthly_cost": 30}).provider == "fast"


def test_a_provider_whose_list_is_half_true_costs_twice_and_brings_half() -> None:
    assert several(FAST, SLOW).terms["price"] == pytest.approx(1)
    half = several(FAST, {**SLOW, "honesty": 0.5})
    assert (half.provider, half.terms["price"], half.terms["honesty"]) == ("slow", 2, 0.5)
    assert several(FAST, {**SLOW, "honesty": 0.3}).provider == "fast"
    assert several(FAST, {**SLOW, "capacity": 20}).provider == "slow"
    assert several(FAST, {**SLOW, "capacity": 20, "honesty": 0.6}).provider == "fast"


def test_where_nobody_judged_honesty_nothing_is_said_of_it_and_all_of_it_is_true() -> None:
    plain, judged = several(FAST, SLOW), several(FAST, {**SLOW, "honesty": 1})
    assert "honesty" not in plain.terms
    assert judged.record() == plain.record() | {"terms": plain.terms | {"honesty": 1}}


def test_a_provider_that_cannot_bring_the_reorder_point_leaves_it_to_the_fastest() -> None:
    assert several(FAST, {**SLOW, "capacity": 10}).provider == "fast"
    neither = several({**FAST, "capacity": 1}, {**SLOW, "capacity": 10})
    assert (neither.provider, neither.quantity) == ("fast", 1)
    assert neither.chosen == "the fastest: none of 2 can bring the position to the reorder point"


def test_a_provider_that_can_deliver_nothing_is_passed_over() -> None:
    assert several({**FAST, "capacity": 0}, {**SLOW, "capacity": 10}).provider == "slow"
    nothing = several({**FAST, "capacity": 0})
    assert (nothing.quantity, nothing.status) == (0, "nothing")


def test_the_excess_over_ninety_days_is_proposed_to_go_back() -> None:
    # s 22, 90 days of 0.2376 a day, MOQ 10: what is above 53.4 goes.
    assert decide(DAY, [first(available=53)]) == {"first": 0}
    back = proposal(**FIRST, available=60, MOQ=10, unit_cost=1)
    assert (back.quantity, back.status, back.approval) == (-6, "proposed", "numbers are handed back")


def test_skus_of_one_country_and_type_are_pooled() -> None:
    known = {"N": 10, "Q": 40, "Q2": 300, "e": 100}
    market = {"country": "US", "number_type": "local", "available": 0, "L": 3}
    skus = {"a": {**market, **known}, "b": market, "c": {**market, "country": "CA"}}
    terms = {each.sku: each.terms for each in propose(DAY, skus)}
    assert [terms["b"][name] for name in ("m0", "q0", "r0")] == pytest.approx([4, 30, 0.12])
    assert [terms["c"][name] for name in ("m0", "q0", "r0")] == pytest.approx([1, 1, 0.02])


def test_the_same_night_has_the_same_keys_and_quantities() -> None:
    once, again = propose(DAY, [first()]), propose(DAY, [first()])
    assert once == again
    assert [each.key for each in once] == ["first:2026-11-21"]


def test_what_else_a_sku_is_may_stand_in_its_record() -> None:
    assert decide(DAY, [first(locality="Oakland", area_code="510", capabilities=["voice"])]) == {"first": 10}


def test_no_skus_no_proposals() -> None:
    assert (decide(DAY, []), propose(DAY, {})) == ({}, [])
