"""Step 2: who will use the number. The form is built from what the regulation lists."""

from collections.abc import Sequence
from typing import Any

from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from compliance.evaluation.case import Party
from compliance.models import EndUser
from compliance.services import drafting, evaluations
from portal.acting import CustomerRequest
from portal.papers import said
from portal.papers.draft import Draft, for_draft, opened
from portal.papers.forms import DetailsForm

#: Where nobody wrote down what is asked: what an operator would want to know first. None of it must be given.
_USUAL = ("first_name", "last_name", "email", "comments")
_USUAL_OF_BUSINESS = ("business_name", "business_registration_number", *_USUAL)
OFFERED = 5


def you(request: CustomerRequest, draft: Draft) -> HttpResponseBase:
    """GET shows what was given; POST keeps it as it is, and goes on where nothing is wrong with it."""
    form = details_form(draft, request.POST if request.method == "POST" else None, _earlier(request, draft))
    if form.is_bound and form.is_valid():
        drafting.set_end_user(bundle=draft.bundle, attributes=form.cleaned_data)
        now = opened(draft.bundle)
        is_done = now.you is None or now.you.passed
        return redirect(now.url(_next(now) if is_done else "you"))
    return render(request, "portal/papers/you.html", _context(request, draft, form))


@require_POST
@for_draft
def look(request: CustomerRequest, draft: Draft) -> HttpResponseBase:
    """What the evaluation says of one field, as it is written just now; nothing is kept."""
    form = details_form(draft, request.POST)
    about, name = draft.bundle.regulation, request.POST.get("field", "")
    attributes = form.cleaned_data if form.is_valid() else {}
    found = evaluations.look(draft.bundle, instead=Party(about.end_user_type, {**_kept(draft), **attributes}))
    result = found.outcome.results[0] if draft.results else None
    told = said.of_field(result, found.outcome.flags, name) if name in form.fields else None
    return render(request, "portal/papers/said.html", {"said": told})


def details_form(draft: Draft, data: Any = None, initial: dict[str, Any] | None = None) -> DetailsForm:
    """A control for each field that the regulation lists of the end user."""
    return DetailsForm(_names(draft), draft.look.rules, data=data, initial=initial or _kept(draft))


def _names(draft: Draft) -> Sequence[str]:
    if draft.wanted.listed or draft.asking.is_confirmed:
        return draft.wanted.listed
    return _USUAL_OF_BUSINESS if draft.bundle.regulation.end_user_type == "business" else _USUAL


def _kept(draft: Draft) -> dict[str, Any]:
    item = draft.party
    return item.end_user.attributes if item and item.end_user else {}


def _next(draft: Draft) -> str:
    return "addresses" if draft.proofs else "documents"


def _context(request: CustomerRequest, draft: Draft, form: DetailsForm) -> dict[str, Any]:
    result = draft.you if draft.party else None
    about = draft.bundle.regulation
    wrong = len({each.field for each in result.invalid}) if result else 0
    return {
        "draft": draft,
        "form": form,
        "groups": form.groups(about.end_user_type, draft.wanted.fields, result, draft.look.outcome.flags),
        "wrong": wrong,
        "steps": draft.steps("you"),
        "onwards": draft.url(_next(draft)),
        "earlier": [] if draft.party else list(_end_users(request, draft)[:OFFERED]),
    }


def _end_users(request: CustomerRequest, draft: Draft) -> Any:
    kind = draft.bundle.regulation.end_user_type
    return EndUser.objects.of(request.account).filter(type=kind, erased_at=None).order_by("-pk")


def _earlier(request: CustomerRequest, draft: Draft) -> dict[str, Any] | None:
    """What was written of an end user of the account before, to begin with. Raises Http404 for anybody else's."""
    sid = request.GET.get("from", "")
    if not sid or draft.party:
        return None
    found: dict[str, Any] = get_object_or_404(_end_users(request, draft), sid=sid).attributes
    return found
