"""Where a number belongs, and which places a search means."""

from array import array
from bisect import bisect_right
from collections.abc import Iterable

from django.db.models import Q, QuerySet

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

    def is_one_place(self, first: int, last: int) -> bool:
        """Whether all numbers from `first` to `last`, which have equally many digits, lie in the same place."""
        return bisect_right(self._starts, _key(first)) == bisect_right(self._starts, _key(last))

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
    """Id of the place that the number lies in, by its longest known prefix; None when there is none."""
    return prefixes().place_of(number.digits if isinstance(number, E164) else number)


def prefixes() -> PrefixTable:
    """All prefixes, read from the database once per process; `load_places` makes its own process read them anew."""
    global _table  # noqa: PLW0603 - one table per process, dropped on reload
    if not _table:  # also when empty: a process may start before the reference data are loaded
        _table = PrefixTable(PlacePrefix.objects.values_list("prefix", "place_id").iterator(chunk_size=20_000))
    return _table


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


def places_with_postal_code(country: str, postal_code: str) -> QuerySet[Place]:
    """Places with that postal code (InPostalCode). US only: one code per town is known."""
    return Place.objects.filter(country=country, postal_code=postal_code)


def places_in_lata(country: str, lata: str, rate_centre: str | None = None) -> QuerySet[Place]:
    """Places of a LATA (InLata), or of one of its rate centres (InRateCenter). Synthetic, see `Place.synthetic`."""
    found = Place.objects.filter(country=country, lata=lata)
    return found if rate_centre is None else found.filter(rate_centre__iexact=rate_centre)


def _key(digits: int) -> int:
    return digits * _SCALE[len(str(digits))]


def _range(prefix_and_place: tuple[int, int]) -> tuple[int, int, int]:
    prefix, place = prefix_and_place
    width = _SCALE[len(str(prefix))]
    return prefix * width, (prefix + 1) * width, place
