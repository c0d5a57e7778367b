"""Staff and what providers list: how honest and how fresh it is, what is held, and what they decide."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from inventory.catalogue import stops
from inventory.models import CatalogueRun, Honesty, HonestySource, ListedOffer, Provider, RunEnd, SourcingStop
from tests.factories import ProviderFactory

pytestmark = pytest.mark.django_db
RUNS = "/console/inventory/cataloguerun/"
OFFERS = "/console/inventory/listedoffer/"
STOPS = "/console/inventory/sourcingstop/"
REASON = {"reason": "they say that they sold a block"}


@pytest.fixture
def provider() -> Provider:
    found: Provider = ProviderFactory.create()
    return found


@pytest.fixture
def held(provider: Provider) -> CatalogueRun:
    """One number of sixty was seen; two that were not are listed."""
    for e164 in (14155550101, 14155550102):
        offer(provider, e164)
    before = timezone.now() - timedelta(hours=1)
    ListedOffer.objects.update(first_seen_at=before, seen_at=before)
    return CatalogueRun.objects.create(
        provider=provider,
        country="US",
        number_type="local",
        state=RunEnd.HELD,
        seen=1,
        expected=60,
        missing=59,
        ended_at=timezone.now(),
        error="59 of 60 listed numbers were not seen",
    )


def offer(provider: Provider, e164: int) -> ListedOffer:
    kind = {"country": "US", "number_type": "local", "area_code": "415"}
    cost = {"monthly_cost": Decimal("0.80"), "currency": "USD"}
    return ListedOffer.objects.create(provider=provider, e164=e164, **kind, capabilities=3, **cost)


def page(provider: Provider, staff: Client) -> str:
    return staff.get(f"/console/inventory/provider/{provider.pk}/change/").content.decode()


def tell(provider: Provider, country: str, listed: int, purchasable: int, age: int = 0) -> None:
    day = timezone.now().date() - timedelta(days=age)
    counts = {"listed": listed, "purchasable": purchasable}
    Honesty.objects.create(provider=provider, country=country, day=day, source=HonestySource.SAMPLE, **counts)


def test_a_providers_page_tells_of_its_honesty_its_freshness_and_what_is_held(
    staff: Client, provider: Provider, held: CatalogueRun
) -> None:
    tell(provider, "US", 50, 25, age=1)
    tell(provider, "US", 50, 50)
    tell(provider, "CA", 10, 10)
    stops.place(provider=provider, country="US", actor="sweep:honesty", reason="they lie", automatic=True)
    shown = page(provider, staff)
    for words in ("76 %", "75 of 100", "United States", "too few to judge", "they lie", "59 of 60 listed", "2 %"):
        assert words in shown, words
    assert shown.count('class="ny-spark"') == 2
    assert f"{RUNS}{held.pk}/do/confirm/" in shown
    assert shown.index("United States") < shown.index("Canada"), "the worst first"


def test_a_providers_page_says_when_nothing_is_known(staff: Client, provider: Provider) -> None:
    shown = page(provider, staff)
    assert "Nothing was read yet" in shown
    assert "Nothing of it was tried yet" in shown


def test_a_providers_page_takes_the_same_queries_for_many_kinds(
    staff: Client, provider: Provider, held: CatalogueRun, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for country in ("GB", "FR", "DE", "IT", "ES"):
        tell(provider, country, 50, 25)
        CatalogueRun.objects.create(
            provider=provider, country=country, number_type="local", state="COMPLETE", seen=5, ended_at=timezone.now()
        )
    page(provider, staff)
    with django_assert_max_num_queries(20):
        page(provider, staff)


def test_staff_confirm_a_held_run(staff: Client, held: CatalogueRun) -> None:
    staff.post(f"{RUNS}{held.pk}/do/confirm/", REASON)
    held.refresh_from_db()
    assert (held.state, held.withdrawn, held.decided_by) == (RunEnd.CONFIRMED, 2, "user:staff@example.com")
    assert held.decided_note == REASON["reason"]
    assert not ListedOffer.objects.filter(withdrawn_at=None).exists()
    assert REASON["reason"] in LogEntry.objects.get().change_message
    assert staff.post(f"{RUNS}{held.pk}/do/discard/", REASON).status_code == 404


def test_the_home_page_counts_held_runs_until_they_are_decided(staff: Client, held: CatalogueRun) -> None:
    home = staff.get("/console/").content.decode()
    assert "catalogue run is held" in home
    listed = staff.get("/console/inventory/cataloguerun/?state__exact=HELD").content.decode()
    assert str(held) in listed
    staff.post(f"{RUNS}{held.pk}/do/discard/", REASON)
    assert "is held: too much" not in staff.get("/console/").content.decode()


def test_staff_discard_a_held_run(staff: Client, held: CatalogueRun) -> None:
    assert "Discard" in staff.get(f"{RUNS}{held.pk}/change/").content.decode()
    staff.post(f"{RUNS}{held.pk}/do/discard/", REASON)
    held.refresh_from_db()
    assert (held.state, held.withdrawn) == (RunEnd.DISCARDED, 0)
    assert ListedOffer.objects.filter(withdrawn_at=None).count() == 2


def test_a_decision_takes_a_reason(staff: Client, held: CatalogueRun) -> None:
    assert staff.post(f"{RUNS}{held.pk}/do/confirm/", {"reason": ""}).status_code == 200
    held.refresh_from_db()
    assert held.state == RunEnd.HELD


def test_staff_stop_sourcing_in_a_country_and_trust_it_again(staff: Client, provider: Provider) -> None:
    url = f"/console/inventory/provider/{provider.pk}/do/stop_sourcing/"
    assert staff.post(url, {"country": "us", **REASON}).status_code == 200, "not a country"
    staff.post(url, {"country": "US", **REASON})
    stop = SourcingStop.objects.get()
    assert (stop.country, stop.automatic, stop.placed_by) == ("US", False, "user:staff@example.com")
    staff.post(f"{STOPS}{stop.pk}/do/override/", {"reason": "paid"})
    stop.refresh_from_db()
    assert (stop.lifted_by, stop.lifted_note) == ("user:staff@example.com", "paid")
    assert stop.overridden_until is not None


def test_offers_are_shown_that_may_be_ordered_and_the_rest_on_request(staff: Client, provider: Provider) -> None:
    for e164 in range(14155550101, 14155550105):
        offer(provider, e164)
    liar = ProviderFactory.create()
    offer(liar, 14155550105)
    stops.place(provider=liar, country="US", actor="sweep:honesty", reason="they lie", automatic=True)
    ListedOffer.objects.filter(e164=14155550102).update(withdrawn_at=timezone.now())
    ListedOffer.objects.filter(e164=14155550103).update(refused_at=timezone.now())
    old = timezone.now() - timedelta(days=1)
    ListedOffer.objects.filter(e164=14155550104).update(first_seen_at=old, seen_at=old)
    assert [digits in staff.get(OFFERS).content.decode() for digits in numbers()] == [True, *[False] * 4]
    hidden = staff.get(f"{OFFERS}?shown=hidden").content.decode()
    assert [digits in hidden for digits in numbers()] == [False, False, True, True, True]
    withdrawn = staff.get(f"{OFFERS}?shown=withdrawn").content.decode()
    assert [digits in withdrawn for digits in numbers()] == [False, True, False, False, False]


def numbers() -> list[str]:
    return [f"+{e164}<" for e164 in range(14155550101, 14155550106)]


def test_an_offer_is_found_by_its_number(staff: Client, provider: Provider) -> None:
    offer(provider, 14155550101)
    for asked, found in (("+14155550101", True), ("1 415 555-0101", True), ("14155550102", False), ("x", False)):
        assert ("+14155550101<" in staff.get(OFFERS, {"q": asked}).content.decode()) is found, asked
