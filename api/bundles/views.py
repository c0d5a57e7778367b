"""Bundles: what a customer puts together for one regulation and hands in (contract 3)."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from api import paging
from api.bundles import payloads
from api.bundles.filters import SORT_BY, SORT_DIRECTION, BundleFilters, column_of
from api.bundles.parameters import GROUP, NEW, REGULATION, SETTINGS, STATUS
from api.errors import Refusal
from api.filters import filtered
from api.views import Resource, Writable
from compliance.lifecycle import BundleState
from compliance.models import Bundle, ItemAssignment, Regulation
from compliance.refusals import NothingAsked
from compliance.services import bundles, rulebooks

#: What `payloads` reads of other tables.
_BESIDE = ("account", "regulation", "approved_under__rulebook", "copied_from")
_HEAVY = ("account__auth_token", "approved_under__rulebook__document")
#: Of an item, what its verdict is made of.
_OF_ITEM = (
    *("sid", "bundle_id", "requirement_name", "end_user__sid", "end_user__revision", "document__sid"),
    *("document__status", "document__reason", "document__reason_sentence", "document__fix_hint"),
)
_ASKED_OF_CUSTOMERS = (BundleState.PENDING_REVIEW, BundleState.DRAFT)


class OwnBundles(Resource):
    """Bundles of the caller."""

    def mine(self) -> QuerySet[Bundle]:
        """What the account has and did not delete."""
        return Bundle.objects.of(self.account).select_related(*_BESIDE).defer(*_HEAVY)

    def bundle(self, sid: str) -> Bundle:
        """One of them, or 404."""
        return get_object_or_404(self.mine(), sid=sid)

    def shown(self, row: Bundle) -> payloads.BundleBody:
        """A bundle with its items and its history."""
        items = ItemAssignment.objects.filter(bundle=row, ended_at=None).order_by("pk")
        items = items.select_related("end_user", "document").only(*_OF_ITEM)
        return payloads.bundle(row, list(items), list(row.ledger.order_by("at", "pk")))

    @property
    def actor(self) -> str:
        """Who the ledger says did it."""
        return f"account:{self.caller.sid}"


class Bundles(OwnBundles, Writable):
    """The list, and making one."""

    records = "results"
    body = payloads.BundleRowBody
    made = payloads.BundleBody
    filters = BundleFilters
    takes: ClassVar[Any] = {"GET": [SORT_BY, SORT_DIRECTION], "POST": [*NEW, REGULATION, *GROUP]}

    def get(self, request: Request) -> Response:
        page, order = paging.PageQuery.of(request), self.given(request)
        found = filtered(self.filters, request, self.mine())
        rows = paging.by_column(found, page, column_of(order.get("sort_by")), ascending=order.get("direction") == "ASC")
        return Response(paging.meta(request, page, self.records, rows, payloads.bundle_row))

    def write(self, request: Request, **path: str) -> Response:
        given = self.given(request)
        names = [parameter.field for parameter in (REGULATION, *GROUP)]
        asked = {name: value for name in names if (value := given.pop(name, ""))}
        row = bundles.create(account=self.account, regulation=_regulation(asked), settings=given, actor=self.actor)
        return Response(self.shown(self.bundle(row.sid)), status=201)


class OneBundle(OwnBundles, Writable):
    """One bundle: read it, change its settings, hand it in, take it back, delete it."""

    body = payloads.BundleBody
    takes: ClassVar[Any] = {"POST": [*SETTINGS, STATUS]}

    def get(self, request: Request, sid: str) -> Response:
        return Response(self.shown(self.bundle(sid)))

    def write(self, request: Request, **path: str) -> Response:
        row, settings = self.bundle(path["sid"]), self.given(request)
        state = settings.pop("state", None)
        if state and state not in _ASKED_OF_CUSTOMERS:
            raise Refusal(20403, "Status: only pending-review and draft are yours to set; reviewers set the others")
        bundles.change(bundle=row, settings=settings, state=state, actor=self.actor)
        return Response(self.shown(self.bundle(row.sid)))

    def delete(self, request: Request, sid: str) -> Response:
        bundles.delete(self.bundle(sid), actor=self.actor)
        return Response(status=204)


def _regulation(asked: dict[str, str]) -> Regulation:
    """The one in force of that SID, or of that country, number type and end-user type. Raises Refusal 22202, 22201."""
    if "sid" not in asked and (missing := [each.name for each in GROUP if each.field not in asked]):
        raise Refusal(
            22202, f"Give RegulationSid, or IsoCountry, NumberType and EndUserType; missing: {', '.join(missing)}"
        )
    group = {name: asked.get(name) for name in ("country", "number_type", "end_user_type")}
    found = rulebooks.regulations(**group)
    row = found.filter(sid=asked["sid"]).first() if "sid" in asked else found.first()
    if row is None:
        raise NothingAsked(asked.get("sid") or " ".join(asked[each.field] for each in GROUP))
    return row
