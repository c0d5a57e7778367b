"""What PostgreSQL can't hold: a text with NUL in it. No keyboard makes one, so whoever sends it is told no, once for
all pages; the API says it parameter by parameter.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

SAID = "NUL (0x00)"  # by psycopg, before anything reaches the database


class NoNul:
    """Middleware: 400 instead of an error of ours."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer as it is."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The refusal, where it was that."""
        if SAID not in str(exception):
            return None
        refusal = _("What was sent holds a character that no text can have. Write it anew.")
        return render(request, "portal/refused.html", {"refusal": refusal}, status=400)
