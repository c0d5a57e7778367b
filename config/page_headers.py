"""What every page says to browsers and to what lies between: not to be kept where somebody is signed in, and without
the devices of the visitor.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

#: Nothing of ours asks for any of these, so what somebody might smuggle in shall not either.
PERMISSIONS = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), serial=(), usb=()"
#: Whoever comes to the computer next finds no page by going back, and no proxy hands one to somebody else.
PERSONAL = "private, no-store"


class PageHeaders:
    """Middleware: `Cache-Control` on what is answered to a session, unless a view said its own, and
    `Permissions-Policy` on pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer, with both."""
        response = self.get_response(request)
        if settings.SESSION_COOKIE_NAME in (*request.COOKIES, *response.cookies):
            response.headers.setdefault("Cache-Control", PERSONAL)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        return response
