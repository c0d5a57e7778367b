"""One operator's stock feeds another's: we buy from a second Numberyard, over HTTP, with the official client."""

import threading
from typing import Any

import pytest
from django.utils import timezone

from inventory.lifecycle import State
from inventory.models import (
    LineState,
    OrderState,
    PhoneNumber,
    Provider,
    ProviderOrder,
    ProviderRelease,
    ReleaseState,
)
from inventory.providers.base import LineStatus, OrderLine, ProviderAdapter, ProviderUncertain, Wanted
from inventory.providers.registry import adapter_of
from inventory.services import auditing, provider_releases, settling, sourcing
from numbering.e164 import E164
from numbering.types import NumberType
from tests.inventory.conftest import settle_all_orders, settle_all_releases, stock
from tests.inventory.providers.conftest import North
from tests.inventory.providers.relay import Relay

LOCAL = NumberType.LOCAL


def ask(quantity: int, country: str = "US", **wanted: str) -> ProviderOrder:
    """An order that is written down and not placed yet."""
    assert sourcing.ask(country=country, number_type=LOCAL, quantity=quantity, **wanted) == quantity  # type: ignore[arg-type]
    return ProviderOrder.objects.latest("pk")


def again(order: ProviderOrder) -> ProviderOrder:
    """The next step of it, now."""
    ProviderOrder.objects.update(next_attempt_at=timezone.now())
    settling.settle(order.pk)
    order.refresh_from_db()
    return order


def test_what_they_sell_we_buy_and_give_back(north: North) -> None:
    on_sale = set(north.upstream.stock(3))
    order = ask(2)
    settle_all_orders()
    order.refresh_from_db()
    assert order.state == OrderState.COMPLETE
    assert stock() < on_sale
    assert north.customer.owned() == dict.fromkeys(stock(), order.key)
    auditing.audit(north.provider.pk)
    north.provider.refresh_from_db()
    assert (north.provider.orphans, north.provider.ghosts) == (0, 0)
    back = PhoneNumber.objects.earliest("pk")
    provider_releases.retire(back.pk, actor="user:staff", reason="too many")
    settle_all_releases()
    assert ProviderRelease.objects.get().state == ReleaseState.CONFIRMED
    assert set(north.customer.owned()) == stock() == on_sale & stock() - {back.e164}


def test_a_number_from_there_is_described_as_its_offer_was(north: North) -> None:
    [digits] = north.upstream.stock(1, declared_capabilities=3, capabilities=3)
    ask(1)
    settle_all_orders()
    number = PhoneNumber.objects.get()
    assert (number.e164, number.country, number.number_type, number.area_code) == (digits, "US", LOCAL, "415")
    assert (str(number.monthly_cost), number.currency, number.declared_capabilities) == ("1.1500", "USD", 3)
    assert (number.state, number.provider) == (State.SOURCED, north.provider)


def test_offers_come_page_by_page_and_by_area(north: North) -> None:
    everything = north.upstream.stock(130)
    [elsewhere] = north.upstream.stock(1, e164=12125550177)
    found = [offer.number.digits for offer in north.adapter.offers(Wanted("US", LOCAL))]
    assert sorted(found) == sorted([*everything, elsewhere])
    assert [o.number.digits for o in north.adapter.offers(Wanted("US", LOCAL, "212"))] == [elsewhere]
    assert list(north.adapter.offers(Wanted("US", NumberType.MOBILE))) == []
    assert list(north.adapter.offers(Wanted("TV", LOCAL))) == []


def test_outside_north_america_the_area_is_the_beginning_of_the_number(north: North) -> None:
    north.provider.options["monthly_costs"] = {"DE": {"local": {"amount": "0.90", "currency": "EUR"}}}
    berlin, _munich = (north.upstream.stock(1, e164=e164)[0] for e164 in (4930901820000, 4989901820000))
    [offer] = north.adapter.offers(Wanted("DE", LOCAL, "30"))
    assert (offer.number.digits, str(offer.monthly_cost), offer.currency) == (berlin, "0.90", "EUR")


def test_an_answer_that_is_lost_buys_once(north: North, relay: Relay) -> None:
    north.upstream.stock(3)
    order = ask(3)
    relay.lose_answer("POST")
    settling.settle(order.pk)
    order.refresh_from_db()
    assert (order.state, len(north.customer.owned()), stock()) == (OrderState.INTENDED, 1, set())
    again(order)
    assert order.state == OrderState.COMPLETE
    assert stock() == set(north.customer.owned())
    assert len(relay.posts()) == 3, "the first number was bought before, and not tried again"


def test_each_purchase_has_a_key_of_its_own_that_stays(north: North, relay: Relay) -> None:
    [first, second] = sorted(north.upstream.stock(2))
    numbers = [E164(first), E164(second)]
    relay.answer("POST", 502)
    with pytest.raises(ProviderUncertain):
        north.adapter.order(numbers, key="ny-1")
    north.adapter.order(numbers, key="ny-1")
    keys = [headers["Idempotency-Key"] for headers in relay.posts()]
    assert keys == [f"ny-1-{first}", f"ny-1-{first}", f"ny-1-{second}"]


def test_a_crash_between_purchase_and_record_buys_once(north: North) -> None:
    north.upstream.stock(2)
    order = ask(2)
    numbers = [E164(digits) for digits in order.lines.order_by("pk").values_list("e164", flat=True)]
    north.adapter.order(numbers, key=order.key)  # and here the process dies
    assert again(order).state == OrderState.COMPLETE
    assert stock() == set(north.customer.owned()) == {number.digits for number in numbers}


