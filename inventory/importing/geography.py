"""Where imported numbers lie: every place in memory, since PostgreSQL is busy with one chunk while the next is read."""

from numbering.models import Place
from numbering.models.place import Granularity
from numbering.naming import normalise
from numbering.places import prefixes

COLUMNS = ("region", "place_id")
NULL = r"\N"  # COPY's word
_NOWHERE = 0


class Geography:
    """The places as they are when it is made, each as the text of `COLUMNS` that COPY reads."""

    def __init__(self) -> None:
        self._prefixes = prefixes()
        self._places = {_NOWHERE: f"\t{NULL}"}
        self._towns: dict[tuple[str, str], int] = {}
        rows = Place.objects.values_list(
            "id", "region", "nearest_id", "country", "granularity", "normalised_name", "other_names"
        )
        for place, region, nearest, country, granularity, name, other_names in rows.iterator(chunk_size=10_000):
            self._places[place] = f"{escaped(region)}\t{place}"
            if granularity == Granularity.LOCALITY:
                for called in (name, *other_names):
                    self._add_town(country, called, nearest or place)

    def by_prefix(self, digits: int) -> str:
        """The place that the number's longest known prefix lies in."""
        return self._places[self._prefixes.place_of(digits) or _NOWHERE]

    def by_name(self, country: str, name: str) -> str | None:
        """The town of that name, in any of its languages, or the one that serves it; None if there is none."""
        place = self._towns.get((country, normalise(name)))
        return self._places[place] if place else None

    def is_one_place(self, first: int, last: int) -> bool:
        """Whether all numbers from `first` to `last`, which have equally many digits, lie in the same place."""
        return self._prefixes.is_one_place(first, last)

    def _add_town(self, country: str, name: str, serving: int) -> None:
        """Of several with one name, the lowest id stands for all."""
        self._towns[country, name] = min(serving, self._towns.get((country, name), serving))


def escaped(text: str) -> str:
    """As COPY reads it: a backslash begins an escape, a tab ends the column, a line's end the row."""
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
