"""Towns as customers write them: "Springfield", or "Springfield, IL" where there are several."""

from typing import NamedTuple

from django.db.models import BooleanField, ExpressionWrapper, F, Q

from inventory.levels.shelves import Breadth, Shelf, for_sale
from numbering.models import Place
from numbering.models.place import Granularity
from numbering.naming import normalise
from numbering.places import places_named
from numbering.types import NumberType

SUGGESTED = 8
_LOOKED_AT = 40
_UNPLACED = ExpressionWrapper(Q(latitude=None), BooleanField())


class Town(NamedTuple):
    """`name` and `region` as a search takes them. `point`: degrees north and east of the largest town of that name;
    None where nobody has told us where it lies. `is_known`: whether there is one."""

    name: str
    region: str
    point: tuple[float, float] | None
    is_known: bool


class Suggestion(NamedTuple):
    """A town to choose, and whether anything of the kind is on sale there now."""

    name: str
    is_stocked: bool


def town_called(country: str, text: str) -> Town:
    """What the text means. Only what no town is called as a whole is cut at its last comma."""
    name, comma, region = text.rpartition(",")
    if not comma or (whole := _largest(country, text)):
        return _town(text, "", whole if comma else _largest(country, text))
    return _town(name.strip(), region.strip(), _largest(country, name, region.strip()))


def _town(name: str, region: str, place: Place | None) -> Town:
    if place is None or place.latitude is None or place.longitude is None:
        return Town(name, region, None, place is not None)
    return Town(name, region, (place.latitude, place.longitude), is_known=True)


def _largest(country: str, name: str, region: str = "") -> Place | None:
    """Those whose point we know go before those whose point we don't."""
    found = places_named(country, name)
    if region:
        found = found.filter(region__iexact=region) | found.filter(region_name__iexact=region)
    return found.order_by(_UNPLACED, F("population").desc(nulls_last=True), "pk").first()


def suggestions(country: str, number_type: NumberType, typed: str) -> list[Suggestion]:
    """Towns that begin so; those with numbers on sale first, each half by size. Where a name is there twice it comes
    with its region."""
    begun = normalise(typed)
    if not begun:
        return []
    found = Place.objects.filter(country=country, granularity=Granularity.LOCALITY, normalised_name__startswith=begun)
    places = list(found.order_by(F("population").desc(nulls_last=True), "pk")[:_LOOKED_AT])
    shelves = {place.pk: Shelf(country, number_type, "", place.nearest_id or place.pk) for place in places}
    stocked = for_sale(list(set(shelves.values())), Breadth.LOCALITY, most=1)
    names = [place.name for place in places]
    shown = [Suggestion(_told_apart(place, names), bool(stocked.get(shelves[place.pk]))) for place in places]
    return sorted(shown, key=lambda each: not each.is_stocked)[:SUGGESTED]


def _told_apart(place: Place, names: list[str]) -> str:
    return f"{place.name}, {place.region}" if place.region and names.count(place.name) > 1 else place.name