def test_a_crash_in_the_middle_of_an_order_buys_the_rest(north: North) -> None:
    north.upstream.stock(3)
    order = ask(3)
    numbers = [E164(digits) for digits in order.lines.order_by("pk").values_list("e164", flat=True)]
    north.adapter.order(numbers[:2], key=order.key)
    assert again(order).state == OrderState.COMPLETE
    assert len(stock()) == 3
    assert stock() == set(north.customer.owned())


def test_a_number_that_somebody_else_bought_meanwhile_is_a_refused_line(north: North) -> None:
    north.upstream.stock(2)
    order = ask(2)
    gone = order.lines.earliest("pk")
    assert north.upstream.customer().buy(gone.e164).status_code == 201
    assert again(order).state == OrderState.COMPLETE
    gone.refresh_from_db()
    assert (gone.state, "21422" in gone.reason) == (LineState.REFUSED, True)
    assert len(stock()) == 1
    assert stock() == set(north.customer.owned())


def test_of_two_who_order_the_same_number_at_once_one_has_it(north: North, settings: Any) -> None:
    [digits] = north.upstream.stock(1)
    rival = north.upstream.customer()
    settings.PROVIDER_CREDENTIALS = settings.PROVIDER_CREDENTIALS | {"south": rival.keys}
    south = adapter_of(Provider(slug="south", adapter="twilio"))
    start, found = threading.Barrier(2), dict[str, OrderLine]()

    def order(name: str, adapter: ProviderAdapter) -> None:
        start.wait()
        found[name] = adapter.order([E164(digits)], key=f"ny-{name}").lines[0]

    threads = [threading.Thread(target=order, args=each) for each in (("north", north.adapter), ("south", south))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(line.status for line in found.values()) == [LineStatus.FILLED, LineStatus.REFUSED]
    [winner] = [name for name, line in found.items() if line.status == LineStatus.FILLED]
    owners = {"north": north.customer, "south": rival}
    assert {name: set(owner.owned()) for name, owner in owners.items()} == {
        name: {digits} if name == winner else set() for name in owners
    }
    assert "21422" in next(line.reason for line in found.values() if line.status == LineStatus.REFUSED)


def test_our_own_lost_purchase_is_no_refusal(north: North, relay: Relay) -> None:
    """As Twilio answers who buys what he has: not available. A list that is a moment old did not show it."""
    [digits] = north.upstream.stock(1)
    number = E164(digits)
    adapter = north.adapter
    adapter.order([number], key="ny-1")
    relay.answer("GET", 200, b'{"incoming_phone_numbers": [], "next_page_uri": null}')
    relay.answer("POST", 400, b'{"code": 21422, "message": "not available", "status": 400}')
    assert adapter.order([number], key="ny-1").lines[0].status == LineStatus.FILLED


def test_papers_that_are_asked_for_come_from_the_options(north: North) -> None:
    north.provider.options["monthly_costs"] = {"NZ": {"local": {"amount": "0.90", "currency": "NZD"}}}
    north.provider.save()
    [digits] = north.upstream.stock(1, e164=6498765432)
    north.upstream.ask_for_an_address("NZ")
    order = again(ask(1, country="NZ"))
    line = order.lines.get()
    assert line.reason == "21631: wants papers; the provider's options have none for NZ"
    north.provider.options["papers"] = {"NZ": {"address_sid": north.upstream.address(north.customer)}}
    assert north.adapter.order([E164(digits)], key="ny-2").lines[0].status == LineStatus.FILLED


@pytest.mark.parametrize(("status", "wish"), [(429, "17"), (503, ""), (500, ""), (502, "")])
def test_a_provider_in_trouble_is_asked_again(north: North, relay: Relay, status: int, wish: str) -> None:
    north.upstream.stock(2)
    order = ask(2)
    relay.answer("POST", status, b"{}", **({"Retry_After": wish} if wish else {}))
    before = timezone.now()
    settling.settle(order.pk)
    order.refresh_from_db()
    assert (order.state, order.last_error[:3]) == (OrderState.INTENDED, str(status))
    assert order.next_attempt_at
    assert ((order.next_attempt_at - before).total_seconds() >= 17) is bool(wish)
    assert again(order).state == OrderState.COMPLETE
    assert stock() == set(north.customer.owned())


def test_a_provider_that_is_down_leaves_everything_open(north: North, settings: Any) -> None:
    north.upstream.stock(1)
    order = ask(1)
    settings.PROVIDER_CREDENTIALS = {"north": north.customer.keys | {"url": "http://127.0.0.1:9"}}
    assert again(order).state == OrderState.INTENDED
    assert sourcing.ask(country="US", number_type=LOCAL, quantity=1) == 0
    settings.PROVIDER_CREDENTIALS = {"north": north.customer.keys}
    assert again(order).state == OrderState.COMPLETE


def test_a_return_whose_answer_is_lost_is_proved_by_their_list(north: North, relay: Relay) -> None:
    north.upstream.stock(1)
    ask(1)
    settle_all_orders()
    relay.lose_answer("DELETE")
    provider_releases.retire(PhoneNumber.objects.get().pk, actor="user:staff", reason="too many")
    settle_all_releases()
    assert ProviderRelease.objects.get().state == ReleaseState.CONFIRMED
    assert north.customer.owned() == {}


def test_a_bill_that_breaks_off_makes_no_ghosts(north: North, relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inventory.providers.twilio.adapter.HOLDINGS_PER_PAGE", 2)
    north.upstream.stock(3)
    ask(3)
    settle_all_orders()
    assert len(list(north.adapter.holdings())) == 3
    relay.answer("GET", 500, path="PageToken")
    auditing.audit(north.provider.pk)
    north.provider.refresh_from_db()
    assert (relay.struck, north.provider.ghosts, north.provider.audited_at) == ([], 0, None)
