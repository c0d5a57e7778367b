"""Reservations: our extension that ends the race between search and purchase."""

from datetime import timedelta
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from api import paging
from api.errors import Refusal
from api.parameters import Parameter, e164, integer
from api.reservations import payloads
from api.views import Writable
from inventory.models import Reservation
from inventory.services import reservations

NUMBERS = Parameter(
    "PhoneNumber", "numbers", e164, code=21421, repeated=True, required=True, help="1 to 100 numbers; repeat it."
)
SECONDS = integer(60, int(reservations.LONGEST.total_seconds()))
EXPIRES_IN = Parameter("ExpiresIn", "seconds", SECONDS, help="Seconds from now; 900 unless given.")


class Reserved(Writable):
    """Reservations of the caller."""

    body = payloads.ReservationBody

    def mine(self) -> QuerySet[Reservation]:
        return Reservation.objects.filter(account=self.account).prefetch_related("holds__number")

    def shown(self, row: Reservation) -> payloads.ReservationBody:
        return payloads.reservation(row, self.account.sid)


class Reservations(Reserved):
    """The list, and reserving: all the numbers or none."""

    records = "reservations"
    takes: ClassVar = {"POST": [NUMBERS, EXPIRES_IN]}

    def get(self, request: Request) -> Response:
        page = paging.PageQuery.of(request)
        rows = paging.newest_first(self.mine(), page)
        return Response(paging.meta(request, page, self.records, rows, self.shown))

    def write(self, request: Request, **path: str) -> Response:
        given = self.given(request)
        if len(given["numbers"]) > reservations.MAX_NUMBERS:
            raise Refusal(20001, f"Invalid parameter PhoneNumber: at most {reservations.MAX_NUMBERS} numbers")
        row = reservations.reserve(account=self.account, numbers=given["numbers"], lasting=_lasting(given))
        return Response(self.shown(self.mine().get(pk=row.pk)), status=201)


class OneReservation(Reserved):
    """One reservation: read, extend, give up."""

    takes: ClassVar = {"POST": [EXPIRES_IN]}

    def get(self, request: Request, sid: str) -> Response:
        return Response(self.shown(get_object_or_404(self.mine(), sid=sid)))

    def write(self, request: Request, **path: str) -> Response:
        row = get_object_or_404(self.mine(), sid=path["sid"])
        reservations.extend(reservation=row, lasting=_lasting(self.given(request)))
        return Response(self.shown(self.mine().get(pk=row.pk)))

    def delete(self, request: Request, sid: str) -> Response:
        reservations.release(reservation=get_object_or_404(self.mine(), sid=sid))
        return Response(status=204)


def _lasting(given: dict[str, Any]) -> timedelta:
    return timedelta(seconds=given["seconds"]) if "seconds" in given else reservations.USUAL
