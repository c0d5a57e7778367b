"""Numbers on sale."""

from typing import Any

from django.conf import settings
from django.http import Http404, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from inventory.models import PhoneNumber
from inventory.yard.countries import choices
from numbering.types import NumberType
from portal.find import drawing
from portal.find.forms import SearchForm
from portal.find.help import changed, filters, help_for, is_unknown_town
from portal.find.law import law_of
from portal.find.results import BadToken, Results, find
from portal.find.towns import suggestions
from portal.find.visiting import VisitorRequest, for_anybody
from portal.find.waiting import WaitForm
from portal.find.words import MEANINGS, TYPES
from portal.limits import limited
from testing_lab.services import passports


@require_safe
@limited("search")
@for_anybody
def search(request: VisitorRequest) -> HttpResponseBase:
    """The filters, and what is on sale for the account; a further page alone, where htmx asks for one."""
    form = SearchForm(request.GET if "country" in request.GET else None)
    if not form.is_bound:
        return render(request, "portal/find/search.html", {"form": form, "map": drawing.of_the_world()})
    if not form.is_valid():
        return render(request, "portal/find/search.html", {"form": form})
    try:
        results = find(form.criteria(), account=request.account, wanted=form.wanted, token=request.GET.get("page", ""))
    except BadToken:
        return redirect("portal:search")
    template = "portal/find/rows.html" if _is_further_page(request) else "portal/find/search.html"
    return render(request, template, _context(request, form, results))


def _is_further_page(request: VisitorRequest) -> bool:
    return bool(getattr(request, "htmx", False)) and "page" in request.GET


def _context(request: VisitorRequest, form: SearchForm, results: Results) -> dict[str, Any]:
    kind = form.cleaned_data["country"], NumberType(form.cleaned_data["type"])
    empty = not results.rows and not results.not_sold and "page" not in request.GET
    return {
        "form": form,
        "results": results,
        "law": law_of(*kind, request.account),
        "kind": TYPES[kind[1]],
        "meaning": MEANINGS[kind[1]],
        "api": settings.PUBLIC_URL,
        "query": changed(request.GET),
        "asked": [(name, value) for name, values in _asked(request.GET) for value in values],
        "help": help_for(form, request.GET, request.account) if empty else None,
        "unknown_town": empty and is_unknown_town(form),
        "filters": filters(form),
        "wait_form": WaitForm(label_suffix=""),
    }


def _asked(query: QueryDict) -> list[tuple[str, list[str]]]:
    """The parameters as hidden fields of a form."""
    return [(name, values) for name, values in query.lists() if name != "page"]


@require_safe
@for_anybody
def map_of_stock(request: VisitorRequest) -> HttpResponseBase:
    """The places with numbers on sale, in one country or in all."""
    country = request.GET.get("country", "")
    kind = next((each for each in NumberType if each == request.GET.get("type")), NumberType.LOCAL)
    drawn = drawing.of_one_country(country, kind) if country in dict(choices()) else drawing.of_the_world()
    context = {"map": drawn, "countries": choices(), "types": TYPES.items(), "country": country, "type": kind}
    return render(request, "portal/find/map.html", context)


@require_safe
@for_anybody
def towns(request: VisitorRequest) -> HttpResponseBase:
    """Options for the town that is being typed."""
    kind = next((each for each in NumberType if each == request.GET.get("type")), NumberType.LOCAL)
    found = suggestions(request.GET.get("country", ""), kind, request.GET.get("locality", "")[:120])
    return render(request, "portal/find/towns.html", {"towns": found})


@require_safe
@for_anybody
def passport(request: VisitorRequest, e164: int) -> HttpResponseBase:
    """To the page with each test of a number, which is for those who may see it."""
    number = PhoneNumber.objects.live().filter(e164=e164).first() if e164 < 10**15 else None
    if number is None or not passports.may_see(number, request.account) or passports.of_number(number) is None:
        raise Http404("no such passport")
    return redirect(reverse("passport-page", args=[passports.link_of(number)]))
