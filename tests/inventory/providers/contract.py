"""What every provider's adapter must do, whoever the vendor is: one class of tests that runs against each.

For a new adapter: subclass ProviderContract in a file `test_<adapter>_contract.py` beside this one, name the subclass
`Test...`, and give it a fixture `shop` (a Shop): the vendor, from behind its counter.
"""

from itertools import islice
from typing import Protocol

import pytest
from django.utils import timezone

from inventory import intents
from inventory.models import (
    Discrepancy,
    LineState,
    OrderState,
    PhoneNumber,
    Provider,
    ProviderOrder,
    ProviderRelease,
    ReleaseState,
)
from inventory.providers.base import (
    LineStatus,
    OrderStatus,
    ProviderAdapter,
    ProviderRefused,
    ProviderUnavailable,
    ProviderUncertain,
    Wanted,
)
from inventory.providers.registry import adapter_of
from inventory.services import auditing, provider_releases, settling, sourcing
from numbering.e164 import E164
from numbering.types import Capability, NumberType
from tests.inventory.conftest import settle_all_orders, settle_all_releases, stock, until

US_LOCAL = Wanted("US", NumberType.LOCAL)
IN_415 = Wanted("US", NumberType.LOCAL, "415")
NEVER_SOLD = E164.parse("+14155559999")


class Shop(Protocol):
    """A vendor that sells US local numbers, fifty or more in area code 415, and has sold us nothing yet."""

    provider: Provider

    def billed(self) -> set[int]:
        """The digits of the numbers that it bills us for."""

    def ordered(self, key: str) -> int:
        """How many orders it has under our key."""

    def sell_elsewhere(self, number: E164) -> None:
        """Somebody else takes a number that we have seen on offer."""

    def lose_answer(self) -> None:
        """The next order is taken, and its answer lost."""

    def list_late(self, late: bool) -> None:
        """Whether what it sells us from now on is on none of its lists yet, as far as it can be late at all."""

    def be_busy(self) -> None:
        """The next request is told to come back later."""

    def vanish(self) -> None:
        """From now on nobody answers at its address."""

    def genuine_callback(self, order: ProviderOrder) -> tuple[dict[str, str], bytes] | None:
        """The headers and the body of its news of this order, None if it sends none."""


def adapter(shop: Shop) -> ProviderAdapter:
    """Our side of it, made anew as each attempt of a worker does."""
    return adapter_of(shop.provider)


def some(shop: Shop, quantity: int) -> list[E164]:
    """Numbers that it has on offer."""
    return [offer.number for offer in islice(adapter(shop).offers(IN_415), quantity)]


def settled(shop: Shop, key: str) -> OrderStatus:
    """The order, when nothing more will come of it."""
    found: list[OrderStatus] = []

    def is_settled() -> bool:
        status = adapter(shop).order_status(key)
        if status and status.settled:
            found.append(status)
        return bool(found)

    until(is_settled)
    return found[0]


def order_of_two(shop: Shop) -> ProviderOrder:
    """Two numbers on order with us, and nothing said to the vendor yet."""
    asked = sourcing.ask(
        country="US", number_type=NumberType.LOCAL, area_code="415", quantity=2, provider=shop.provider
    )
    assert asked == 2
    return ProviderOrder.objects.get()


def attempt(order: ProviderOrder) -> ProviderOrder:
    """One attempt at an order, now."""
    ProviderOrder.objects.filter(pk=order.pk, next_attempt_at__isnull=False).update(next_attempt_at=timezone.now())
    settling.settle(order.pk)
    order.refresh_from_db()
    return order


