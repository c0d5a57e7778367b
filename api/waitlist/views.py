"""The waitlist: be told, or served, when what nobody has on sale comes on sale."""

from typing import ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from api import paging
from api.views import Resource, Writable
from api.waitlist import payloads
from api.waitlist.parameters import WISHED, wish
from inventory.models import WaitlistEntry
from inventory.waitlist import entries


class Waiting(Resource):
    """Entries of the caller."""

    body = payloads.WaitlistEntryBody

    def mine(self) -> QuerySet[WaitlistEntry]:
        rows = WaitlistEntry.objects.filter(account=self.account)
        return rows.prefetch_related("servings__offers__number", "servings__reservation")

    def shown(self, row: WaitlistEntry) -> payloads.WaitlistEntryBody:
        return payloads.entry(row, self.account.sid)


class Waitlist(Waiting, Writable):
    """What the caller waits for, and waiting for more."""

    records = "waitlist"
    takes: ClassVar = {"POST": WISHED}

    def get(self, request: Request) -> Response:
        page = paging.PageQuery.of(request)
        rows = paging.newest_first(self.mine(), page)
        return Response(paging.meta(request, page, self.records, rows, self.shown))

    def write(self, request: Request, **path: str) -> Response:
        row = entries.wait(account=self.account, **wish(self.given(request)))
        return Response(self.shown(row), status=201)


class OneWaitlistEntry(Waiting):
    """One entry: read it, or wait no longer."""

    def get(self, request: Request, sid: str) -> Response:
        return Response(self.shown(get_object_or_404(self.mine(), sid=sid)))

    def delete(self, request: Request, sid: str) -> Response:
        entries.cancel(get_object_or_404(self.mine(), sid=sid), actor=f"account:{self.account.sid}")
        return Response(status=204)
