"""IncomingPhoneNumbers: what an account has, buys, changes, moves and gives back (contract 2.4)."""

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Account
from api import paging
from api.errors import Refusal
from api.filters import DigitsFilter, FormatFilter, filtered
from api.incoming import magic, payloads
from api.incoming.parameters import AREA_CODE, PHONE_NUMBER, PROTECTED, SETTINGS, TRANSFER
from api.parameters import any_text, boolean, choice
from api.views import Resource, Writable
from inventory.models import Did
from inventory.services import assignments
from numbering.types import NumberType


class DidFilters(django_filters.FilterSet):
    Beta = FormatFilter("number__beta", format=boolean)
    FriendlyName = FormatFilter("friendly_name", format=any_text)
    PhoneNumber = DigitsFilter("number__e164")
    Origin = FormatFilter(format=choice("twilio", "hosted"), method="with_origin")

    def with_origin(self, rows: QuerySet[Did], name: str, value: str) -> QuerySet[Did]:
        """Hosted numbers come with a later issue; until then every number is from our own stock."""
        return rows.none() if value == "hosted" else rows


class Owned(Resource):
    """Numbers of the account in the path."""

    body: ClassVar[Any] = payloads.IncomingNumberBody

    def owned(self) -> QuerySet[Did]:
        return Did.objects.filter(account=self.account, ended_at=None).select_related("number")

    def shown(self, did: Did) -> payloads.IncomingNumberBody:
        return payloads.did(did, self.account.sid)


class IncomingNumbers(Owned, Writable):
    """The list, and buying. `number_type` narrows it to a typed sublist."""

    records = "incoming_phone_numbers"
    number_type: NumberType | None = None
    filters = DidFilters
    takes: ClassVar = {"POST": [PHONE_NUMBER, AREA_CODE, *SETTINGS]}
    for_test_credentials = ("POST",)

    def get(self, request: Request) -> Response:
        page = paging.PageQuery.of(request)
        owned = self.owned()
        if self.number_type:
            owned = owned.filter(number__number_type=self.number_type)
        rows = paging.newest_first(filtered(self.filters, request, owned), page)
        return Response(paging.v2010(request, page, self.records, rows, self.shown))

    def write(self, request: Request, **path: str) -> Response:
        settings = self.given(request)
        e164, area_code = settings.pop("e164", None), settings.pop("area_code", None)
        return Response(self.shown(self._bought(e164, area_code, settings)), status=201)

    def _bought(self, e164: int | None, area_code: str | None, settings: dict[str, Any]) -> Did:
        if self.number_type and area_code:
            raise Refusal(21457)
        if e164 is None and (self.number_type or area_code is None):
            raise Refusal(21421, "PhoneNumber is required" + ("" if self.number_type else ", or an AreaCode"))
        if self.caller.is_test:
            return magic.buy(self.account, e164, area_code, settings, self.number_type)
        if e164 is not None:
            return assignments.buy(account=self.account, e164=e164, settings=settings, number_type=self.number_type)
        return assignments.buy_in_area(account=self.account, area_code=area_code or "", settings=settings)


class OneIncomingNumber(Owned, Writable):
    """One number: read, change its settings, protect it, move it to another account, give it back."""

    takes: ClassVar = {"POST": [*SETTINGS, TRANSFER, PROTECTED]}

    def get(self, request: Request, sid: str) -> Response:
        return Response(self.shown(self._did(sid)))

    def write(self, request: Request, **path: str) -> Response:
        did, settings = self._did(path["sid"]), self.given(request)
        to, protected = _receiver(settings.pop("to", "")), settings.pop("protected", None)
        changed = assignments.change(did=did, settings=settings, to=to, by=self.caller, protected=protected)
        return Response(payloads.did(changed, to.sid if to else self.account.sid))

    def delete(self, request: Request, sid: str) -> Response:
        assignments.release(did=self._did(sid), actor=f"account:{self.caller.sid}")
        return Response(status=204)

    def _did(self, sid: str) -> Did:
        return get_object_or_404(self.owned(), sid=sid)


def _receiver(sid: str) -> Account | None:
    if not sid:
        return None
    found = Account.objects.select_related("parent").defer("auth_token", "parent__auth_token").filter(sid=sid).first()
    if found is None:
        raise Refusal(21471, f"Account {sid} does not exist")
    return found


class AddOns(Owned):
    """Numberyard sells no add-ons, so the list of those assigned to a number is truly empty."""

    records = "assigned_add_ons"
    body = None

    def get(self, request: Request, sid: str) -> Response:
        get_object_or_404(self.owned(), sid=sid)
        page = paging.PageQuery.of(request)
        return Response(paging.v2010(request, page, self.records, paging.Rows([]), dict))
