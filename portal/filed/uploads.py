"""A form with a file, read into memory and nowhere else: Django's own handlers put larger files on the disk in clear.

The check against forgery reads the form, so it comes behind this. What is too long is refused before it is read.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from compliance.rulebook.catalogue import catalogue

#: Beside the file: boundaries, headers, and the other fields.
MAX_OVERHEAD = 256 * 1024
P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


class InMemory(MemoryFileUploadHandler):
    """Every file, whatever its size: `takes_a_file` has looked at the length of the whole."""

    def handle_raw_input(self, *args: object, **kwargs: object) -> None:
        """Django asks here whether it is small enough."""
        self.activated = True


def takes_a_file(view: "View[P]") -> "View[P]":
    """The view, with a form that may hold a file."""
    protected = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def taking(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        most = catalogue().files.max_bytes
        if int(request.META.get("CONTENT_LENGTH") or 0) > most + MAX_OVERHEAD:
            said = _("The file is too big: at most %(mb)s MB are taken. Scan or save it with a lower resolution.")
            refusal = said % {"mb": most // 1024**2}
            return render(request, "portal/refused.html", {"refusal": refusal}, status=413)
        request.upload_handlers = [InMemory(request)]
        return protected(request, *args, **kwargs)

    return taking