class ProviderContract:
    """Each test is one promise of ProviderAdapter; the last ones let the real services use it."""

    def test_offers_are_of_the_kind_that_was_asked_for(self, shop: Shop) -> None:
        offers = list(islice(adapter(shop).offers(US_LOCAL), 30))
        assert len({offer.number for offer in offers}) == 30
        for offer in offers:
            assert (offer.country, offer.number_type, offer.number.country) == ("US", NumberType.LOCAL, "US")
            assert Capability.VOICE in offer.capabilities
            assert offer.monthly_cost > 0
            assert offer.currency == "USD"

    def test_an_area_code_narrows_the_offers(self, shop: Shop) -> None:
        assert {str(number)[:5] for number in some(shop, 20)} == {"+1415"}

    def test_what_it_does_not_sell_is_not_offered(self, shop: Shop) -> None:
        assert list(adapter(shop).offers(Wanted("TV", NumberType.LOCAL))) == []
        assert list(adapter(shop).offers(Wanted("US", NumberType.MACHINE_TO_MACHINE))) == []

    def test_an_order_is_filled_and_billed(self, shop: Shop) -> None:
        numbers = some(shop, 3)
        placed = adapter(shop).order(numbers, key="ny-1")
        assert placed.key == "ny-1"
        filled = settled(shop, "ny-1")
        assert {line.number: line.status for line in filled.lines} == dict.fromkeys(numbers, LineStatus.FILLED)
        assert filled.reference == placed.reference != ""
        assert shop.billed() == {number.digits for number in numbers}

    def test_the_same_key_is_the_same_order(self, shop: Shop) -> None:
        numbers = some(shop, 2)
        references = {adapter(shop).order(numbers, key="ny-1").reference for _ in range(3)}
        settled(shop, "ny-1")
        references.add(adapter(shop).order(numbers, key="ny-1").reference)
        assert (len(references), shop.ordered("ny-1")) == (1, 1)

    def test_a_key_that_was_never_used_has_no_order(self, shop: Shop) -> None:
        adapter(shop).order(some(shop, 1), key="ny-12")
        assert adapter(shop).order_status("ny-1") is None

    def test_a_lost_answer_leaves_an_order_that_its_key_finds(self, shop: Shop) -> None:
        numbers = some(shop, 2)
        shop.lose_answer()
        with pytest.raises(ProviderUncertain):
            adapter(shop).order(numbers, key="ny-1")
        assert adapter(shop).order_status("ny-1") is not None
        adapter(shop).order(numbers, key="ny-1")
        assert shop.ordered("ny-1") == 1
        assert len(settled(shop, "ny-1").lines) == 2

    def test_a_number_that_was_sold_meanwhile_is_refused_and_the_others_come(self, shop: Shop) -> None:
        numbers = some(shop, 3)
        shop.sell_elsewhere(numbers[1])
        adapter(shop).order(numbers, key="ny-1")
        lines = {line.number: line for line in settled(shop, "ny-1").lines}
        assert lines[numbers[0]].status == lines[numbers[2]].status == LineStatus.FILLED
        assert numbers[1] not in lines or lines[numbers[1]].status == LineStatus.REFUSED
        assert shop.billed() == {numbers[0].digits, numbers[2].digits}

    def test_a_busy_vendor_has_done_nothing(self, shop: Shop) -> None:
        numbers = some(shop, 1)
        shop.be_busy()
        with pytest.raises(ProviderUnavailable):
            adapter(shop).order(numbers, key="ny-1")
        assert shop.ordered("ny-1") == 0

    def test_a_vendor_that_is_not_there_has_done_nothing(self, shop: Shop) -> None:
        numbers = some(shop, 1)
        shop.vanish()
        with pytest.raises(ProviderUnavailable):
            adapter(shop).order(numbers, key="ny-1")
        for question in (
            lambda: adapter(shop).order_status("ny-1"),
            lambda: adapter(shop).holding(numbers[0]),
            lambda: list(adapter(shop).holdings()),
            lambda: list(adapter(shop).offers(US_LOCAL)),
            lambda: adapter(shop).release(numbers[0], key="ny-2"),
        ):
            with pytest.raises(ProviderUnavailable):
                question()

    def test_what_it_bills_is_listed_to_the_end(self, shop: Shop) -> None:
        assert list(adapter(shop).holdings()) == []
        numbers = some(shop, 7)
        adapter(shop).order(numbers, key="ny-1")
        settled(shop, "ny-1")
        assert sorted(adapter(shop).holdings()) == sorted(numbers)
        assert all(adapter(shop).holding(number) for number in numbers)

    def test_a_released_number_is_billed_no_more(self, shop: Shop) -> None:
        kept, given_back = some(shop, 2)
        adapter(shop).order([kept, given_back], key="ny-1")
        settled(shop, "ny-1")
        adapter(shop).release(given_back, key="ny-2")
        until(lambda: not adapter(shop).holding(given_back))
        assert list(adapter(shop).holdings()) == [kept]
        adapter(shop).release(given_back, key="ny-2")
        assert shop.billed() == {kept.digits}

    def test_a_number_that_it_never_sold_us_cannot_go_back(self, shop: Shop) -> None:
        assert not adapter(shop).holding(NEVER_SOLD)
        with pytest.raises(ProviderRefused):
            adapter(shop).release(NEVER_SOLD, key="ny-1")

    def test_our_stock_is_what_it_bills(self, shop: Shop) -> None:
        sourcing.ask(country="US", number_type=NumberType.LOCAL, quantity=5, provider=shop.provider)
        settle_all_orders()
        assert len(stock()) == 5
        assert stock() == shop.billed()
        assert not PhoneNumber.objects.exclude(monthly_cost__gt=0, currency="USD").exists()

    def test_a_crash_after_the_order_buys_nothing_twice(self, shop: Shop) -> None:
        """The vendor took the order, and whoever placed it did not live to hear so."""
        order = order_of_two(shop)
        shop.lose_answer()
        assert (attempt(order).state, order.attempts) == (OrderState.INTENDED, 1)
        settle_all_orders()
        assert shop.ordered(order.key) == 1
        assert len(stock()) == 2
        assert stock() == shop.billed()

    def test_an_order_that_is_listed_late_is_not_given_up(self, shop: Shop) -> None:
        """Taken, unanswered, and not listed yet: its numbers are refused to the next attempts, since they are ours."""
        order = order_of_two(shop)
        shop.lose_answer()
        shop.list_late(True)
        for _ in range(4):
            attempt(order)
            assert order.state != OrderState.FAILED
            assert not order.lines.filter(state=LineState.REFUSED).exists()
        shop.list_late(False)
        settle_all_orders()
        assert set(order.lines.values_list("state", flat=True)) == {LineState.RECEIVED}
        assert len(stock()) == 2
        assert stock() == shop.billed()

    def test_a_worker_that_died_after_the_order_leaves_one_that_is_found(self, shop: Shop) -> None:
        """It was killed between the vendor's yes and our note of it: the row says intended, as if nothing was sent."""
        order = order_of_two(shop)
        assert intents.claim(ProviderOrder, order.pk)
        numbers = [E164.from_int(line.e164) for line in order.lines.order_by("pk")]
        adapter(shop).order(numbers, key=order.key)
        settle_all_orders()
        order.refresh_from_db()
        assert (order.state, shop.ordered(order.key)) == (OrderState.COMPLETE, 1)
        assert stock() == shop.billed() == {number.digits for number in numbers}

    def test_an_order_that_lost_a_number_ends_without_it(self, shop: Shop) -> None:
        order = order_of_two(shop)
        lost, kept = order.lines.order_by("pk")
        shop.sell_elsewhere(E164.from_int(lost.e164))
        settle_all_orders()
        assert stock() == shop.billed() == {kept.e164}
        assert order.lines.get(e164=lost.e164).state == LineState.REFUSED

    def test_a_number_that_goes_back_is_confirmed_by_its_bill(self, shop: Shop) -> None:
        order_of_two(shop)
        settle_all_orders()
        number = PhoneNumber.objects.earliest("pk")
        provider_releases.retire(number.pk, actor="user:staff", reason="too many")
        settle_all_releases()
        assert ProviderRelease.objects.get().state == ReleaseState.CONFIRMED
        assert stock() == shop.billed() != set()

    def test_an_audit_finds_what_differs_and_nothing_else(self, shop: Shop) -> None:
        order_of_two(shop)
        settle_all_orders()
        auditing.audit(shop.provider.pk)
        assert not Discrepancy.objects.exists()
        number = PhoneNumber.objects.earliest("pk")
        adapter(shop).release(number.number, key="ny-behind-our-back")
        until(lambda: not adapter(shop).holding(number.number))
        PhoneNumber.objects.update(created_at=timezone.now() - 2 * auditing.LAG)
        auditing.audit(shop.provider.pk)
        assert set(Discrepancy.objects.values_list("kind", "e164")) == {("ghost", number.e164)}

    def test_only_a_genuine_callback_names_its_order(self, shop: Shop) -> None:
        order = attempt(order_of_two(shop))
        ask, news = adapter(shop).verify_callback, shop.genuine_callback(order)
        if news is None:  # then anything is a forgery
            assert ask({}, order.key.encode()) is None
            return
        headers, body = news
        assert ask(headers, body) == order.key
        assert ask({name.upper(): value for name, value in headers.items()}, body) == order.key
        assert ask(headers, body) == order.key, "the second delivery of the same news is no forgery"
        assert ask(headers, body + b" ") is None
        assert ask(headers, b"") is None
        assert ask({}, body) is None
        assert ask(dict.fromkeys(headers, "\u00e9"), body) is None
