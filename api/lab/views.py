"""The testing lab's door: passports of numbers, and tests that a customer orders."""

from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from api import paging
from api.errors import Refusal
from api.lab import payloads
from api.parameters import Parameter, e164
from api.views import Resource, Writable
from inventory.models import PhoneNumber
from numbering.e164 import E164
from testing_lab.models import SuiteRun
from testing_lab.services import customer_tests, passports

WHICH = Parameter("PhoneNumber", "e164", e164, code=21421, help="Tests of this number only.")
NUMBER = Parameter("PhoneNumber", "e164", e164, code=21421, required=True, help="A number in service in this account.")


class Passports(Resource):
    """The passport of a number that is on sale, or that the caller holds."""

    body = payloads.PassportBody

    def get(self, request: Request, phone_number: str) -> Response:
        number = PhoneNumber.objects.live().filter(e164=int(phone_number[1:])).first()
        if number is None or not passports.may_see(number, self.caller):
            raise Http404
        paper = passports.of_number(number)
        if paper is None:
            raise Http404
        return Response(payloads.passport(paper, passports.results_of(paper.run), page_url(number)))


def page_url(number: PhoneNumber) -> str:
    """The signed link to the page that prints; it needs no credentials."""
    return settings.PUBLIC_URL + reverse("passport-page", args=[passports.link_of(number)])


class Ordered(Writable):
    """Tests that the caller has ordered."""

    def mine(self) -> QuerySet[SuiteRun]:
        return customer_tests.ordered_by(self.account)

    def shown(self, run: SuiteRun) -> payloads.TestBody:
        return payloads.test(run, self.account.sid)


class Tests(Ordered):
    """The list, and ordering one."""

    records = "tests"
    body: ClassVar[Any] = payloads.TestBody
    takes: ClassVar = {"GET": [WHICH], "POST": [NUMBER]}

    def get(self, request: Request) -> Response:
        page, given = paging.PageQuery.of(request), self.given(request)
        wanted = self.mine().filter(number__e164=given["e164"]) if given else self.mine()
        rows = paging.newest_first(wanted, page)
        return Response(paging.meta(request, page, self.records, rows, self.shown))

    def write(self, request: Request, **path: str) -> Response:
        digits = self.given(request)["e164"]
        number = customer_tests.in_service(self.account, digits)
        if number is None:
            raise Refusal(20404, f"{E164.from_int(digits)} is not in service in account {self.account.sid}")
        return Response(self.shown(customer_tests.order(account=self.account, number=number)), status=201)


class OneTest(Ordered):
    """One test, with its results."""

    body: ClassVar[Any] = payloads.TestResultsBody
    http_method_names = ("get", "head", "options")

    def get(self, request: Request, sid: str) -> Response:
        run = get_object_or_404(self.mine(), sid=sid)
        return Response(payloads.test_results(run, self.account.sid, passports.results_of(run)))
