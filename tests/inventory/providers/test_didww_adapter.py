"""DIDWW, through its own client, against what its published API says (tests/inventory/providers/didww_shop.py)."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from inventory.models import OrderState, Provider
from inventory.providers.base import LineStatus, OrderStatus, ProviderAdapter, ProviderRefused, ProviderUnavailable
from inventory.providers.didww import wire
from inventory.providers.registry import adapter_of
from numbering.types import Capability
from tests.inventory.conftest import settle_all_orders, stock
from tests.inventory.providers import didww_shop
from tests.inventory.providers.contract import IN_415, US_LOCAL, ProviderContract, attempt, order_of_two
from tests.inventory.providers.counter import Answer, opened
from tests.inventory.providers.didww_shop import CALLBACK_URL, DidwwShop, row
from tests.inventory.providers.http_contract import NUMBERS, HttpContract


@pytest.fixture
def shop(db: None, settings: Any) -> Iterator[DidwwShop]:
    options = {"callback_url": CALLBACK_URL}
    provider = Provider.objects.create(slug="didww", name="DIDWW", adapter="didww", options=options)
    with opened(DidwwShop(provider, settings)) as found:
        found.open_account()
        yield found


@pytest.fixture
def adapter(shop: DidwwShop) -> ProviderAdapter:
    return adapter_of(shop.provider)


class TestDidww(ProviderContract):
    """The promises of every provider."""


class TestDidwwOverHttp(HttpContract):
    """What may go wrong on the way."""

    @pytest.fixture
    def _impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(wire, "TIMEOUT", (2.0, 2.0))


def with_options(shop: DidwwShop, **options: Any) -> ProviderAdapter:
    """The adapter of a row with more options."""
    shop.provider.options |= options
    return adapter_of(shop.provider)


def test_an_offer_is_what_the_vendor_says_of_a_number_and_its_group(shop: DidwwShop, adapter: ProviderAdapter) -> None:
    offer = next(adapter.offers(IN_415))
    assert str(offer.number) == "+14155550019"
    assert offer.capabilities == Capability.VOICE | Capability.SMS
    assert (offer.locality, offer.region) == ("San Francisco", "CA")
    assert (offer.monthly_cost, offer.currency) == (Decimal("0.37"), "USD")
    (groups,) = shop.asked("GET", "/did_groups")
    assert {name: value for name, value in groups.query.items() if name.startswith("filter")} == {
        "filter[country.id]": "country-US",
        "filter[did_group_type.id]": "type-1",
        "filter[available_dids_enabled]": "true",
        "filter[is_available]": "true",
        "filter[needs_registration]": "false",
        "filter[prefix]": "415",
    }


def test_groups_are_read_one_after_the_other(shop: DidwwShop, adapter: ProviderAdapter) -> None:
    assert len(list(adapter.offers(US_LOCAL))) == 80
    assert len(shop.asked("GET", "/did_groups")) == 2
    assert [one.query["filter[did_group.id]"] for one in shop.asked("GET", "/available")] == [*didww_shop.PLACES]


def test_the_row_says_with_how_many_channels_and_in_which_currency(shop: DidwwShop) -> None:
    offer = next(with_options(shop, channels=1, currency="EUR").offers(IN_415))
    assert (offer.monthly_cost, offer.currency) == (Decimal("1.9"), "EUR")
    assert list(with_options(shop, channels=3).offers(IN_415)) == []


@pytest.mark.parametrize("options", [{"channels": "two"}, {"channels": -1}, {"currency": "dollars"}], ids=str)
def test_a_row_with_senseless_options_is_a_provider_that_is_down(shop: DidwwShop, options: dict[str, Any]) -> None:
    """The other providers must not suffer from it."""
    with pytest.raises(ProviderUnavailable, match=r"options\."):
        next(with_options(shop, **options).offers(IN_415))


def test_numbers_that_need_papers_are_offered_where_the_row_says_so(shop: DidwwShop) -> None:
    next(with_options(shop, with_registration=True).offers(IN_415))
    assert "filter[needs_registration]" not in shop.asked("GET", "/did_groups")[0].query


@pytest.mark.parametrize("number", [None, 14155550001, "+14155550001", "415555", "442079460018", "1415555000A"])
def test_an_unsound_offer_is_left_out(shop: DidwwShop, adapter: ProviderAdapter, number: Any) -> None:
    rows = [row("available_dids", f"sale-{n}", number=n) for n in ("14155550001", "14155550002")]
    rows.insert(1, row("available_dids", "sale-odd", number=number))
    shop.strike("GET", "/available_dids", instead=Answer(200, {"data": rows, "meta": {"total_count": 3}}))
    assert [offer.number for offer in adapter.offers(IN_415)] == NUMBERS


@pytest.mark.parametrize(
    "changes",
    [{"features": None}, {"features": ["voice_in", "telepathy"], "shoe_size": 43}, {"area_name": 7}],
    ids=["no features", "new to us", "no name"],
)
def test_a_group_that_cannot_be_understood_offers_nothing(
    shop: DidwwShop, adapter: ProviderAdapter, changes: dict[str, Any]
) -> None:
    group = shop._group("415")
    group["attributes"] |= changes
    included = [shop._region("415"), shop._unit("415", 0), shop._unit("415", 2)]
    answer = {"data": [group], "included": included, "meta": {"total_records": 1}}
    shop.strike("GET", "/did_groups", instead=Answer(200, answer))
    assert len(list(adapter.offers(IN_415))) == (20 if "shoe_size" in changes else 0)


def test_an_order_names_the_rows_on_sale_and_takes_nothing_else(shop: DidwwShop, adapter: ProviderAdapter) -> None:
    adapter.order(NUMBERS, key="ny-1")
    (request,) = shop.asked("POST")
    assert request.body["data"]["attributes"] == {
        "external_reference_id": "ny-1",
        "allow_back_ordering": False,
        "callback_url": CALLBACK_URL,
        "callback_method": "post",
        "items": [
            {
                "type": "did_order_items",
                "attributes": {"available_did_id": f"sale-{number.digits}", "sku_id": "unit-415-0"},
            }
            for number in NUMBERS
        ],
    }


def test_numbers_that_are_all_sold_are_refused_and_nothing_is_ordered(
    shop: DidwwShop, adapter: ProviderAdapter
) -> None:
    for number in NUMBERS:
        shop.sell_elsewhere(number)
    with pytest.raises(ProviderRefused, match="none of the numbers is on offer any more"):
        adapter.order(NUMBERS, key="ny-1")
    assert shop.asked("POST") == []


def test_a_refusal_says_why(shop: DidwwShop, adapter: ProviderAdapter) -> None:
    shop.strike("POST", instead=didww_shop.refusal(422, "100", "Insufficient balance"))
    with pytest.raises(ProviderRefused, match=r"422 Insufficient balance\."):
        adapter.order(NUMBERS, key="ny-1")


def test_an_answer_is_not_asked_for_twice_over_a_lost_number(shop: DidwwShop, adapter: ProviderAdapter) -> None:
    shop.sell_elsewhere(NUMBERS[0])
    lines = {line.number: line for line in adapter.order(NUMBERS, key="ny-1").lines}
    assert (lines[NUMBERS[0]].status, lines[NUMBERS[0]].reason) == (LineStatus.REFUSED, "no longer on offer")
    assert lines[NUMBERS[1]].status == LineStatus.PENDING


def status_of(adapter: ProviderAdapter, key: str) -> OrderStatus:
    found = adapter.order_status(key)
    assert found
    return found


def test_a_pending_order_has_delivered_nothing_yet(shop: DidwwShop, adapter: ProviderAdapter) -> None:
    adapter.order(NUMBERS, key="ny-1")
    status = status_of(adapter, "ny-1")
    assert not status.settled
    assert {line.status for line in status.lines} == {LineStatus.PENDING}


def test_an_order_that_is_cancelled_there_is_over(shop: DidwwShop) -> None:
    order = attempt(order_of_two(shop))
    shop.orders[order.provider_reference]["attributes"]["status"] = "canceled"
    shop.dids.clear()
    assert attempt(order).state == OrderState.COMPLETE
    assert set(order.lines.values_list("state", flat=True)) == {"REFUSED"}
    assert stock() == shop.billed() == set()


def test_a_complete_order_whose_numbers_are_not_listed_yet_stays_open(
    shop: DidwwShop, adapter: ProviderAdapter
) -> None:
    """Otherwise we would write off what we are billed for."""
    adapter.order(NUMBERS, key="ny-1")
    adapter.order_status("ny-1")
    late = shop.dids.popitem()
    assert not status_of(adapter, "ny-1").settled
    shop.dids.update([late])
    assert status_of(adapter, "ny-1").settled


def test_a_number_that_waits_for_papers_keeps_its_order_open(shop: DidwwShop) -> None:
    order = order_of_two(shop)
    waiting, free = order.lines.order_by("pk").values_list("e164", flat=True)
    shop.waits_for_papers = {str(waiting)}
    for _ in range(4):
        attempt(order)
    assert (order.state, stock()) == (OrderState.PLACED, {free})
    for did in shop.dids.values():
        did["attributes"]["awaiting_registration"] = False
    settle_all_orders()
    assert stock() == shop.billed() == {waiting, free}


def test_an_unknown_status_of_an_order_proves_nothing(shop: DidwwShop, adapter: ProviderAdapter) -> None:
    adapter.order(NUMBERS, key="ny-1")
    next(iter(shop.orders.values()))["attributes"]["status"] = "on the moon"
    with pytest.raises(ProviderUnavailable, match="on the moon"):
        adapter.order_status("ny-1")


@pytest.mark.parametrize("terminated", [None, "false", 0])
def test_a_number_that_does_not_say_whether_it_is_terminated_spoils_the_bill(
    shop: DidwwShop, adapter: ProviderAdapter, terminated: Any
) -> None:
    shop._did(str(NUMBERS[0].digits), "order-1")
    next(iter(shop.dids.values()))["attributes"]["terminated"] = terminated
    for ask in (lambda: adapter.holding(NUMBERS[0]), lambda: list(adapter.holdings())):
        with pytest.raises(ProviderUnavailable):
            ask()


def test_a_terminated_number_is_not_terminated_again(shop: DidwwShop, adapter: ProviderAdapter) -> None:
    shop._did(str(NUMBERS[0].digits), "order-1")
    for _ in range(2):
        adapter.release(NUMBERS[0], key="ny-1")
    assert len(shop.asked("PATCH")) == 1


def test_a_number_that_may_not_be_terminated_is_refused(shop: DidwwShop, adapter: ProviderAdapter) -> None:
    shop._did(str(NUMBERS[0].digits), "order-1")
    shop.strike("PATCH", instead=didww_shop.refusal(422, "100", "terminated can't be changed"))
    with pytest.raises(ProviderRefused, match="422 terminated can't be changed"):
        adapter.release(NUMBERS[0], key="ny-1")


def test_a_callback_about_another_thing_names_no_order(shop: DidwwShop) -> None:
    order = attempt(order_of_two(shop))
    ask = adapter_of(shop.provider).verify_callback
    mine = {"id": order.provider_reference, "type": "orders", "status": "completed"}
    assert ask(*shop.signed(**mine)) == order.key
    assert ask(*shop.signed(**mine | {"type": "exports"})) is None
    assert ask(*shop.signed(**mine | {"id": "order-99"})) is None


def test_the_order_of_another_provider_is_none_of_this_one(shop: DidwwShop) -> None:
    order = attempt(order_of_two(shop))
    other = Provider.objects.create(slug="other", name="Other", adapter="didww", options=shop.provider.options)
    order.provider = other
    order.save()
    assert adapter_of(shop.provider).verify_callback(*shop.genuine_callback(order)) is None


@pytest.mark.parametrize("change", ["secret", "no secret", "url", "no url"])
def test_a_signature_is_of_our_url_with_our_secret(shop: DidwwShop, settings: Any, change: str) -> None:
    order = attempt(order_of_two(shop))
    if "secret" in change:
        settings.PROVIDER_CREDENTIALS["didww"]["callback_secret"] = "another" if change == "secret" else ""
    else:
        shop.provider.options["callback_url"] = "https://numberyard.example/elsewhere" if change == "url" else ""
    assert adapter_of(shop.provider).verify_callback(*shop.genuine_callback(order)) is None


@pytest.mark.parametrize("body", [b"\xff", b"&".join(b"a=1" for _ in range(50)), b"{}"], ids=range(3))
def test_an_unreadable_callback_names_nothing(shop: DidwwShop, adapter: ProviderAdapter, body: bytes) -> None:
    assert adapter.verify_callback({"X-DIDWW-Signature": "0" * 40}, body) is None
