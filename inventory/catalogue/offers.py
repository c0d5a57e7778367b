"""What of the catalogues may be ordered: the question that restock and the console ask."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from inventory.lifecycle import State
from inventory.models import LineState, ListedOffer, PhoneNumber, Provider, ProviderOrderLine, SourcingStop
from inventory.models.listed_offer import LISTED
from inventory.providers.base import Wanted

REFUSED_FOR = timedelta(days=7)  # one that was listed and not for sale is hidden so long, unless a sample clears it


def purchasable(wanted: Wanted | None = None) -> "QuerySet[ListedOffer]":
    """Offers that may be ordered now, of one kind or of all: listed lately, by active providers that do not rest there
    for their dishonesty; not found unsaleable lately; neither ours nor on order. In no order."""
    return orderable_of(_of_kind(wanted)).filter(_trusted())


def hidden() -> "QuerySet[ListedOffer]":
    """Offers that providers list and that nobody is shown: not seen lately, found unsaleable, of providers that are
    paused, or that rest there."""
    return ListedOffer.objects.filter(LISTED).exclude(fresh() & _trusted())


def orderable_of(offers: "QuerySet[ListedOffer]") -> "QuerySet[ListedOffer]":
    """Of these, those that are listed lately, and neither ours nor on order."""
    same = {"e164": OuterRef("e164")}
    ours = PhoneNumber.objects.filter(~Q(state=State.RETURNED), **same)
    ordered = ProviderOrderLine.objects.filter(state=LineState.WANTED, **same)
    return offers.filter(fresh()).exclude(Exists(ours)).exclude(Exists(ordered))


def fresh() -> Q:
    """Listed, and seen by one of the last two ingests that should have been."""
    return LISTED & Q(seen_at__gt=timezone.now() - 2 * settings.CATALOGUE_INTERVAL)


def not_refused() -> Q:
    """Not found listed and not for sale, lately."""
    return Q(refused_at__isnull=True) | Q(refused_at__lte=timezone.now() - REFUSED_FOR)


def _of_kind(wanted: Wanted | None) -> "QuerySet[ListedOffer]":
    if wanted is None:
        return ListedOffer.objects.all()
    kind = ListedOffer.objects.filter(country=wanted.country, number_type=wanted.number_type)
    return kind.filter(area_code=wanted.area_code) if wanted.area_code else kind


def _trusted() -> Q:
    """Providers by id, of which there are few: the index of offers begins with the country and the provider."""
    active = list(Provider.objects.filter(is_active=True).values_list("pk", flat=True))
    stops = SourcingStop.objects.filter(provider=OuterRef("provider"), country=OuterRef("country"), lifted_at=None)
    return Q(provider_id__in=active) & not_refused() & ~Q(Exists(stops))
