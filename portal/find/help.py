"""What a search that found nothing is answered with: which filter it was, what is near, and what else there is."""

from typing import NamedTuple

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from inventory.levels.places import Nearby, nearest_stocked
from inventory.levels.reading import coarse
from inventory.levels.shelves import Breadth, Shelf
from inventory.search.criteria import Criteria
from inventory.search.offered import offered
from inventory.search.relaxing import Relaxed, bare, counted, filters_of, without_each
from portal.find.forms import SearchForm
from portal.find.words import CAPABILITIES, TYPES

#: The filters in words, and the parameters of the page that stand for them.
WITHOUT: dict[str, tuple[str | Promise, tuple[str, ...]]] = {
    "place": (_("Without the town"), ("locality", "km")),
    "region": (_("Without the state or region"), ("region",)),
    "postal_code": (_("Without the postal code"), ("postal_code",)),
    "lata": (_("Without the LATA"), ("lata", "rate_centre")),
    "area_code": (_("Without the area code"), ("area_code",)),
    "pattern": (_("Without the digits"), ("contains",)),
    "papers": (_("However long ago it was tested"), ("tested",)),
    "address": (_("With kinds that ask for an address"), ("no_address",)),
    **{each.name or "": (word, ()) for each, word in CAPABILITIES.items()},
}


class Way(NamedTuple):
    """A search that finds something: what it leaves out, how much it finds (`more`: at least), and its query."""

    words: str | Promise
    found: int
    more: bool
    query: str


class Other(NamedTuple):
    """Another place or type: how far, or how many there are at least."""

    name: str | Promise
    number: float
    query: str


class Help(NamedTuple):
    """`ways`: one filter less. `bare`: none at all, where no single filter was to blame."""

    ways: list[Way]
    bare: Way | None
    nearest: list[Other]
    types: list[Other]


def help_for(form: SearchForm, query: QueryDict, account: Account | None) -> Help:
    """For a valid form whose search found nothing, and the query that it was read from."""
    criteria = form.criteria()
    ways = [_way(each, form, query) for each in without_each(criteria, account=account)]
    least = None if ways else counted(bare(criteria), account=account)
    return Help(
        ways=ways,
        bare=Way(_("Without any of these"), *least, _kind_only(query)) if least and least.found else None,
        nearest=[_near(each, query) for each in _nearest(form, criteria)],
        types=list(_types(criteria, query)),
    )


def is_unknown_town(form: SearchForm) -> bool:
    """Whether a town was asked for that we have never heard of."""
    return form.town is not None and not form.town.is_known


def filters(form: SearchForm) -> int:
    """How many filters are set."""
    return len(filters_of(form.criteria()))


def changed(query: QueryDict, *without: str, **instead: str) -> str:
    """The page's query without some parameters, and with others; always from the first page on."""
    copy = query.copy()
    for name in (*without, "page", *instead):
        copy.pop(name, None)
    copy.update(instead)
    return copy.urlencode()


def _way(relaxed: Relaxed, form: SearchForm, query: QueryDict) -> Way:
    words, parameters = WITHOUT[relaxed.without]
    found = relaxed.found
    if relaxed.without == "region" and not query.get("region") and form.town:
        return Way(words, *found, changed(query, locality=form.town.name))
    if not parameters:
        rest = query.copy()
        rest.setlist("can", [name for name in query.getlist("can") if name != relaxed.without])
        words = _("Without “%(what)s”") % {"what": words}
        return Way(words, *found, changed(rest))
    return Way(words, *found, changed(query, *parameters))


def _kind_only(query: QueryDict) -> str:
    return changed(query, *(name for name in query if name not in ("country", "type")))


def _nearest(form: SearchForm, criteria: Criteria) -> list[Nearby]:
    if form.town is None or form.town.point is None:
        return []
    kind = criteria.country, criteria.number_type
    return nearest_stocked(*kind, *form.town.point, capabilities=criteria.capabilities)


def _near(nearby: Nearby, query: QueryDict) -> Other:
    place = nearby.place
    name = f"{place.name}, {place.region}" if place.region and place.region != place.name else place.name
    return Other(name, nearby.km, changed(query, "km", "region", "area_code", "contains", locality=name))


def _types(criteria: Criteria, query: QueryDict) -> list[Other]:
    others = [each for each in offered().get(criteria.country, ()) if each != criteria.number_type]
    told = coarse([Shelf(criteria.country, each.value) for each in others], Breadth.TYPE)
    counts = [(each, told[Shelf(criteria.country, each.value)]) for each in others]
    places = ("locality", "km", "region", "area_code", "postal_code", "lata", "rate_centre")
    return [Other(TYPES[each], count, changed(query, *places, type=each.value)) for each, count in counts if count]
