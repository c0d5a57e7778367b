"""What is in a bundle, and whether that will do: ItemAssignments and Evaluations (contract 3, 3.3)."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from api import paging
from api.bundles import evaluations as shapes
from api.bundles import payloads
from api.bundles.parameters import NUMBER, OBJECT, REQUIREMENT
from api.bundles.views import OwnBundles
from api.views import Writable
from compliance.models import Evaluation, ItemAssignment
from compliance.services import evaluations, items
from numbering.e164 import E164


class Assigned(OwnBundles):
    """Items of a bundle of the caller."""

    body: ClassVar[Any] = payloads.ItemAssignmentBody

    def assigned(self, bundle_sid: str) -> QuerySet[ItemAssignment]:
        found = ItemAssignment.objects.filter(bundle=self.bundle(bundle_sid), ended_at=None)
        return found.select_related("bundle", "end_user", "document").only(
            *("sid", "requirement_name", "created_at", "bundle__sid", "end_user__sid", "document__sid")
        )

    def shown_item(self, row: ItemAssignment) -> payloads.ItemAssignmentBody:
        return payloads.item(row, self.account.sid)


class Items(Assigned, Writable):
    """The list, and assigning."""

    records = "results"
    takes: ClassVar[Any] = {"POST": [OBJECT, REQUIREMENT]}

    def get(self, request: Request, bundle_sid: str) -> Response:
        page = paging.PageQuery.of(request)
        rows = paging.newest_first(self.assigned(bundle_sid), page)
        return Response(paging.meta(request, page, self.records, rows, self.shown_item))

    def write(self, request: Request, **path: str) -> Response:
        row = items.assign(bundle=self.bundle(path["bundle_sid"]), **self.given(request))
        return Response(self.shown_item(row), status=201)


class OneItem(Assigned):
    """One item: read it, take it out."""

    def get(self, request: Request, bundle_sid: str, sid: str) -> Response:
        return Response(self.shown_item(get_object_or_404(self.assigned(bundle_sid), sid=sid)))

    def delete(self, request: Request, bundle_sid: str, sid: str) -> Response:
        items.remove(item=get_object_or_404(self.assigned(bundle_sid), sid=sid))
        return Response(status=204)


class Evaluated(OwnBundles):
    """Evaluations of a bundle of the caller."""

    body: ClassVar[Any] = shapes.EvaluationBody

    def made_of(self, bundle_sid: str) -> QuerySet[Evaluation]:
        found = Evaluation.objects.filter(bundle=self.bundle(bundle_sid))
        return found.select_related("bundle__account", "bundle__regulation", "version__rulebook").defer(
            "bundle__account__auth_token", "version__rulebook__document"
        )


class Evaluations(Evaluated, Writable):
    """The list, and evaluating."""

    records = "results"
    takes: ClassVar[Any] = {"POST": [NUMBER]}

    def get(self, request: Request, bundle_sid: str) -> Response:
        page = paging.PageQuery.of(request)
        rows = paging.newest_first(self.made_of(bundle_sid), page)
        return Response(paging.meta(request, page, self.records, rows, shapes.evaluation))

    def write(self, request: Request, **path: str) -> Response:
        bundle, given = self.bundle(path["bundle_sid"]), self.given(request)
        number = E164(given["e164"]) if "e164" in given else None
        return Response(shapes.evaluation(evaluations.run(bundle, number=number)), status=201)


class OneEvaluation(Evaluated):
    """One evaluation."""

    def get(self, request: Request, bundle_sid: str, sid: str) -> Response:
        return Response(shapes.evaluation(get_object_or_404(self.made_of(bundle_sid), sid=sid)))
