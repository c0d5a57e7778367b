"""What anyone may read: the OpenAPI document, and the pages that `more_info` points at, from the one catalogue."""

from functools import cache
from threading import Lock
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer

from api.errors import CATALOGUE

#: drf-spectacular loads its extensions when it is first used, and two threads at once confuse it.
_ONE_AT_A_TIME = Lock()


@require_safe
def error_list(request: HttpRequest) -> HttpResponse:
    """All codes that this API answers with."""
    return render(request, "api/errors.html", {"entries": sorted(CATALOGUE.items())})


@require_safe
def error_page(request: HttpRequest, code: int) -> HttpResponse:
    """One code. Raises Http404 for one that we never answer with."""
    if code not in CATALOGUE:
        raise Http404(f"no error {code}")
    return render(request, "api/errors.html", {"entries": [(code, CATALOGUE[code])]})


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document."""
    with _ONE_AT_A_TIME:
        document = _openapi_document()
    return HttpResponse(document, content_type=OpenApiJsonRenderer.media_type)


@cache
def _openapi_document() -> bytes:
    """Made once in each process: it takes a quarter of a second, and only a new release changes it."""
    generator: Any = SchemaGenerator  # untyped
    return bytes(OpenApiJsonRenderer().render(generator().get_schema(request=None, public=True)))
