"""What a browser may do with our pages: show them, with our scripts, styles and pictures, and nothing else."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

# No inline script and no inline style anywhere. `blob:` and `data:` are for the preview of a picture before it is sent.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
ELSEWHERE = "/console/"  # the theme's pages have a policy of their own


class ContentSecurityPolicy:
    """Middleware: the policy on each page that has none yet. The MDN and W3C word for it is Content-Security-Policy."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer, with the policy where it is a page."""
        response = self.get_response(request)
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        if is_page and not request.path.startswith(ELSEWHERE):
            response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        return response
