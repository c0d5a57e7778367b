"""Steps 2 to 5 of a draft, each at a URL of its own."""

from collections.abc import Callable, Mapping

from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from compliance.services import bundles
from portal.acting import CustomerRequest, for_customer
from portal.papers.addresses import addresses
from portal.papers.check import check
from portal.papers.documents import documents
from portal.papers.draft import Draft, actor_of, draft_of, for_draft
from portal.papers.you import you


def _where(request: CustomerRequest, draft: Draft) -> HttpResponseBase:
    """Step 1 of a draft: what was chosen. Another country or kind is another draft."""
    context = {"draft": draft, "steps": draft.steps("where"), "asking": draft.asking}
    return render(request, "portal/papers/where.html", context)


_VIEWS: Mapping[str, Callable[[CustomerRequest, Draft], HttpResponseBase]] = {
    "where": _where,
    "you": you,
    "addresses": addresses,
    "documents": documents,
    "check": check,
}


@require_http_methods(["GET", "HEAD", "POST"])
@for_draft
def step(request: CustomerRequest, draft: Draft, step: str) -> HttpResponseBase:
    """A step; a POST writes it and leads to the next one."""
    return _VIEWS[step](request, draft)


@require_POST
@for_customer
def take_back(request: CustomerRequest, sid: str) -> HttpResponseBase:
    """A draft again, as long as no reviewer has begun."""
    bundles.recall(draft_of(request, sid).bundle, actor=actor_of(request))
    return redirect("portal:papers-step", sid, "check")
