"""From names of places to place ids, and from a number to its place."""

from django.db.models import Q

from inventory.models import PhoneNumber
from inventory.search.criteria import Criteria
from numbering import places
from numbering.models import Place, PlacePrefix


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
    known = places.places_in_region(criteria.country, criteria.region).values_list("region", flat=True).distinct()
    return sorted({criteria.region, *known})
