"""What a browser may do with the console's pages: show them, with scripts from here and no other; none in the page."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

# As the portal's, but for styles: the theme writes its colours into each page, and htmx and Alpine set some.
# `media-src`: recordings of the lab. `font-src`: the theme's own.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' blob: data:; "
    "font-src 'self'; media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HERE = "/console/"


class ContentSecurityPolicy:
    """Middleware: the policy on each page of the console that has none yet."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer, with the policy where it is a page."""
        response = self.get_response(request)
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        if is_page and request.path.startswith(HERE):
            response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        return response
