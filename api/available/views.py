"""Searching the stock: the countries, the types sold in each, and the numbers on sale."""

from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from api import paging
from api.available import payloads
from api.available.parameters import FILTERS, OURS, NothingMatches, criteria
from api.errors import Refusal
from api.views import Resource
from inventory.search.offered import offered
from inventory.search.stock import Page, Position, search
from inventory.search.terms import terms_of
from inventory.shelves import demand
from numbering.countries import name_of
from numbering.types import NumberType


class Countries(Resource):
    """The countries that we sell numbers of."""

    records = "countries"
    body = payloads.CountryBody

    def get(self, request: Request) -> Response:
        page, sold = paging.PageQuery.of(request), offered()
        rows = paging.in_order(sold, page)
        return Response(paging.v2010(request, page, self.records, rows, lambda code: self.shown(code, sold[code])))

    def shown(self, code: str, types: tuple[NumberType, ...]) -> payloads.CountryBody:
        return payloads.country(self.account.sid, code, name_of(code), types)


class Country(Countries):
    """One country and the types of number sold there."""

    records = ""

    def get(self, request: Request, country: str) -> Response:  # type: ignore[override]  # one, not the list
        return Response(self.shown(country.upper(), types_sold_in(country.upper())))


class Available(Resource):
    """Numbers of one type on sale in a country; 200 and an empty list when none matches."""

    records = "available_phone_numbers"
    body = payloads.AvailableNumberBody
    number_type: NumberType = NumberType.LOCAL
    takes: ClassVar = {"GET": [*FILTERS, *OURS]}

    def get(self, request: Request, country: str) -> Response:
        code, number_type = country.upper(), self.number_type
        check_sold(code, number_type)
        page = paging.PageQuery.of(request)
        found = self._found(code, self.given(request), page)
        rows = paging.Rows(found.rows, _mark(found.following), _mark(found.preceding, backwards=True))
        row = payloads.rows(code, number_type, terms_of(code, number_type))
        return Response(paging.v2010(request, page, self.records, rows, row))

    def _found(self, code: str, given: dict[str, Any], page: paging.PageQuery) -> Page:
        try:
            wanted = criteria(code, self.number_type, given)
        except NothingMatches:
            return Page([])
        if page.mark is None:
            found = search(wanted, account=self.caller, size=page.size)
            missing = given.get("quantity", 0) - len(found.rows)
            if missing > 0 and not found.following:
                demand.not_enough(self.caller, wanted, missing)
            return found
        point, *key = page.mark.key
        after = Position(point, tuple(key))
        return search(wanted, account=self.caller, size=page.size, after=after, backwards=page.mark.backwards)


def _mark(position: Position | None, *, backwards: bool = False) -> paging.Mark | None:
    return position and paging.Mark([position.point, *position.key], backwards)


def types_sold_in(country: str, *wanted: NumberType) -> tuple[NumberType, ...]:
    """Read anew if the wanted ones are missing: they may have come a moment ago.

    Raises Refusal 20404 for a country that we don't sell.
    """
    types = offered().get(country)
    if types is None or not set(wanted) <= set(types):
        types = offered.fresh().get(country)
    if types is None:
        raise Refusal(20404, f"No numbers are sold in {country}; AvailablePhoneNumbers.json lists the countries")
    return types


def check_sold(country: str, number_type: NumberType) -> None:
    """Raises Refusal 20404, which names the types that are sold there."""
    types = types_sold_in(country, number_type)
    if number_type not in types:
        names = ", ".join(payloads.PATH_NAMES[each] for each in types)
        raise Refusal(20404, f"{payloads.PATH_NAMES[number_type]} numbers are not sold in {country}; sold are: {names}")
