"""EndUsers (contract 3): who will use the numbers."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from api import paging
from api.parameters import Parameter, text
from api.regulatory.attributes import ATTRIBUTES
from api.regulatory.end_users import payloads
from api.regulatory.words import end_user_type
from api.views import Writable
from compliance.models import EndUser
from compliance.services import end_users

LONGEST_NAME = 255
NAME = Parameter("FriendlyName", "friendly_name", text(LONGEST_NAME, min_length=1))
TYPE = Parameter("Type", "type", end_user_type, code=22200, required=True)


class Owned(Writable):
    """End users of the caller."""

    body: ClassVar[Any] = payloads.EndUserBody

    def owned(self) -> QuerySet[EndUser]:
        return EndUser.objects.of(self.account)

    def shown(self, row: EndUser) -> payloads.EndUserBody:
        return payloads.end_user(row, self.account.sid)

    def one(self, sid: str) -> EndUser:
        return get_object_or_404(self.owned(), sid=sid)


class EndUsers(Owned):
    """The list, and a new one."""

    records = "results"
    takes: ClassVar = {"POST": [NAME._replace(required=True), TYPE, ATTRIBUTES]}

    def get(self, request: Request) -> Response:
        page = paging.PageQuery.of(request)
        rows = paging.newest_first(self.owned(), page)
        return Response(paging.meta(request, page, self.records, rows, self.shown))

    def write(self, request: Request, **path: str) -> Response:
        given = {"attributes": {}} | self.given(request)
        return Response(self.shown(end_users.create(account=self.account, **given)), status=201)


class OneEndUser(Owned):
    """One end user: read, change, delete. Its type stays: another type is another end user."""

    takes: ClassVar = {"POST": [NAME, ATTRIBUTES]}

    def get(self, request: Request, sid: str) -> Response:
        return Response(self.shown(self.one(sid)))

    def write(self, request: Request, **path: str) -> Response:
        end_user = self.one(path["sid"])
        return Response(self.shown(end_users.change(end_user=end_user, **self.given(request))))

    def delete(self, request: Request, sid: str) -> Response:
        end_users.delete(end_user=self.one(sid))
        return Response(status=204)
