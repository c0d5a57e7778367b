"""Stock levels: what stands on each shelf, read from the indexes of the stock."""

from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from api import paging
from api.errors import Refusal
from api.parameters import Parameter, choice, country, text
from api.stock_levels import payloads
from api.views import Resource
from inventory.levels import reading
from inventory.levels.shelves import Breadth, Shelf, Wanted, shelves
from inventory.search.whereabouts import places_called
from numbering.models import Place
from numbering.types import NumberType

MOST = 200  # shelves on a page: each is counted
ASKED = [
    Parameter("IsoCountry", "country", country, help="Shelves of this country only."),
    Parameter("NumberType", "number_type", choice(*NumberType.values), help="Shelves of this type only."),
    Parameter("AreaCode", "area_code", text(8, min_length=1), help="The shelves of this area code."),
    Parameter("InLocality", "locality", text(128, min_length=1), help="The shelves of this town; needs IsoCountry."),
    Parameter(
        "Granularity", "breadth", choice(*Breadth), help="One row for each area code (the default), locality, or type."
    ),
]


class StockLevels(Resource):
    """How many numbers of each kind are for sale; to the operator's account everything that stands on each shelf."""

    records = "stock_levels"
    body = payloads.StockLevelBody
    takes: ClassVar = {"GET": ASKED}

    def get(self, request: Request) -> Response:
        page, given = paging.PageQuery.of(request), self.given(request)
        if page.size > MOST:
            raise Refusal(20007, f"PageSize is over the limit of {MOST} for stock levels")
        breadth = Breadth(given.pop("breadth", Breadth.AREA_CODE))
        rows = self._page(page, _wanted(given, breadth), breadth)
        shown = self._shown(rows.items, breadth)
        return Response(paging.meta(request, page, self.records, rows, shown.__getitem__))

    def _page(self, page: paging.PageQuery, wanted: Wanted, breadth: Breadth) -> paging.Rows:
        where: dict[str, Any] = {"after": _position(page, breadth), "limit": page.size + 1}
        where["backwards"] = page.mark is not None and page.mark.backwards
        if self.caller.is_operator:
            found = reading.page(wanted, breadth, **where)
        else:
            found = shelves(wanted, breadth, on_sale=True, **where)
        return paging.cut(found, page, key=lambda shelf: [breadth, *shelf])

    def _shown(self, page: Any, breadth: Breadth) -> dict[Shelf, payloads.StockLevelBody]:
        places = Place.objects.in_bulk([shelf.place_id for shelf in page]) if breadth == Breadth.LOCALITY else {}
        if self.caller.is_operator:
            levels = reading.levels(page, breadth)
            return {level.shelf: payloads.whole(level, places.get(level.shelf.place_id)) for level in levels}
        told = reading.coarse(page, breadth)
        return {shelf: payloads.coarse(shelf, places.get(shelf.place_id), at_least) for shelf, at_least in told.items()}


def _wanted(given: dict[str, Any], breadth: Breadth) -> Wanted:
    """Raises Refusal 20001 for a filter that the rows of this breadth can't meet."""
    if "area_code" in given and breadth != Breadth.AREA_CODE:
        raise Refusal(20001, f"Invalid parameter AreaCode: not with Granularity={breadth}")
    if (locality := given.pop("locality", None)) is None:
        return Wanted(**given)
    if breadth != Breadth.LOCALITY:
        raise Refusal(20001, "Invalid parameter InLocality: only with Granularity=locality")
    if "country" not in given:
        raise Refusal(20001, "Invalid parameter InLocality: needs IsoCountry")
    return Wanted(**given, places=places_called(given["country"], locality))


def _position(page: paging.PageQuery, breadth: Breadth) -> Shelf | None:
    """The shelf at the mark. Raises Refusal 21481 for a token of shelves of another breadth."""
    match page.mark and page.mark.key:
        case None:
            return None
        case [[of, str(iso_country), str(number_type), str(area_code), int(place_id)]] if of == breadth:
            return Shelf(iso_country, number_type, area_code, place_id)
    raise Refusal(21481)
