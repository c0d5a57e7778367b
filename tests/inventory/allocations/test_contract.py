"""Our own ranges keep the promises of every provider, as far as they are not about a network between us."""

import pytest

from inventory.models import Activation, Allocation
from numbering.e164 import E164
from tests.factories import AllocationFactory
from tests.inventory.providers.contract import ProviderContract


class OwnRanges:
    """Two blocks in area code 415."""

    def __init__(self) -> None:
        self.allocation: Allocation = AllocationFactory.create(first=14156670000, size=10_000)
        self.provider = self.allocation.provider

    def billed(self) -> set[int]:
        return set(Activation.objects.filter(returned_at=None).values_list("e164", flat=True))

    def ordered(self, key: str) -> int:
        return len(set(Activation.objects.filter(key=key).values_list("key", flat=True)))

    def sell_elsewhere(self, number: E164) -> None:
        Activation.objects.create(allocation=self.allocation, e164=number.digits, key="ny-other")


class TestOwnRanges:
    """The promises that there are."""

    @pytest.fixture
    def shop(self, db: None) -> OwnRanges:
        return OwnRanges()

    test_kind = ProviderContract.test_offers_are_of_the_kind_that_was_asked_for
    test_area = ProviderContract.test_an_area_code_narrows_the_offers
    test_not_sold = ProviderContract.test_what_it_does_not_sell_is_not_offered
    test_filled = ProviderContract.test_an_order_is_filled_and_billed
    test_same_key = ProviderContract.test_the_same_key_is_the_same_order
    test_unused_key = ProviderContract.test_a_key_that_was_never_used_has_no_order
    test_bill = ProviderContract.test_what_it_bills_is_listed_to_the_end
    test_released = ProviderContract.test_a_released_number_is_billed_no_more
    test_never_sold = ProviderContract.test_a_number_that_it_never_sold_us_cannot_go_back
    test_stock = ProviderContract.test_our_stock_is_what_it_bills
    test_goes_back = ProviderContract.test_a_number_that_goes_back_is_confirmed_by_its_bill
    test_audit = ProviderContract.test_an_audit_finds_what_differs_and_nothing_else
