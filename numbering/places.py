"""Where a number belongs, and which places a search means."""

from array import array
from bisect import bisect_right
from collections.abc import Iterable
from math import cos, radians

from django.db.models import ExpressionWrapper, F, FloatField, Q, QuerySet
from django.db.models.functions import Coalesce

from numbering.e164 import E164, MAX_DIGITS
from numbering.models import Place, PlacePrefix
from numbering.models.place import Granularity
from numbering.naming import normalise

NOWHERE = 0

# By number of digits: what moves them to the left of fifteen places, so that a prefix is a range of keys.
_SCALE: tuple[int, ...] = tuple(10 ** (MAX_DIGITS - length) for length in range(MAX_DIGITS + 1))


class PrefixTable:
    """Longest-prefix match as binary search: the prefixes, cut into disjoint ranges of fifteen-digit keys.

    Two machine integers per boundary: about 9 MB for the 290,000 shipped prefixes.
    """

    def __init__(self, prefixes: Iterable[tuple[int, int]]) -> None:
        """`prefixes`: (prefix, place id) pairs in any order."""
        self._starts = array("q", [0])
        self._places = array("q", [NOWHERE])
        enclosing: list[tuple[int, int]] = []  # (end of range, place) of the shorter prefixes around this one
        for start, end, place in sorted(map(_range, prefixes), key=lambda r: (r[0], -r[1])):
            self._close(enclosing, start)
            self._open(start, place)
            enclosing.append((end, place))
        self._close(enclosing, 10**MAX_DIGITS)

    def place_of(self, digits: int) -> int | None:
        """The place of the longest prefix of the number."""
        return self._places[bisect_right(self._starts, _key(digits)) - 1] or None

    def __bool__(self) -> bool:
        return len(self._starts) > 1

    def _open(self, start: int, place: int) -> None:
        """From here on it is this place; a shorter prefix that starts at the same key gives way."""
        if self._starts[-1] == start:
            self._places[-1] = place
        else:
            self._starts.append(start)
            self._places.append(place)

    def _close(self, enclosing: list[tuple[int, int]], upto: int) -> None:
        """End the ranges that end by `upto`; behind each the next wider one goes on."""
        while enclosing and enclosing[-1][0] <= upto:
            end, _ = enclosing.pop()
            self._open(end, enclosing[-1][1] if enclosing else NOWHERE)


_table: PrefixTable | None = None


def place_for(number: E164 | int) -> int | None:
    """Id of the place that the number lies in, by its longest known prefix; None when there is none.

    The prefixes are read from the database once per process; `load_places` makes its own process read them anew.
    """
    global _table  # noqa: PLW0603 - one table per process, dropped on reload
    if not _table:  # also when empty: a process may start before the reference data are loaded
        _table = PrefixTable(PlacePrefix.objects.values_list("prefix", "place_id").iterator(chunk_size=20_000))
    return _table.place_of(number.digits if isinstance(number, E164) else number)


def forget_prefixes() -> None:
    """Read the prefixes from the database again at the next question."""
    global _table  # noqa: PLW0603 - see place_for
    _table = None


def places_named(country: str, name: str) -> QuerySet[Place]:
    """Towns of that name, in English or a language of the country, whatever the case and diacritics (InLocality)."""
    wanted = normalise(name)
    return Place.objects.filter(
        Q(normalised_name=wanted) | Q(other_names__contains=[wanted]),
        country=country,
        granularity=Granularity.LOCALITY,
    )


def places_in_region(country: str, region: str) -> QuerySet[Place]:
    """Places of a state, province or region, by code (US, CA) or name (InRegion)."""
    return Place.objects.filter(Q(region__iexact=region) | Q(region_name__iexact=region), country=country)


def places_with_postal_code(country: str, postal_code: str) -> QuerySet[Place]:
    """Places with that postal code (InPostalCode). US only: one code per town is known."""
    return Place.objects.filter(country=country, postal_code=postal_code)


def places_in_lata(country: str, lata: str, rate_centre: str | None = None) -> QuerySet[Place]:
    """Places of a LATA (InLata), or of one of its rate centres (InRateCenter). Synthetic, see `Place.synthetic`."""
    found = Place.objects.filter(country=country, lata=lata)
    return found if rate_centre is None else found.filter(rate_centre__iexact=rate_centre)


def serving_ids(found: QuerySet[Place]) -> set[int]:
    """Ids that numbers for these places carry: an inferred town is served by the nearest known place."""
    return set(found.values_list(Coalesce("nearest_id", "id"), flat=True))


def nearest_places(country: str, latitude: float, longitude: float, count: int) -> list[Place]:
    """The towns of the country closest to the point (degrees, WGS 84), nearest first.

    Distances are compared on the plane that touches the globe at the point: right to a few percent within 500 miles.
    """
    east = (F("longitude") - longitude) * cos(radians(latitude))
    north = F("latitude") - latitude
    squared = ExpressionWrapper(east * east + north * north, output_field=FloatField())
    known = Place.objects.filter(country=country, granularity=Granularity.LOCALITY, latitude__isnull=False)
    return list(known.annotate(squared_degrees=squared).order_by("squared_degrees", "id")[:count])


def _key(digits: int) -> int:
    return digits * _SCALE[len(str(digits))]


def _range(prefix_and_place: tuple[int, int]) -> tuple[int, int, int]:
    prefix, place = prefix_and_place
    width = _SCALE[len(str(prefix))]
    return prefix * width, (prefix + 1) * width, place
