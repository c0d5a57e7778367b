"""What is listed and can't be bought: found by samples and by orders at a real carrier, and what follows from it."""

import random
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from inventory.catalogue import honesty, offers, stops, verification
from inventory.catalogue.ingest import ingest
from inventory.catalogue.score import Score
from inventory.lifecycle import State
from inventory.models import Honesty, HonestySource, ListedOffer, Provider, ProviderOrderLine, SourcingStop, StockTarget
from inventory.providers.base import OfferVerification, ProviderUnavailable, Wanted
from inventory.providers.registry import adapter_of
from inventory.refusals import StopIsLifted
from inventory.services import sourcing
from numbering.e164 import E164
from numbering.types import NumberType
from tests.factories import NumberFactory, ProviderFactory
from tests.inventory.conftest import Seller, settle_all_orders

pytestmark = pytest.mark.django_db
US_LOCAL = Wanted("US", NumberType.LOCAL)


@pytest.fixture(autouse=True)
def _no_midnight(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test has one day, whenever it runs."""
    day = honesty.today()
    monkeypatch.setattr(honesty, "today", lambda: day)


@pytest.fixture
def listing(seller: Seller) -> Seller:
    """A carrier whose Oakland and San Francisco numbers we have read."""
    StockTarget.objects.create(country="US", number_type=NumberType.LOCAL, area_code="415", quantity=1)
    assert ingest(seller.provider) == 1
    assert ListedOffer.objects.count() == 100
    return seller


def verified(seller: Seller) -> Honesty | None:
    """The sample of today."""
    adapter = seller.adapter
    assert isinstance(adapter, OfferVerification)
    return verification.sample(seller.provider, "US", adapter)


def told(provider: Provider, days: Sequence[tuple[int, int, int]], country: str = "US") -> None:
    """Rows of so many days ago: listed, purchasable."""
    for age, listed, purchasable in days:
        Honesty.objects.create(
            provider=provider,
            country=country,
            day=honesty.today() - timedelta(days=age),
            source=HonestySource.SAMPLE,
            listed=listed,
            purchasable=purchasable,
        )


def open_stop(provider: Provider) -> SourcingStop | None:
    return SourcingStop.objects.filter(provider=provider, lifted_at=None).first()


def the_score(provider: Provider) -> Score | None:
    return honesty.score_of(honesty.days_of(provider)[provider.pk, "US"])


def test_an_honest_catalogue_is_found_so_and_nothing_stays_reserved(listing: Seller) -> None:
    for _ in range(2):
        row = verified(listing)
        assert row is not None
        assert (row.listed, row.purchasable) == (50, 50)
        Honesty.objects.all().delete()
    assert ListedOffer.objects.filter(verified_at__isnull=False).count() >= 50
    assert not listing.billed()


def test_a_lying_catalogue_is_found_so_and_what_it_lied_about_is_hidden(listing: Seller) -> None:
    listing.strike("stale_offer", times=20)
    row = verified(listing)
    assert row is not None
    assert (row.listed, row.purchasable) == (50, 30)
    assert ListedOffer.objects.filter(refused_at__isnull=False).count() == 20
    assert offers.purchasable(US_LOCAL).count() == 80


def test_a_sample_has_all_when_few_are_listed_and_none_that_is_ours_or_on_order(listing: Seller) -> None:
    kept = list(ListedOffer.objects.order_by("pk").values_list("e164", flat=True)[:5])
    ListedOffer.objects.exclude(e164__in=kept).delete()
    NumberFactory.create(e164=kept[0], provider=listing.provider)
    NumberFactory.create(e164=kept[1], provider=listing.provider, state=State.RETURNED, passport_expires_at=None)
    row = verified(listing)
    assert row is not None
    assert (row.listed, row.purchasable) == (4, 4)


def test_a_sample_is_taken_once_a_day(listing: Seller) -> None:
    assert verification.verify_due() == 1
    first = Honesty.objects.get(source=HonestySource.SAMPLE)
    assert verified(listing) is None, "another worker was quicker"
    listing.strike("stale_offer", times=50)
    verification.verify_due()
    assert Honesty.objects.get(source=HonestySource.SAMPLE) == first


def test_a_carrier_that_is_down_is_not_called_a_liar(listing: Seller) -> None:
    listing.strike("unavailable_burst", times=1)
    verification.verify_due()
    assert not Honesty.objects.exists()
    with pytest.raises(ProviderUnavailable):
        listing.strike("unavailable_burst")
        verified(listing)


def test_a_number_that_the_carrier_does_not_sell_is_not_verified(seller: Seller) -> None:
    adapter = adapter_of(seller.provider)
    assert isinstance(adapter, OfferVerification)
    true = next(adapter_of(seller.provider).offers(US_LOCAL)).number
    assert adapter.verify([true, E164.parse("+442079460000")]) == {true}


def test_our_orders_tell_what_was_true(listing: Seller) -> None:
    listing.strike("stale_offer", times=3)
    sourcing.ask(country="US", number_type=NumberType.LOCAL, quantity=10, provider=listing.provider)
    settle_all_orders()
    for _ in range(2):
        honesty.count_orders()
    row = Honesty.objects.get(source=HonestySource.ORDERS)
    assert (row.country, row.listed, row.purchasable) == ("US", 10, 7)


@pytest.mark.parametrize(("not_there", "counted"), [(True, (4, 3)), (False, (3, 3))])
def test_only_a_refusal_that_says_not_there_makes_a_catalogue_untrue(
    listing: Seller, not_there: bool, counted: tuple[int, int]
) -> None:
    sourcing.ask(country="US", number_type=NumberType.LOCAL, quantity=4, provider=listing.provider)
    settle_all_orders()
    last = ProviderOrderLine.objects.latest("pk")
    ProviderOrderLine.objects.filter(pk=last.pk).update(
        state="REFUSED", number=None, reason="wants papers", not_there=not_there
    )
    honesty.count_orders()
    row = Honesty.objects.get(source=HonestySource.ORDERS)
    assert (row.listed, row.purchasable) == counted


def test_a_sample_of_a_large_catalogue_is_drawn_by_ids(listing: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten draws of fifty from a hundred: each offer about five times, whatever its place."""
    monkeypatch.setattr(verification, "SMALL", 10)
    monkeypatch.setattr(verification, "IDS_AT_ONCE", 30)
    random.seed(7)
    drawn = Counter[int]()
    for _ in range(40):
        sample = verification._drawn(listing.provider, "US")
        assert len(set(sample)) == len(sample) == verification.SIZE
        drawn.update(sample)
    assert len(drawn) == 100
    assert 4 < min(drawn.values()) <= 20 <= max(drawn.values()) < 36


def test_where_ids_find_too_few_the_offers_are_shuffled(listing: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "SMALL", 10)
    monkeypatch.setattr(verification, "MOST_TRIES", 0)
    assert len(set(verification._drawn(listing.provider, "US"))) == verification.SIZE


def test_what_we_had_already_was_for_sale_and_a_refused_order_says_nothing(listing: Seller) -> None:
    sourcing.ask(country="US", number_type=NumberType.LOCAL, quantity=2, provider=listing.provider)
    first = ProviderOrderLine.objects.earliest("pk")
    NumberFactory.create(e164=first.e164, provider=listing.provider)
    settle_all_orders()
    sourcing.ask(country="US", number_type=NumberType.LOCAL, quantity=3, provider=listing.provider)
    refused = ProviderOrderLine.objects.latest("pk").order
    refused.lines.update(state="REFUSED", reason="insufficient funds")
    type(refused).objects.filter(pk=refused.pk).update(state="FAILED", next_attempt_at=None)
    honesty.count_orders()
    row = Honesty.objects.get()
    assert (row.listed, row.purchasable) == (2, 2)


def test_below_the_limit_nothing_is_ordered_there_and_its_offers_are_hidden(listing: Seller) -> None:
    told(listing.provider, [(0, 50, 39)])
    stops.judge()
    stop = open_stop(listing.provider)
    assert stop is not None
    assert (stop.automatic, stop.placed_by) == (True, stops.SWEEP)
    assert stop.reason == "39 of 50 listed numbers could be bought: score 78 %, the limit is 80 %"
    assert not offers.purchasable(US_LOCAL).exists()
    assert sourcing.ask(country="US", number_type=NumberType.LOCAL, quantity=3) == 0
    told(listing.provider, [], country="CA")
    assert sourcing.ask(country="CA", number_type=NumberType.LOCAL, quantity=3) == 3, "elsewhere it is trusted"


@pytest.mark.parametrize(("listed", "purchasable", "stopped"), [(50, 40, False), (50, 39, True), (29, 0, False)])
def test_a_stop_takes_a_score_below_the_limit_and_enough_tries(
    listed: int, purchasable: int, stopped: bool, db: None
) -> None:
    provider = ProviderFactory.create()
    told(provider, [(0, listed, purchasable)])
    stops.judge()
    assert (open_stop(provider) is not None) is stopped


def test_a_stop_lifts_itself_well_above_the_limit_and_not_at_it(db: None) -> None:
    provider = ProviderFactory.create()
    told(provider, [(1, 50, 30)])
    stops.judge()
    told(provider, [(0, 250, 220)])
    stops.judge()
    score = the_score(provider)
    assert score is not None
    assert 0.8 < score.share < 0.85
    assert open_stop(provider) is not None
    Honesty.objects.filter(listed=250).update(purchasable=245)
    stops.judge()
    assert open_stop(provider) is None
    lifted = SourcingStop.objects.get()
    assert (lifted.lifted_by, lifted.overridden_until) == (stops.SWEEP, None)


def test_a_stop_lifts_itself_when_too_little_is_known(db: None) -> None:
    provider = ProviderFactory.create()
    told(provider, [(0, 50, 0)])
    stops.judge()
    Honesty.objects.update(day=honesty.today() - timedelta(days=28))
    stops.judge()
    assert open_stop(provider) is None


def test_staff_may_trust_it_for_a_week_whatever_the_score_says(db: None) -> None:
    provider = ProviderFactory.create()
    told(provider, [(0, 50, 0)])
    stops.judge()
    stop = open_stop(provider)
    assert stop is not None
    stops.override(stop=stop, actor="user:anna", reason="they have repaired their search")
    stops.judge()
    assert open_stop(provider) is None
    with pytest.raises(StopIsLifted):
        stops.override(stop=stop, actor="user:bert", reason="me too")
    SourcingStop.objects.update(overridden_until=timezone.now() - timedelta(seconds=1))
    stops.judge()
    assert open_stop(provider) is not None


def test_what_staff_have_stopped_only_staff_lift(db: None) -> None:
    provider = ProviderFactory.create()
    stop = stops.place(provider=provider, country="US", actor="user:anna", reason="unpaid bill")
    told(provider, [(0, 50, 50)])
    stops.judge()
    assert open_stop(provider) == stop
    assert stops.place(provider=provider, country="US", actor="user:bert", reason="again") == stop


def test_numbers_found_unsaleable_are_not_ordered_though_they_are_listed(listing: Seller) -> None:
    first = [offer.number.digits for offer, _ in zip(listing.adapter.offers(US_LOCAL), range(3), strict=False)]
    ingested = ListedOffer.objects.filter(e164__in=first)
    for digits in set(first) - set(ingested.values_list("e164", flat=True)):
        row = ListedOffer.objects.order_by("pk").last()
        assert row is not None
        row.pk, row.e164 = None, digits
        row.save()
    ingested.update(refused_at=timezone.now())
    sourcing.ask(country="US", number_type=NumberType.LOCAL, quantity=3, provider=listing.provider)
    assert not ProviderOrderLine.objects.filter(e164__in=first).exists()
    ingested.update(refused_at=timezone.now() - offers.REFUSED_FOR)
    sourcing.ask(country="US", number_type=NumberType.LOCAL, quantity=3, provider=listing.provider)
    assert set(first) <= set(ProviderOrderLine.objects.values_list("e164", flat=True))


def test_what_may_be_ordered(listing: Seller, settings: Any) -> None:
    five = list(ListedOffer.objects.order_by("pk")[:5])
    now = timezone.now()
    ListedOffer.objects.filter(pk=five[0].pk).update(withdrawn_at=now)
    long_ago = now - 2 * settings.CATALOGUE_INTERVAL
    ListedOffer.objects.filter(pk=five[1].pk).update(first_seen_at=long_ago, seen_at=long_ago)
    NumberFactory.create(e164=five[2].e164)
    ListedOffer.objects.filter(pk=five[3].pk).update(refused_at=now)
    sourcing.ask(country="US", number_type=NumberType.LOCAL, area_code="415", quantity=2, provider=listing.provider)
    ordered = set(ProviderOrderLine.objects.values_list("e164", flat=True))
    found = set(offers.purchasable(Wanted("US", NumberType.LOCAL, "415")).values_list("e164", flat=True))
    assert found == set(ListedOffer.objects.values_list("e164", flat=True)) - {
        *(offer.e164 for offer in five[:4]),
        *ordered,
    }
    assert set(offers.purchasable().values_list("e164", flat=True)) == found
    assert not offers.purchasable(Wanted("US", NumberType.LOCAL, "510")).exists()
    Provider.objects.update(is_active=False)
    assert not offers.purchasable(US_LOCAL).exists()
