"""What is wrong with a record is told by SKU and field."""

from typing import Any

import pytest

from inventory.restock import BadRecord, decide
from tests.inventory.restock.cases import DAY, FIRST

GOOD = {"sku": "a", "available": 5, **FIRST}
EVENT = {"sku": "a", "at": "2026-11-20", "units_requested": 3}

BAD_SKUS = [
    ({"avaliable": 3}, "avaliable"),
    ({"available": None}, "available"),
    ({"available": -1}, "available"),
    ({"available": "5"}, "available"),
    ({"available": True}, "available"),
    ({"on_order": float("nan")}, "on_order"),
    ({"on_order": float("inf")}, "on_order"),
    ({"on_order": 10**400}, "on_order"),
    ({"N": None}, "N"),
    ({"level": 1}, "level"),
    ({"class": "B"}, "class"),
    ({"listed": "yes"}, "listed"),
    ({"country": 1}, "country"),
    ({"L": None}, "L"),
    ({"MOQ": 2.5}, "MOQ"),
    ({"MOQ": 0}, "MOQ"),
    ({"as_of": "yesterday"}, "as_of"),
    ({"as_of": "2026-11-22"}, "as_of"),
    ({"providers": {}}, "providers"),
    ({"providers": [{"L": 3}]}, "L"),
    ({"returns": [3]}, ""),
    ({"returns": [{"p_never": 2}]}, "p_never"),
    ({"returns": [{"numbers": -1}]}, "numbers"),
    ({"returns": [{}], "expected_returns": 1}, "expected_returns"),
]
BAD_EVENTS = [
    ({"sku": None}, "sku"),
    ({"sku": []}, "sku"),
    ({"at": None}, "at"),
    ({"at": "2026-02-30"}, "at"),
    ({"units_requested": None}, "units_requested"),
    ({"units_requested": 1.5}, "units_requested"),
    ({"units_requested": -1}, "units_requested"),
    ({"units_filled": 4}, "units_filled"),
    ({"kind": 3}, "kind"),
    ({"colour": "red"}, "colour"),
]


@pytest.mark.parametrize(("change", "field"), BAD_SKUS, ids=str)
def test_a_bad_sku_is_refused_by_name_and_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(BadRecord, match=f"^SKU 'a', field '{field}': ") as refused:
        decide(DAY, [{**GOOD, "sku": "good"}, {**GOOD, **change}])
    assert refused.value.index == 1


@pytest.mark.parametrize(("change", "field"), BAD_EVENTS, ids=str)
def test_a_bad_demand_event_is_refused_by_place_and_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(BadRecord, match=f"^demand event 2, field '{field}': "):
        decide(DAY, [{"sku": "a", "available": 5, "L": 3}], [EVENT, {**EVENT, **change}])


@pytest.mark.parametrize("skus", [[{"available": 1}], [{"sku": ""}], [GOOD, GOOD], {"b": GOOD}, [{"sku": ["a"]}]])
def test_every_sku_has_a_name_of_its_own(skus: Any) -> None:
    with pytest.raises(BadRecord, match="field 'sku'"):
        decide(DAY, skus)


def test_what_is_no_object_is_refused() -> None:
    with pytest.raises(BadRecord, match="is not an object"):
        decide(DAY, [7])  # type: ignore[list-item]  # that is the case


def test_a_state_without_its_day_takes_no_demand() -> None:
    with pytest.raises(BadRecord, match="'as_of': is missing"):
        decide(DAY, [GOOD], [EVENT])


def test_an_entry_of_providers_is_refused_under_its_sku() -> None:
    skus = [{"sku": "x", "available": 0, "providers": [{"L": 1}, {"L": 2}]}, {"sku": "y", "available": 0}]
    with pytest.raises(BadRecord, match="SKU 'y', field 'L': is missing") as refused:
        decide(DAY, skus)
    assert refused.value.index == 1
