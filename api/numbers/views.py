"""One number of the stock: as it was at any instant."""

from typing import ClassVar

from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import Refusal
from api.numbers import payloads
from api.numbers.parameters import AT, past
from api.views import Resource
from inventory.history.moment import held_by, moment


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
