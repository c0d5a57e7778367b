"""The pages that `more_info` points at: one for each code, from the same catalogue."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from api.errors import CATALOGUE


@require_safe
def error_list(request: HttpRequest) -> HttpResponse:
    """All codes that this API answers with."""
    return render(request, "api/errors.html", {"entries": sorted(CATALOGUE.items())})


@require_safe
def error_page(request: HttpRequest, code: int) -> HttpResponse:
    """One code. Raises Http404 for one that we never answer with."""
    if code not in CATALOGUE:
        raise Http404(f"no error {code}")
    return render(request, "api/errors.html", {"entries": [(code, CATALOGUE[code])]})
