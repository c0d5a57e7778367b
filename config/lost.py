"""Who gets which page where there is none for them: staff below the console its own, everybody else the portal's."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views import defaults

from console import lost
from portal.language import no_such_page


def denied(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """403."""
    return lost.denied(request) if lost.is_for(request) else defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """404."""
    return lost.not_found(request) if lost.is_for(request) else no_such_page(request, exception)
