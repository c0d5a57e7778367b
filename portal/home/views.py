"""The first page: what this is, or what one has."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from inventory.models import Did
from inventory.yard.drawing import counts_only, draw
from inventory.yard.reading import yard
from portal.acting import CustomerRequest, for_customer
from portal.find.forms import SearchForm

SHOWN_NUMBERS = 100


@require_safe
def home(request: HttpRequest) -> HttpResponseBase:
    """A stranger sees what Numberyard is; a customer sees the account's numbers."""
    if isinstance(request.user, User):
        return overview(request)
    return render(request, "portal/landing.html", {"picture": draw(counts_only(yard()))})


@for_customer
def overview(request: CustomerRequest) -> HttpResponseBase:
    """What the account has."""
    held = Did.objects.filter(account=request.account, ended_at=None).select_related("number__place")
    context = {"dids": held.order_by("-pk")[:SHOWN_NUMBERS], "shown": SHOWN_NUMBERS, "form": SearchForm()}
    return render(request, "portal/home.html", context)
