"""The nightly sample: of what a provider lists in a country, how much is really for sale now?

Call these outside any transaction: they wait for the network. A sample is written down when it is whole; one that was
cut short is taken anew.
"""

import random
from collections.abc import Collection, Sequence
from functools import partial

import structlog
from django.db import transaction
from django.db.models import Max, Min, QuerySet
from django.db.models.functions import Now

from accounts.sweeping import LONG, take_each
from inventory.catalogue import honesty, stops
from inventory.catalogue.offers import orderable_of
from inventory.models import CatalogueRun, Honesty, HonestySource, ListedOffer, Provider
from inventory.models.listed_offer import LISTED
from inventory.providers.base import OfferVerification, ProviderUnavailable
from inventory.providers.registry import adapter_of
from numbering.e164 import E164

SIZE = 50  # or all, when fewer are listed
SMALL = 20_000  # offers of a provider in a country: so many are shuffled in a moment
IDS_AT_ONCE, MOST_TRIES = 5_000, 20
log = structlog.get_logger(__name__)


def verify_due() -> int:
    """Take the samples that are missing today, count our own orders, and judge; returns how many providers were looked
    after. In any order, so that a slow one does not always stand before the same others."""
    active = Provider.objects.filter(is_active=True).exclude(adapter="").order_by("?")
    done = take_each("verify_offers", list(active.values_list("pk", flat=True)), _sample_missing, LONG)
    honesty.count_orders()
    stops.judge()
    return done


def _sample_missing(provider_id: int) -> None:
    provider = Provider.objects.get(pk=provider_id)
    adapter = adapter_of(provider)
    if not isinstance(adapter, OfferVerification):
        return
    missing = partial(_is_missing, provider)
    try:
        for country in filter(missing, _countries(provider)):
            sample(provider, country, adapter)
    except ProviderUnavailable as error:
        log.warning("sample_failed", provider=provider.slug, error=str(error))


def sample(provider: Provider, country: str, adapter: OfferVerification) -> Honesty | None:
    """Ask for some of its offers, and write down how many are for sale; None when it lists none, or another sample of
    the day was quicker. Raises ProviderUnavailable."""
    drawn = _drawn(provider, country)
    if not drawn:
        return None
    sold = {number.digits for number in adapter.verify([E164.from_int(digits) for digits in drawn])}
    return _keep(provider, country, drawn, sold)


@transaction.atomic
def _keep(provider: Provider, country: str, drawn: Sequence[int], sold: Collection[int]) -> Honesty | None:
    found, is_first = Honesty.objects.get_or_create(
        provider=provider,
        country=country,
        day=honesty.today(),
        source=HonestySource.SAMPLE,
        defaults={"listed": len(drawn), "purchasable": len([digits for digits in drawn if digits in sold])},
    )
    if not is_first:
        return None
    # In the order of an ingest, which locks them too.
    offers = ListedOffer.objects.filter(provider=provider, e164__in=drawn)
    list(offers.order_by("e164").select_for_update(no_key=True).values_list("pk"))
    offers.filter(e164__in=sold).update(verified_at=Now(), refused_at=None)
    offers.exclude(e164__in=sold).update(refused_at=Now())
    log.info("offers_verified", provider=provider.slug, country=country, listed=found.listed, sold=found.purchasable)
    return found


def _drawn(provider: Provider, country: str) -> list[int]:
    """Digits of offers at random, those found unsaleable before among them: a sample of the rest would flatter.

    A small catalogue is shuffled. Of a large one random ids are looked up until enough of them are such offers: each
    offer has an id and only one, so each is as likely as any other, however the numbers lie. Where offers are rare
    among the ids (less than one in 2,000), they are shuffled all the same.
    """
    listed: QuerySet[ListedOffer] = orderable_of(ListedOffer.objects.filter(provider=provider, country=country))
    own = ListedOffer.objects.filter(LISTED, provider=provider, country=country)
    if own.values("pk")[: SMALL + 1].count() > SMALL:
        drawn = _drawn_by_id(listed)
        if len(drawn) == SIZE:
            return drawn
    return list(listed.order_by("?").values_list("e164", flat=True)[:SIZE])


def _drawn_by_id(listed: "QuerySet[ListedOffer]") -> list[int]:
    ends = ListedOffer.objects.aggregate(first=Min("pk"), last=Max("pk"))
    drawn = dict[int, None]()
    for _ in range(MOST_TRIES):
        ids = [random.randint(ends["first"], ends["last"]) for _ in range(IDS_AT_ONCE)]  # noqa: S311 - a sample
        found = list(listed.filter(pk__in=ids).values_list("e164", flat=True))
        random.shuffle(found)  # they come by their ids
        drawn |= dict.fromkeys(found)
        if len(drawn) >= SIZE:
            break
    return list(drawn)[:SIZE]


def _countries(provider: Provider) -> list[str]:
    runs = CatalogueRun.objects.filter(provider=provider, seen__gt=0).order_by("country")
    return list(runs.values_list("country", flat=True).distinct())


def _is_missing(provider: Provider, country: str) -> bool:
    same = Honesty.objects.filter(provider=provider, country=country, day=honesty.today(), source=HonestySource.SAMPLE)
    return not same.exists()
