"""One number of the stock: as it was at any instant, why nobody can buy it now, and what is wrong with it."""

from typing import ClassVar

from django.http import Http404
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import Refusal
from api.numbers import payloads
from api.numbers.parameters import AT, REPORTED, past
from api.schema import ResourceSchema
from api.views import OfTheOperator, Resource, Writable
from inventory.history.moment import held_by, moment
from inventory.lifecycle import State
from inventory.models import Did, PhoneNumber, UnwantedTraffic
from inventory.quarantine import reports
from testing_lab.services.blocked import failed_tests, why_not_for_sale


class NumberAtAnInstant(Resource):
    """A number as it was at an instant: to the operator always, to a customer while its own account had it."""

    body = payloads.MomentBody
    takes: ClassVar = {"GET": [AT]}

    def get(self, request: Request, phone_number: str) -> Response:
        at = past(self.given(request).get("at"))
        found = moment(int(phone_number[1:]), at)
        if self.caller.is_operator and found is None:
            raise Refusal(20404, f"{phone_number} was not in the stock at that time")
        if found is None or not (self.caller.is_operator or held_by(self.caller, found)):
            raise Http404
        return Response(payloads.moment(found, to_the_operator=self.caller.is_operator))


class Blockers(OfTheOperator):
    """Everything that keeps a number from being sold; for the operator's own account alone."""

    schema = ResourceSchema()
    body = payloads.BlockersBody

    def get(self, request: Request, phone_number: str) -> Response:
        lives = PhoneNumber.objects.filter(e164=int(phone_number[1:]))
        number = lives.live().first() or lives.filter(state=State.RETURNED).order_by("-pk").first()
        if number is None:
            raise Http404
        run, failed = failed_tests(number)
        run = run or number.suite_runs.order_by("-pk").first()
        return Response(payloads.blockers(number, why_not_for_sale(number, failed), run, failed))


class UnwantedTrafficOfNumber(Writable):
    """What the caller, who has the number in service, reports of calls and messages that are not for him; told once."""

    body = payloads.UnwantedTrafficBody
    takes: ClassVar = {"POST": REPORTED}

    def get(self, request: Request, phone_number: str) -> Response:
        rows = UnwantedTraffic.objects.select_related("account", "did", "number")
        return Response(payloads.unwanted_traffic(get_object_or_404(rows, did=self._did(phone_number))))

    def write(self, request: Request, **path: str) -> Response:
        row, _ = reports.report(did=self._did(path["phone_number"]), **self.given(request))
        return Response(payloads.unwanted_traffic(row), status=201)

    def _did(self, phone_number: str) -> Did:
        """The caller's own, in service; somebody else's is as unknown as one that nobody has. Raises Http404."""
        live = PhoneNumber.objects.live().filter(e164=int(phone_number[1:]))
        return get_object_or_404(Did, number__in=live, account=self.account, ended_at=None)
