"""In which language the customer's pages speak. The API and the console speak English, whatever a browser asks for."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.views import defaults
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from accounts import languages
from accounts.models import User


@require_POST
def choose(request: HttpRequest) -> HttpResponseBase:
    """The language of the pages from now on, and of letters to who is signed in."""
    if isinstance(request.user, User):
        languages.remember(request.user, request.POST.get("language", ""))
    return set_language(request)


def forged(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """The page for a form that carries no token of ours. No view was chosen yet, and so no language."""
    with translation.override(translation.get_language_from_request(request)):
        return render(request, "403_csrf.html", status=403)


DOORS = ("portal.", "allauth.")  # modules of the views that speak other languages


class CustomersLanguage:
    """Middleware: the language of the cookie that `/language` sets, else one that the browser asks for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer; whoever this thread serves next is spoken to in the usual language again."""
        with translation.override(settings.LANGUAGE_CODE):
            response = self.get_response(request)
            match = request.resolver_match
            if (match and _speaks(match.func)) or translation.get_language() != settings.LANGUAGE_CODE:
                response.headers.setdefault("Content-Language", translation.get_language() or "")
                patch_vary_headers(response, ("Accept-Language", "Cookie"))
            return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        """Choose, once it is known whose page it is."""
        if _speaks(view):
            translation.activate(translation.get_language_from_request(request))


def _speaks(view: Callable[..., Any]) -> bool:
    return view.__module__.startswith(DOORS)


def no_such_page(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Django's answer to a path that leads nowhere (`handler404`), in the visitor's language: the API has its own."""
    if request.resolver_match is None:
        translation.activate(translation.get_language_from_request(request))
    return defaults.page_not_found(request, exception)
