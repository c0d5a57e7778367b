"""Where providers call back. What they say of an order is never believed: a genuine callback makes us ask, now."""

from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.nudges import nudge
from api.errors import Refusal
from api.parsing import check_length
from api.views import Resource
from inventory.models import Provider
from inventory.providers.registry import adapter_of

MAX_BYTES = 256 * 1024  # the document of one order


class ProviderCallbacks(Resource):
    """A provider's news of an order. Its adapter checks the signature, which stands in for credentials."""

    authentication_classes = []
    schema = None  # type: ignore[assignment]  # not for customers, so not in their document

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        check_length(request, MAX_BYTES)

    def post(self, request: Request, slug: str) -> Response:
        provider = get_object_or_404(Provider.objects.exclude(adapter=""), slug=slug)
        key = adapter_of(provider).verify_callback(request.headers, request._request.body)
        if key is None:
            raise Refusal(20006, "The signature is not this provider's, or the document is unreadable")
        nudge("inventory.tasks.hear_callback", key)
        return Response(status=204)
