"""The rights of a person, which our customer answers for: a copy of everything, and its erasure."""

from typing import Any, ClassVar

from django.http import HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from api.parameters import Parameter, text
from api.privacy import payloads
from api.views import Resource, Writable
from compliance.models import EndUser
from compliance.services import erasure, export

REASON = Parameter(
    "Reason", "reason", text(200, min_length=1), required=True, help="Kept with the proof: a case number, no names."
)


def _one(view: Resource, sid: str) -> EndUser:
    """Deleted ones too: they are kept until their term is over, and the person may ask for them."""
    return get_object_or_404(EndUser.objects.select_related("account"), account=view.account, sid=sid)


class Export(Resource):
    """Everything about an end user as a ZIP: person.json and the files. See docs/privacy.md."""

    schema = None  # type: ignore[assignment]  # the document describes JSON; docs/privacy.md describes the ZIP

    def get(self, request: Request, sid: str) -> HttpResponseBase:
        end_user = _one(self, sid)
        headers = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
        answer = StreamingHttpResponse(export.stream(end_user), content_type="application/zip", headers=headers)
        answer["Content-Disposition"] = f'attachment; filename="{end_user.sid}.zip"'
        return answer


class Erasures(Writable):
    """Erase an end user with all that is only theirs; their bundles end. Again: the same proof."""

    body: ClassVar[Any] = payloads.ErasureBody
    takes: ClassVar = {"POST": [REASON]}
    http_method_names = ("post", "options")

    def write(self, request: Request, **path: str) -> Response:
        proof = erasure.erase(
            _one(self, path["sid"]), actor=f"account:{self.caller.sid}", reason=self.given(request)["reason"]
        )
        return Response(payloads.erasure(proof), status=201)
