"""Addresses, and the numbers that need them (contract 2.5)."""

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from api import paging
from api.addresses import payloads
from api.addresses.parameters import CHANGED, NEW
from api.filters import FormatFilter, filtered
from api.parameters import any_text, boolean, country
from api.views import Resource, Writable
from compliance.models import Address
from compliance.models.address import AddressQuerySet
from compliance.services import addresses
from inventory.services.holdings import dids_at


class AddressFilters(django_filters.FilterSet):
    """By what is encrypted, too: exactly, through its blind index."""

    CustomerName = FormatFilter("customer_name", format=any_text, method="named")
    FriendlyName = FormatFilter("friendly_name", format=any_text, method="named")
    EmergencyEnabled = FormatFilter("emergency_enabled", format=boolean)
    IsoCountry = FormatFilter("iso_country", format=country)

    def named(self, rows: AddressQuerySet, name: str, value: str) -> AddressQuerySet:
        """Rows whose encrypted column is that text."""
        return rows.named(name, value)


class Owned(Resource):
    """Addresses of the account in the path."""

    body: ClassVar[Any] = payloads.AddressBody

    def owned(self) -> QuerySet[Address]:
        return Address.objects.of(self.account)

    def shown(self, row: Address) -> payloads.AddressBody:
        return payloads.address(row, self.account.sid)

    def one(self, sid: str) -> Address:
        return get_object_or_404(self.owned(), sid=sid)


class Addresses(Owned, Writable):
    """The list, and a new one."""

    records = "addresses"
    filters = AddressFilters
    takes: ClassVar = {"POST": NEW}

    def get(self, request: Request) -> Response:
        page = paging.PageQuery.of(request)
        rows = paging.newest_first(filtered(self.filters, request, self.owned()), page)
        return Response(paging.v2010(request, page, self.records, rows, self.shown))

    def write(self, request: Request, **path: str) -> Response:
        given = self.given(request)
        correct = given.pop("correct", True)
        row = addresses.create(account=self.account, given=given, correct=correct)
        return Response(self.shown(row), status=201)


class OneAddress(Owned, Writable):
    """One address: read, change, delete. Its country stays: another country is another address."""

    takes: ClassVar = {"POST": CHANGED}

    def get(self, request: Request, sid: str) -> Response:
        return Response(self.shown(self.one(sid)))

    def write(self, request: Request, **path: str) -> Response:
        address, given = self.one(path["sid"]), self.given(request)
        correct = given.pop("correct", True)
        return Response(self.shown(addresses.change(address=address, given=given, correct=correct)))

    def delete(self, request: Request, sid: str) -> Response:
        addresses.delete(address=self.one(sid))
        return Response(status=204)


class DependentNumbers(Owned):
    """Numbers in service with this address."""

    records = "dependent_phone_numbers"
    body = payloads.DependentNumberBody

    def get(self, request: Request, sid: str) -> Response:
        page = paging.PageQuery.of(request)
        numbers = dids_at(self.one(sid)).select_related("number")
        rows = paging.newest_first(numbers, page)
        return Response(
            paging.v2010(request, page, self.records, rows, lambda row: payloads.dependent(row, self.account.sid))
        )
