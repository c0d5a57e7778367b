"""A search that says how many are wanted: what it does not find counts as demand, and nothing else does."""

import pytest

from inventory.models import DemandEvent
from tests.api.available.test_search import US_LOCAL, found
from tests.api.conftest import Caller

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_window")]


def missed() -> list[tuple[str, int | None, int, int]]:
    """Area code, place, capabilities, and how many more were wanted."""
    rows = DemandEvent.objects.filter(kind="search", units_filled=0).order_by("pk")
    return list(rows.values_list("area_code", "place_id", "capabilities", "units_requested"))


def test_what_was_not_found_is_demand(ada: Caller) -> None:
    assert len(found(ada, AreaCode="415", VoiceEnabled="true", Quantity="10")) == 2
    assert missed() == [("415", None, 1, 8)]


def test_a_town_is_a_place(ada: Caller) -> None:
    found(ada, InLocality="Oakland", Quantity="2")
    assert missed() == [("", 2, 0, 1)]


@pytest.mark.parametrize(
    "query",
    [
        {"AreaCode": "415"},
        {"AreaCode": "415", "Quantity": "2"},
        {"AreaCode": "415", "Quantity": "1"},
        {"AreaCode": "999", "Quantity": "5"},  # nobody's
        {"AreaCode": "415", "Quantity": "5", "PageSize": "1"},  # there is more on the next page
        {"Contains": "4155", "Quantity": "5"},
        {"InLocality": "Nowhere", "Quantity": "5"},
    ],
)
def test_plain_searches_and_what_is_nobody_s_are_none(query: dict[str, str], ada: Caller) -> None:
    found(ada, **query)
    assert missed() == []


def test_the_same_search_again_counts_once(ada: Caller) -> None:
    for wanted in ("5", "9", "7"):
        found(ada, AreaCode="415", Quantity=wanted)
    assert missed() == [("415", None, 0, 7)]


@pytest.mark.parametrize("quantity", ["0", "1001", "many", ""])
def test_a_quantity_that_is_none_is_refused(quantity: str, ada: Caller) -> None:
    assert ada.get(ada.of(US_LOCAL), {"Quantity": quantity}).status_code == 400
