"""What a browser may do with our pages: show them, with our style sheets and pictures, and nothing else."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from django.http.response import HttpResponseBase

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
P = ParamSpec("P")


def strict(view: Callable[P, HttpResponseBase]) -> Callable[P, HttpResponseBase]:
    """The view's answer with a Content-Security-Policy that allows no script at all."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        response = view(*args, **kwargs)
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        return response

    return guarded
