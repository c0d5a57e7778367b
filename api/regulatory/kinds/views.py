"""EndUserTypes and SupportingDocumentTypes (contract 3). The same for everybody, and read once per process."""

from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response

from api import paging
from api.regulatory.kinds.payloads import END_USER_TYPES, Catalogue, type_sid
from api.views import Resource


class Kinds(Resource):
    """All kinds of end user or of paper, and the fields that any country asks of them."""

    catalogue: Catalogue = END_USER_TYPES

    def get(self, request: Request) -> Response:
        page = paging.PageQuery.of(request)
        entries = self.catalogue.entries()
        rows = paging.in_order(entries, page)
        return Response(
            paging.meta(request, page, self.records, rows, lambda name: self.catalogue.shown(entries[name]))
        )


class OneKind(Resource):
    """One kind of end user or of paper."""

    catalogue: Catalogue = END_USER_TYPES

    def get(self, request: Request, sid: str) -> Response:
        for name, entry in self.catalogue.entries().items():
            if type_sid(self.catalogue.path, name) == sid:
                return Response(self.catalogue.shown(entry))
        raise Http404
