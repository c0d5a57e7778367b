"""Regulations (contract 3): what a country asks of who wants its numbers, before anybody buys one."""

from typing import Any, ClassVar

from django.http import Http404
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from api import paging
from api.parameters import Parameter, boolean, country
from api.regulatory.regulations import payloads
from api.regulatory.words import end_user_type, number_type
from api.views import Resource
from compliance.models import Regulation
from compliance.services import rulebooks

CONSTRAINTS = Parameter(
    "IncludeConstraints", "constraints", boolean, help="Also what is structured: types, ages, scopes, sources."
)


class InForce(Resource):
    """Regulations that are in force today. They are the same for everybody."""

    body: ClassVar[Any] = payloads.RegulationBody

    def shown(self, row: Regulation, *, constraints: bool) -> payloads.RegulationBody:
        version = rulebooks.in_force(row)
        if version is None:  # another version took its place since the row was read
            raise Http404
        return payloads.regulation(row, version, rulebooks.rules_of(version), constraints=constraints)


class Regulations(InForce):
    """The list. A country or type without one: nobody has to give anything, or nobody wrote its file."""

    records = "results"
    takes: ClassVar = {
        "GET": [
            Parameter("IsoCountry", "country", country),
            Parameter("NumberType", "number_type", number_type, code=22213),
            Parameter("EndUserType", "end_user_type", end_user_type, code=22212),
            CONSTRAINTS,
        ]
    }

    def get(self, request: Request) -> Response:
        page, given = paging.PageQuery.of(request), self.given(request)
        constraints = given.pop("constraints", False)
        rows = paging.newest_first(rulebooks.regulations(**given), page)
        return Response(
            paging.meta(request, page, self.records, rows, lambda row: self.shown(row, constraints=constraints))
        )


class OneRegulation(InForce):
    """One regulation."""

    takes: ClassVar = {"GET": [CONSTRAINTS]}

    def get(self, request: Request, sid: str) -> Response:
        row = get_object_or_404(Regulation, sid=sid)
        return Response(self.shown(row, **{"constraints": False} | self.given(request)))
