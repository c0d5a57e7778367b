"""Which towns the prefix of a number serves: what an address rule of scope `area_code` compares with."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import F

from compliance.evaluation.case import Area
from numbering.areas import area_code
from numbering.e164 import E164
from numbering.models import Place, PlacePrefix
from numbering.models.place import Granularity
from numbering.plan import calling_code
from numbering.recent import Recent


def area_of(number: E164) -> Area:
    """The towns of the number's area code, its own one first; none where the plan doesn't say (mobile, toll-free)."""
    places, calling, code = _places_of(number.country), calling_code(number.digits), area_code(number)
    towns = [*places.own(str(number.digits)), *(places.within(f"{calling}{code}") if code else ())]
    return Area(places.names_of(towns), name=f"+{calling} {code}".strip())


class _Town(NamedTuple):
    """A place with or without a prefix of its own. `rank`: 0 is the most populous one of the country."""

    rank: int
    names: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Places:
    """Those of a country. `prefixes` in the order of their digits as text; `near`: the places without a prefix, each
    with its distance, by the town that serves them."""

    prefixes: Sequence[str]
    place: Mapping[str, int]
    towns: Mapping[int, _Town]
    near: Mapping[int, Sequence[tuple[float, int, _Town]]]

    def own(self, digits: str) -> list[int]:
        """The place of the longest known prefix."""
        starts = (digits[:length] for length in range(len(digits), 0, -1))
        return [self.place[start] for start in starts if start in self.place][:1]

    def within(self, area: str) -> list[int]:
        """The towns with a prefix inside the area code, the most populous first."""
        start, end = bisect_left(self.prefixes, area), bisect_left(self.prefixes, area + ":")  # which follows "9"
        places = {self.place[prefix] for prefix in self.prefixes[start:end]}
        return sorted(places & self.towns.keys(), key=lambda place: self.towns[place].rank)

    def names_of(self, places: Iterable[int]) -> tuple[str, ...]:
        """Every name of the towns among them, then of the places that they serve, the nearest first."""
        ids = [place for place in dict.fromkeys(places) if place in self.towns]
        near = sorted(each for place in ids for each in self.near.get(place, ()))
        towns = [*(self.towns[place] for place in ids), *(town for _, _, town in near)]
        return tuple(dict.fromkeys(name for town in towns for name in town.names))


def _read(country: str) -> _Places:
    prefixes = PlacePrefix.objects.filter(country=country).values_list("prefix", "place")
    place = {str(prefix): pk for prefix, pk in prefixes}
    towns: dict[int, _Town] = {}
    near: dict[int, list[tuple[float, int, _Town]]] = defaultdict(list)
    rows = Place.objects.filter(country=country).order_by(F("population").desc(nulls_last=True), "pk")
    for rank, row in enumerate(rows.only("name", "other_names", "granularity", "nearest", "distance_km")):
        town = _Town(rank, (row.name, *row.other_names))
        if row.granularity == Granularity.LOCALITY:
            towns[row.pk] = town
        if row.nearest_id is not None and row.distance_km is not None:  # the one has the other
            near[row.nearest_id].append((row.distance_km, row.pk, town))
    return _Places(sorted(place), place, towns, near)


#: Reference data, which only `load_places` writes; a few megabytes for a large country.
_places_of = Recent(_read, seconds=3_600)
