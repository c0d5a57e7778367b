"""The page of a range of ours: added with care, withdrawn when nothing of it is active, its blocks at a glance."""

from typing import Any

import pytest
from django.test import Client

from inventory.allocations import activating
from inventory.models import Allocation
from tests.factories import AllocationFactory, DidFactory, ProviderFactory

LIST = "/console/inventory/allocation/"


@pytest.fixture
def wide(db: None) -> Allocation:
    return AllocationFactory.create(first=14156680000, size=10_000)


def form(allocation: Allocation, **but: Any) -> dict[str, Any]:
    return {
        **{"provider": allocation.provider_id, "country": "US", "number_type": "local", "first": "14156690000"},
        **{"size": "1000", "holder": "OCN 999Z", "source": "NANPA Part 3", "allocated_on": "2026-01-05"},
        **{"capabilities": ["1", "2"], "monthly_cost": "0", "currency": "USD"},
        **but,
    }


def test_staff_add_a_range(staff: Client, wide: Allocation) -> None:
    staff.post(f"{LIST}add/", form(wide))
    added = Allocation.objects.exclude(pk=wide.pk).get()
    assert (str(added), added.source) == ("+14156690000 to +14156690999", "NANPA Part 3")


@pytest.mark.parametrize(
    "but",
    [
        {"first": "14156685000"},  # overlaps
        {"first": "14156690100"},  # not at a multiple of its size
        {"first": "14150001000"},  # not in the plan
        {"country": "GB"},
        {"size": "2000"},
        {"holder": ""},
        {"adopt_by": "2026-01-05"},
    ],
    ids=str,
)
def test_what_the_database_would_refuse_is_said_in_the_form(
    staff: Client, wide: Allocation, but: dict[str, str]
) -> None:
    answer = staff.post(f"{LIST}add/", form(wide, **but))
    assert (answer.status_code, Allocation.objects.count()) == (200, 1)


def test_only_a_provider_of_own_ranges_can_have_one(staff: Client, wide: Allocation) -> None:
    carrier = ProviderFactory.create(name="Tern Telecom")
    shown = staff.get(f"{LIST}add/").content.decode()
    assert (wide.provider.name in shown, carrier.name in shown) == (True, False)
    assert staff.post(f"{LIST}add/", form(wide, provider=carrier.pk)).status_code == 200
    assert Allocation.objects.count() == 1


def test_the_page_tells_how_its_blocks_are_used(staff: Client, wide: Allocation) -> None:
    DidFactory.create(number__e164=wide.first)
    shown = staff.get(f"{LIST}{wide.pk}/change/").content.decode()
    assert "1 of 10000 numbers are with customers, 1 can't be given" in shown
    assert shown.count("not opened") == 9
    assert shown.count("may be donated") == 1


def test_a_range_in_use_is_not_withdrawn(staff: Client, wide: Allocation) -> None:
    activating.activate(wide.provider, [wide.first], key="ny-1")
    page = f"{LIST}{wide.pk}/do/withdraw/"
    shown = staff.post(page, {"reason": "donated"}, follow=True).content.decode()
    wide.refresh_from_db()
    assert (wide.withdrawn_on, "Nothing was done" in shown) == (None, True)
    activating.give_back(wide.provider, wide.first)
    staff.post(page, {"reason": "donated"})
    wide.refresh_from_db()
    assert wide.withdrawn_on
    assert staff.get(page).status_code == 404
