"""From names of places to place ids, and from a number to its place."""

from collections import defaultdict
from collections.abc import Mapping

from django.db.models import Q

from inventory.models import PhoneNumber
from inventory.search.criteria import Criteria
from numbering import places
from numbering.models import Place, PlacePrefix
from numbering.recent import Recent


def place_of(e164: int) -> Place | None:
    """Where a number lies: the place it carries in our stock, else that of its longest known prefix."""
    held = PhoneNumber.objects.live().filter(e164=e164, place__isnull=False).select_related("place").first()
    if held:
        return held.place
    digits = str(e164)
    prefixes = [int(digits[:length]) for length in range(1, len(digits) + 1)]
    longest = PlacePrefix.objects.filter(prefix__in=prefixes).select_related("place").order_by("-prefix").first()
    return longest.place if longest else None


def place_ids(criteria: Criteria) -> frozenset[int] | None:
    """The places that numbers must carry; None: any. Numbers for a town that only GeoNames knows may carry that
    town, or the nearest place whose prefixes serve it."""
    if criteria.places is None and not criteria.whereabouts:
        return None
    wanted = Place.objects.filter(_filters(criteria), country=criteria.country)
    if criteria.places is not None:
        wanted = wanted.filter(pk__in=criteria.places)
    pairs = wanted.values_list("id", "nearest_id")
    return frozenset(id_ for pair in pairs for id_ in pair if id_ is not None)


def places_called(country: str, locality: str) -> frozenset[int]:
    """The places that numbers of a town carry."""
    named = places.places_named(country, locality).values_list("id", "nearest_id")
    return frozenset(id_ for pair in named for id_ in pair if id_ is not None)


def _filters(criteria: Criteria) -> Q:
    asked, country = criteria.whereabouts, criteria.country
    wanted = Q()
    if asked.locality is not None:
        wanted &= Q(pk__in=places.places_named(country, asked.locality).values("pk"))
    if asked.postal_code is not None:
        wanted &= Q(pk__in=places.places_with_postal_code(country, asked.postal_code).values("pk"))
    if asked.lata is not None:
        wanted &= Q(pk__in=places.places_in_lata(country, asked.lata, asked.rate_centre).values("pk"))
    return wanted


def regions(criteria: Criteria) -> list[str]:
    """How numbers spell the wanted region: as it was given, and as the places write it ("California" -> "CA")."""
    if criteria.region is None:
        return []
    return sorted({criteria.region} | spellings_of(criteria.country).get(criteria.region.casefold(), set()))


def _spellings(country: str) -> Mapping[str, set[str]]:
    spelled: dict[str, set[str]] = defaultdict(set)
    known = Place.objects.filter(country=country).exclude(region="").values_list("region", "region_name")
    for region, name in known.distinct():
        spelled[region.casefold()].add(region)
        spelled[name.casefold()].add(region)
    return spelled


#: spellings_of(country): code or name of a region -> as places write it, at most a minute old. To ask for one region
#: takes as long as for all of them, and far longer than the search.
spellings_of = Recent(_spellings, seconds=60)
