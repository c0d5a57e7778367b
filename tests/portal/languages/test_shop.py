"""Finding, reserving, buying and waiting, in another language."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.models import Account
from compliance.lifecycle import BundleState
from inventory.models import PhoneNumber, Reservation, Tariff, WaitlistEntry, WaitState
from numbering.types import NumberType
from tests.factories import AddressFactory, BundleFactory, DocumentFactory, HoldFactory, NumberFactory, loaded
from tests.portal.languages.walking import Walk
from tests.portal.papers_world import berlin
from tests.portal.shopping.test_find import with_passport
from tests.portal.shopping.window import US_LOCAL, stocked

PAGES = {
    *("search", "map", "towns", "find-passport", "waitlist", "waitlist-cancel"),
    *("cart", "reserve", "cart-buy", "cart-bought", "cart-extend", "cart-put-back"),
}
KINDS = (("US", "USD"), ("DE", "EUR"))


@pytest.fixture
def window(account: Account) -> dict[int, PhoneNumber]:
    """Numbers with prices, passports and laws."""
    berlin()
    loaded("DE", "GB")
    numbers = stocked()
    numbers[493012345678] = NumberFactory.create(e164=493012345678, country="DE")
    numbers[447400123456] = NumberFactory.create(e164=447400123456, country="GB", number_type=NumberType.MOBILE)
    for number in numbers.values():
        with_passport(number)
    for country, currency in KINDS:
        prices = {"setup_price": 1, "monthly_price": Decimal("1.15"), "currency": currency}
        Tariff.objects.create(country=country, number_type="local", **prices)
    return numbers


SEARCHES: list[dict[str, object]] = [
    {},
    {**US_LOCAL},
    {**US_LOCAL, "contains": "taxi"},
    {**US_LOCAL, "locality": "Oakland", "km": 25, "can": ["VOICE", "SMS"], "tested": 7},
    {**US_LOCAL, "locality": "Oakland", "contains": "9999", "can": ["FAX"], "region": "CA"},
    {**US_LOCAL, "locality": "Atlantis"},
    {**US_LOCAL, "locality": "Oakland", "contains": "9999", "area_code": "212"},
    {**US_LOCAL, "contains": "taxi", "postal_code": "94105", "lata": "722", "rate_centre": "X", "no_address": "on"},
    {**US_LOCAL, "contains": "5", "area_code": "x", "rate_centre": "X", "km": 10},
    {**US_LOCAL, "contains": "%%55"},
    {**US_LOCAL, "contains": "--"},
    {**US_LOCAL, "contains": "*55$$", "area_code": "41", "locality": "Nowhere", "km": 3},
    {**US_LOCAL, "type": "mobile"},
    {"country": "DE", "type": "local"},
    {"country": "DE", "type": "local", "locality": "Berlin"},
    {"country": "GB", "type": "mobile"},
    {"country": "XX", "type": "pigeon"},
]


def test_searches(walk: Walk, stranger: Walk, window: dict[int, PhoneNumber]) -> None:
    for query in SEARCHES:
        walk.get("/find", query=query)
        stranger.get("/find", query=query)
    walk.get("/find/towns", query={**US_LOCAL, "locality": "Oak"})
    germany: dict[str, object] = {"country": "DE", "type": "mobile"}
    for query in (SEARCHES[0], SEARCHES[1], germany):
        walk.get("/find/map", query=query)
    walk.get(f"/find/passport/{min(window)}", 302)
    walk.get("/find/passport/14155550199", 404)


def test_a_kind_that_is_papers_ask_for_or_wait_for(walk: Walk, account: Account, window: object) -> None:
    BundleFactory.create(account=account, friendly_name="Half written", state=BundleState.PENDING_REVIEW)
    walk.get("/find?country=DE&type=local")
    BundleFactory.create(account=account, friendly_name="Berlin office", approved=True)
    walk.get("/find?country=DE&type=local")


def test_the_cart(walk: Walk, account: Account, window: dict[int, PhoneNumber]) -> None:
    walk.get("/cart")
    walk.post("/cart/reserve", {"number": "14155550101", "search": "country=US&type=local"})
    walk.post("/cart/reserve", {"number": "14155558294"}, htmx=True)
    walk.post("/cart/reserve", {"number": "14155550199"})
    walk.post("/cart/reserve", {"number": "abc"})
    walk.post("/cart/reserve", {"number": "493012345678"})
    walk.post("/cart/reserve", {"number": "447400123456"})
    _lapse(account)
    walk.get("/cart")
    mine = list(Reservation.objects.filter(account=account, expires_at__gt=timezone.now()))
    walk.post(f"/cart/{mine[0].sid}/extend")
    for _ in range(9):
        walk.post(f"/cart/{mine[0].sid}/extend")
    walk.post(f"/cart/{mine[1].sid}/put-back")
    walk.post(
        "/cart/buy",
        {"number": ["14155550101", "493012345678", "14155550199"], "n14155550101-friendly_name": "Front desk"},
    )
    walk.post("/cart/buy", {"number": ["14155550101"], "n14155550101-friendly_name": "x" * 65})
    walk.get("/cart/bought")


def test_a_cart_with_papers(walk: Walk, account: Account, window: dict[int, PhoneNumber]) -> None:
    address = AddressFactory.create(account=account)
    paper = DocumentFactory.create(account=account, type="commercial_registrar_excerpt", addresses=[address])
    BundleFactory.create(account=account, friendly_name="Berlin office", items=[paper], approved=True)
    walk.post("/cart/reserve", {"number": "493012345678"})
    walk.get("/cart")


def test_refusals_of_the_shop(walk: Walk, account: Account, window: dict[int, PhoneNumber]) -> None:
    Account.objects.filter(pk=account.pk).update(is_trial=True)
    for e164 in (14155550101, 14155558294, 15105550103):
        walk.post("/cart/reserve", {"number": str(e164)})
    walk.post("/cart/buy", {"number": ["14155550101", "14155558294", "15105550103"]})
    Account.objects.filter(pk=account.pk).update(is_test=True)
    walk.post("/cart/reserve", {"number": "12125550105"})
    walk.post("/cart/buy", {"number": "12125550105"}, 409)


def test_the_waitlist(walk: Walk, account: Account, window: object) -> None:
    walk.get("/find/waitlist")
    for more in ({"mode": "notify"}, {"mode": "reserve", "locality": "Oakland", "can": "SMS", "contains": "taxi"}):
        walk.post("/find/waitlist", {**US_LOCAL, "quantity": "2", **more})
    walk.post("/find/waitlist", {**US_LOCAL, "quantity": "1", "mode": "notify", "km": 25, "locality": "Oakland"})
    walk.post("/find/waitlist", {**US_LOCAL, "quantity": "1", "mode": "notify", "region": "CA", "area_code": "415"})
    walk.post("/find/waitlist", {**US_LOCAL, "quantity": "1", "mode": "notify", "lata": "722", "rate_centre": "X"})
    walk.post("/find/waitlist", {**US_LOCAL, "quantity": "0"})
    entries = list(WaitlistEntry.objects.filter(account=account).order_by("pk"))
    for entry, state in zip(entries[1:], (WaitState.SERVED, WaitState.EXPIRED), strict=False):
        served = entry.quantity if state == WaitState.SERVED else 0
        WaitlistEntry.objects.filter(pk=entry.pk).update(state=state, ended_at=timezone.now(), served=served)
    walk.post(f"/find/waitlist/{entries[0].sid}/cancel")
    walk.get("/find/waitlist")


def _lapse(account: Account) -> None:
    past = timezone.now() - timedelta(minutes=5)
    lapsed = HoldFactory.create(reservation__account=account)
    Reservation.objects.filter(pk=lapsed.reservation.pk).update(
        created_at=past - timedelta(minutes=15), expires_at=past
    )
    PhoneNumber.objects.filter(pk=lapsed.number.pk).update(due_at=past)
