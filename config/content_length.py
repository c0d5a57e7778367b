"""How long a body says that it is: nonsense goes no further, not even into the metrics, which add lengths up."""

import re
from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

#: RFC 9110, 8.6, in at most 12 digits: less than a terabyte. What is too long for us, each door says itself.
_SENSIBLE = re.compile(r"[0-9]{0,12}")


def check_content_length(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """The first middleware: a longer number is no float any more, or spoils the sum of all the others."""

    def answer(request: HttpRequest) -> HttpResponse:
        if not _SENSIBLE.fullmatch(request.META.get("CONTENT_LENGTH") or ""):
            raise BadRequest("The Content-Length is not the length of a body")
        return get_response(request)

    return answer
