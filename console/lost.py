"""What staff see where there is no page for them: still in the console, with the ways on."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from console.policy import HERE


def is_for(request: HttpRequest) -> bool:
    """Whether staff ask, below the console; nobody is known yet where a request broke before its session."""
    user = getattr(request, "user", None)
    return request.path.startswith(HERE) and user is not None and user.is_active and user.is_staff


def denied(request: HttpRequest) -> HttpResponse:
    """403."""
    text = "Your roles do not let you do or see this. Who gives roles (a lead or an administrator) can change that."
    return _page(request, "This is not for your roles", text, status=403)


def not_found(request: HttpRequest) -> HttpResponse:
    """404."""
    text = (
        "The address may be mistyped, or it can no longer be done: somebody, or a sweep, was quicker. Look at the "
        "row's own page for what is possible now."
    )
    return _page(request, "There is no such page", text, status=404)


def _page(request: HttpRequest, title: str, text: str, *, status: int) -> HttpResponse:
    context = admin.site.each_context(request) | {"title": title, "text": text, "content_title": title}
    return TemplateResponse(request, "console/lost.html", context, status=status).render()
