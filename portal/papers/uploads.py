"""A form with a file on a page: read as the API reads it, into memory, before anything else looks at the body."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from compliance.refusals import UnreadableUpload
from compliance.rulebook.catalogue import catalogue
from compliance.vault import intake
from compliance.vault.examination.reasons import TOO_BIG
from portal.limits import too_often
from portal.refusing import in_words

View = Callable[..., HttpResponseBase]


def taking_a_file(view: View) -> View:
    """The view, behind the reading of its form. One that is too long is refused before a byte of it was read, and one
    that can't be read does nothing either.

    The check against forged requests reads the form too, so it comes second: `csrf_exempt` only puts it off.
    """

    @csrf_exempt
    @wraps(view)
    def reading(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            if refused := _too_often(request):
                return refused
            _read(request)
        except UnreadableUpload as refusal:
            return render(request, "portal/refused.html", {"refusal": in_words(refusal)}, status=400)
        answer: HttpResponseBase = csrf_protect(view)(request, *args, **kwargs)
        return answer

    return reading


def content_of(request: HttpRequest) -> bytes | None:
    """What the form's file holds; None: it has none."""
    file: Any = request.FILES.get(intake.FILE)
    return None if file is None else b"".join(file.chunks())


def _too_often(request: HttpRequest) -> HttpResponseBase | None:
    """Each file is examined by a process of its own: so many an hour."""
    is_upload = request.method == "POST" and intake.is_upload(request.content_type)
    return too_often(request, "upload") if is_upload else None


def _read(request: HttpRequest) -> None:
    """Where Django keeps a form that it has read itself: nothing reads the body again. Raises UnreadableUpload."""
    if request.method != "POST" or not intake.is_upload(request.content_type):
        return
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length.isdecimal() or int(length) > intake.longest_body():
        raise UnreadableUpload(TOO_BIG.format(most=catalogue().files.max_bytes))
    read: Any = request
    read._post, read._files = intake.read_form(request.META, request)
