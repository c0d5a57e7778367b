"""Numbers on sale."""

from django.conf import settings
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from portal.acting import CustomerRequest, for_customer
from portal.find.forms import SearchForm
from portal.find.results import BadToken, find


@require_safe
@for_customer
def search(request: CustomerRequest) -> HttpResponseBase:
    """A form, and what is on sale for the account."""
    form = SearchForm(request.GET if "country" in request.GET else None)
    context: dict[str, object] = {"form": form, "api": settings.PUBLIC_URL}
    if form.is_valid():
        try:
            context["results"] = find(form.criteria(), account=request.account, token=request.GET.get("page", ""))
        except BadToken:
            return redirect("portal:search")
        context["query"] = _query_without_page(request)
    return render(request, "portal/find/search.html", context)


def _query_without_page(request: CustomerRequest) -> str:
    asked = request.GET.copy()
    asked.pop("page", None)
    return asked.urlencode()
