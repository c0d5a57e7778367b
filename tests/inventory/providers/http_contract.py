"""What every adapter that speaks HTTP through its vendor's client makes of status codes, silences and garbage.

For a new adapter: subclass HttpContract as ProviderContract is subclassed, with a `shop` that is a Counter.
"""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from inventory.models import Discrepancy, Provider
from inventory.providers.base import ProviderAdapter, ProviderRefused, ProviderUnavailable, ProviderUncertain
from inventory.providers.registry import adapter_of
from inventory.services import auditing
from numbering.e164 import E164
from tests.inventory.conftest import settle_all_orders, stock
from tests.inventory.providers.contract import US_LOCAL, Shop, order_of_two
from tests.inventory.providers.counter import Answer, Counter, opened

NUMBERS = [E164.parse("+14155550001"), E164.parse("+14155550002")]
GARBAGE = {
    "nothing": b"",
    "html": b"<html>",
    "a list": b"[]",
    "a number": b"7",
    "no data": b"{}",
    "null": b'{"data": null}',
    "an empty object": b'{"data": {}}',
    "a list of anything": b'{"data": [7, null, "x", []]}',
    "no text": b"\xff\xfe",
    "too deep": b"[" * 100_000,
}
garbage = pytest.mark.parametrize("body", GARBAGE.values(), ids=GARBAGE)


class HttpShop(Counter, Shop):
    """A counter that sells NUMBERS among others, and what must be known of it to trouble it."""

    ordering: str  # path of the request that orders
    orders_path: str  # and of the question for orders
    holdings_path: str


