"""The list of the account's numbers, and the page of one."""

from typing import Any, NamedTuple

from django.contrib import messages
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from inventory.lifecycle import State
from inventory.models import Did
from inventory.portfolio import listing
from inventory.search.terms import Price
from inventory.services import assignments
from numbering.e164 import MAX_DIGITS
from portal.acting import CustomerRequest, for_customer
from portal.numbers import owned, papers, settings, table, timeline
from portal.numbers.filters import FilterForm
from testing_lab.services import passports
from testing_lab.squares import squares


class Row(NamedTuple):
    """A line of the list."""

    did: Did
    place: str
    carries: list[str]
    price: Price | None


@require_safe
@for_customer
def numbers(request: CustomerRequest) -> HttpResponseBase:
    """A page of the account's numbers, filtered; htmx and everybody else get the same page."""
    form = FilterForm(request.GET, request.account)
    wanted = form.wanted()
    page = listing.page(request.account, wanted, after=_digits(request, "after"), before=_digits(request, "before"))
    context = {
        "form": form,
        "rows": [Row(did, owned.place_of(did), owned.carries(did), owned.price_of(did)) for did in page.rows],
        "page": page,
        "query": _query(request),
        "is_filtered": any(value for name, value in request.GET.items() if name in form.fields and name != "state"),
        "is_over": wanted.state == State.RELEASED,
    }
    return render(request, "portal/numbers/list.html", context)


@require_safe
@for_customer
def as_csv(request: CustomerRequest) -> HttpResponseBase:
    """The whole filtered list as a file."""
    wanted = FilterForm(request.GET, request.account).wanted()
    lines = table.lines(listing.each(request.account, wanted))
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="numbers.csv"'
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@for_customer
def number(request: CustomerRequest, sid: str) -> HttpResponseBase:
    """A number: what it is, what it does, what happened to it. POST changes its settings."""
    did = owned.owned(request, sid)
    form = settings.SettingsForm(did, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        did = owned.in_service(request, sid)
        if form.is_valid() and _changed(did, form):
            messages.success(request, _("The settings are saved."))
            return redirect("portal:number", sid=sid)
    return render(request, "portal/numbers/number.html", _page(did, form))


def _changed(did: Did, form: settings.SettingsForm) -> bool:
    try:
        assignments.change(did=did, settings=form.changes(), to=None, by=did.account)
    except settings.REFUSALS as refusal:
        form.refuse(refusal)
        return False
    return True


def _page(did: Did, form: settings.SettingsForm) -> dict[str, Any]:
    paper = passports.of_number(did.number) if did.ended_at is None else None
    return {
        "did": did,
        "place": owned.place_of(did),
        "carries": owned.carries(did),
        "price": owned.price_of(did),
        "until": owned.reclaimable_until(did),
        "form": form,
        "papers": papers.papers_of(did),
        "events": timeline.timeline(did, did.account),
        "passport": paper,
        "passport_link": passports.link_of(did.number) if paper else "",
        "squares": squares(passports.results_of(paper.run)) if paper else [],
    }


def _digits(request: CustomerRequest, name: str) -> int:
    """Where a page begins. What is no number begins at the beginning."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS else 0


def _query(request: CustomerRequest) -> str:
    asked = request.GET.copy()
    for name in ("after", "before"):
        asked.pop(name, None)
    return asked.urlencode()
