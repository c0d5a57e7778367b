"""A bundle once more: Copies, ReplaceItems and Clones (contract 3.1)."""

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from api import paging
from api.bundles import payloads
from api.bundles.parameters import COPY_NAME, FROM, MOVE_TO_DRAFT, TARGET
from api.bundles.views import OwnBundles
from api.errors import Refusal
from api.views import Writable
from compliance.models import Bundle
from compliance.services import clones, copies, replacement


class Copies(OwnBundles, Writable):
    """Copies of a bundle: the list, and making one."""

    records = "results"
    body: ClassVar[Any] = payloads.BundleCopyBody
    takes: ClassVar[Any] = {"POST": [COPY_NAME]}

    def get(self, request: Request, bundle_sid: str) -> Response:
        page = paging.PageQuery.of(request)
        rows = paging.newest_first(self.mine().filter(copied_from=self.bundle(bundle_sid)), page)
        return Response(paging.meta(request, page, self.records, rows, payloads.copy))

    def write(self, request: Request, **path: str) -> Response:
        row = copies.copy(self.bundle(path["bundle_sid"]), **self.given(request), actor=self.actor)
        return Response(payloads.copy(row), status=201)


class ReplaceItems(OwnBundles, Writable):
    """Give a bundle the items of its approved copy."""

    body: ClassVar[Any] = payloads.BundleCopyBody
    takes: ClassVar[Any] = {"POST": [FROM]}

    def write(self, request: Request, **path: str) -> Response:
        target, source_sid = self.bundle(path["bundle_sid"]), self.given(request)["source"]
        source = self.mine().filter(sid=source_sid).first()
        if source is None:
            raise Refusal(22225, f"FromBundleSid: {source_sid} was not found")
        return Response(payloads.copy(replacement.replace(target=target, source=source, actor=self.actor)), status=201)


class Clones(OwnBundles, Writable):
    """Clone a bundle of the caller, or of a subaccount, to another of its accounts."""

    body: ClassVar[Any] = payloads.BundleCloneBody
    takes: ClassVar[Any] = {"POST": [TARGET, MOVE_TO_DRAFT, COPY_NAME]}

    def write(self, request: Request, **path: str) -> Response:
        family = Bundle.objects.filter(account__in=clones.family(self.caller), deleted_at=None)
        source, given = get_object_or_404(family, sid=path["bundle_sid"]), self.given(request)
        to = clones.target_of(by=self.caller, sid=given.pop("target"))
        return Response(payloads.clone(clones.clone(source, to=to, **given, actor=self.actor)), status=201)