class HttpContract:
    """`shop` as in ProviderContract; `_impatient` makes the adapter wait for nobody longer than two seconds."""

    @pytest.fixture
    def _impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        raise NotImplementedError

    @pytest.fixture
    def adapter(self, shop: HttpShop) -> ProviderAdapter:
        return adapter_of(shop.provider)

    @pytest.mark.parametrize(
        ("status", "failure"),
        [
            *((status, ProviderRefused) for status in (400, 402, 409, 422)),
            *((status, ProviderUnavailable) for status in (401, 403, 404, 429)),
            *((status, ProviderUncertain) for status in (302, 408, 500, 502, 503, 504)),
        ],
    )
    def test_what_a_status_says_of_an_order(
        self, shop: HttpShop, adapter: ProviderAdapter, status: int, failure: type[Exception]
    ) -> None:
        shop.strike(
            "POST", shop.ordering, instead=Answer(status, {"errors": [{"code": "1", "detail": "so", "title": "t"}]})
        )
        with pytest.raises(failure, match="so" if status >= 400 else None):
            adapter.order(NUMBERS, key="ny-1")
        assert len(shop.asked("POST", shop.ordering)) == 1, "the client repeats nothing of itself"

    @pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 408, 429, 500, 503])
    def test_a_question_without_an_answer_is_only_asked_again(
        self, shop: HttpShop, adapter: ProviderAdapter, status: int
    ) -> None:
        for ask in (
            lambda: adapter.order_status("ny-1"),
            lambda: adapter.holding(NUMBERS[0]),
            lambda: list(adapter.holdings()),
            lambda: list(adapter.offers(US_LOCAL)),
        ):
            shop.strike("GET", instead=Answer(status, b"<html>"))
            with pytest.raises(ProviderUnavailable):
                ask()
        assert len(shop.seen) == 4

    def test_the_wish_of_a_busy_vendor_is_passed_on(self, shop: HttpShop, adapter: ProviderAdapter) -> None:
        busy = Answer(429, {"errors": []}, {"Retry-After": "17"})
        shop.strike("POST", shop.ordering, instead=busy)
        with pytest.raises(ProviderUnavailable) as refusal:
            adapter.order(NUMBERS, key="ny-1")
        assert refusal.value.retry_after == 17
        shop.strike("GET", instead=busy)
        with pytest.raises(ProviderUnavailable) as refusal:
            adapter.order_status("ny-1")
        assert refusal.value.retry_after == 17

    @garbage
    def test_garbage_after_an_order_leaves_it_uncertain(
        self, shop: HttpShop, adapter: ProviderAdapter, body: bytes
    ) -> None:
        shop.strike("POST", shop.ordering, instead=Answer(200, body), after=True)
        with pytest.raises(ProviderUncertain):
            adapter.order(NUMBERS, key="ny-1")
        assert adapter.order_status("ny-1") is not None

    @garbage
    def test_garbage_is_no_answer_to_a_question(self, shop: HttpShop, adapter: ProviderAdapter, body: bytes) -> None:
        for ask in (
            lambda: adapter.order_status("ny-1"),
            lambda: adapter.holding(NUMBERS[0]),
            lambda: list(adapter.holdings()),
        ):
            shop.strike("GET", instead=Answer(200, body))
            with pytest.raises(ProviderUnavailable):
                ask()

    @pytest.mark.usefixtures("_impatient")
    def test_silence_after_an_order_leaves_it_uncertain(self, shop: HttpShop, adapter: ProviderAdapter) -> None:
        shop.strike("POST", shop.ordering, after=True, silent=True)
        with pytest.raises(ProviderUncertain, match="Timeout"):
            adapter.order(NUMBERS, key="ny-1")
        assert adapter.order(NUMBERS, key="ny-1").key == "ny-1"
        assert len(shop.asked("POST", shop.ordering)) == 1

    @pytest.mark.usefixtures("_impatient")
    def test_silence_after_a_question_does_not(self, shop: HttpShop, adapter: ProviderAdapter) -> None:
        shop.strike("GET", silent=True)
        with pytest.raises(ProviderUnavailable, match="Timeout"):
            adapter.order_status("ny-1")

    def test_a_refusal_of_what_is_ours_already_is_none(self, shop: HttpShop, adapter: ProviderAdapter) -> None:
        """Two attempts at once: the numbers are refused to one, since the other has them."""
        shop.strike("POST", shop.ordering, instead=Answer(422, {"errors": []}), after=True)
        assert adapter.order(NUMBERS, key="ny-1").key == "ny-1"

    def test_a_refusal_that_cannot_be_asked_about_decides_nothing(
        self, shop: HttpShop, adapter: ProviderAdapter
    ) -> None:
        shop.strike("POST", shop.ordering, instead=Answer(422, {"errors": []}))
        shop.strike("GET", shop.orders_path, instead=Answer(500), nth=2)
        with pytest.raises(ProviderUncertain, match=r"422.*500"):
            adapter.order(NUMBERS, key="ny-1")

    def test_a_redirect_is_not_followed(self, shop: HttpShop, adapter: ProviderAdapter) -> None:
        with opened(Counter()) as elsewhere:
            shop.strike("POST", shop.ordering, instead=Answer(307, b"", {"Location": f"{elsewhere.url}/orders"}))
            with pytest.raises(ProviderUncertain):
                adapter.order(NUMBERS, key="ny-1")
            assert elsewhere.seen == []

    def test_a_bill_that_breaks_off_is_none(self, shop: HttpShop, adapter: ProviderAdapter) -> None:
        order_of_two(shop)
        adapter.order([E164.parse(f"+1212555{n:04}") for n in range(5)], key="ny-2")
        settle_all_orders()
        adapter.order_status("ny-2")
        adapter.order_status("ny-2")
        assert len(list(adapter.holdings())) == 7
        for instead in self.broken(shop):
            shop.strike("GET", shop.holdings_path, instead=instead, nth=2)
            with pytest.raises(ProviderUnavailable):
                list(adapter.holdings())

    def test_an_audit_of_half_a_bill_changes_nothing(self, shop: HttpShop, adapter: ProviderAdapter) -> None:
        adapter.order([E164.parse(f"+1212555{n:04}") for n in range(5)], key="ny-2")
        adapter.order_status("ny-2")
        adapter.order_status("ny-2")
        auditing.audit(shop.provider.pk)
        found = set(Discrepancy.objects.values_list("kind", "e164"))
        assert len(found) == 5
        before = Provider.objects.get().audited_at
        shop.strike("GET", shop.holdings_path, instead=Answer(500), nth=2)
        auditing.audit(shop.provider.pk)
        assert set(Discrepancy.objects.values_list("kind", "e164")) == found
        assert Provider.objects.get().audited_at == before
        assert stock() == set()

    def broken(self, shop: HttpShop) -> Iterator[Answer]:
        """Second pages that end a list too early: an error, an empty one, the first once more, and one cut short."""
        whole = [one for one in shop.asked("GET", shop.holdings_path) if "page[number]" in one.query][-3:]
        first, second = (shop.answer(one) for one in whole[:2])
        yield Answer(500)
        yield Answer(200, {**second.document, "data": []})
        yield first
        yield Answer(200, second.body[: len(second.body) // 2])

    def test_nothing_works_without_a_key(self, shop: HttpShop, settings: Any) -> None:
        settings.PROVIDER_CREDENTIALS = {}
        with pytest.raises(ProviderUnavailable, match="PROVIDER_CREDENTIALS has no api_key"):
            adapter_of(shop.provider).order_status("ny-1")
        assert adapter_of(shop.provider).verify_callback({}, b"") is None
        assert shop.seen == []

    def test_a_wrong_key_is_worth_another_try(self, shop: HttpShop, settings: Any) -> None:
        settings.PROVIDER_CREDENTIALS[shop.provider.slug]["api_key"] = "another"
        with pytest.raises(ProviderUnavailable, match="401"):
            adapter_of(shop.provider).order(NUMBERS, key="ny-1")

    def test_our_own_network_is_not_spoken_to(self, shop: HttpShop, settings: Any) -> None:
        settings.PROVIDER_ALLOWED_NETWORKS = []
        with pytest.raises(ProviderUnavailable, match="NotPublic"):
            adapter_of(shop.provider).order_status("ny-1")
        with pytest.raises(ProviderUnavailable, match="NotPublic"):
            adapter_of(shop.provider).order(NUMBERS, key="ny-1")
        assert shop.seen == []

    def test_where_customers_may_send_us_is_another_matter(self, shop: HttpShop, settings: Any) -> None:
        settings.PROVIDER_ALLOWED_NETWORKS, settings.CALLBACK_ALLOWED_NETWORKS = [], ["127.0.0.0/8"]
        with pytest.raises(ProviderUnavailable, match="NotPublic"):
            adapter_of(shop.provider).order_status("ny-1")

    def test_what_counts_is_the_address_behind_a_name(self, shop: HttpShop, settings: Any) -> None:
        known = settings.PROVIDER_CREDENTIALS[shop.provider.slug]
        known["url"] = shop.url.replace("127.0.0.1", "localhost")
        assert adapter_of(shop.provider).order_status("ny-1") is None
        assert {one.headers["host"] for one in shop.seen} == {httpx.URL(known["url"]).netloc.decode()}
        settings.PROVIDER_ALLOWED_NETWORKS = []
        with pytest.raises(ProviderUnavailable, match="NotPublic"):
            adapter_of(shop.provider).order_status("ny-1")

    def test_proxies_of_the_environment_are_not_used(self, shop: HttpShop, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        assert adapter_of(shop.provider).order_status("ny-1") is None
