"""The first page: what this is, or what one has."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from inventory.lifecycle import State
from inventory.portfolio.totals import by_country, costs, kinds_of
from inventory.yard.drawing import counts_only, draw
from inventory.yard.reading import yard
from portal.acting import CustomerRequest, for_customer
from portal.home.first_steps import first_steps
from portal.home.needs import needs
from portal.home.news import news


@require_safe
def home(request: HttpRequest) -> HttpResponseBase:
    """A stranger sees what Numberyard is; a customer sees the account's numbers."""
    if isinstance(request.user, User):
        return overview(request)
    return render(request, "portal/landing.html", {"picture": draw(counts_only(yard()))})


@for_customer
def overview(request: CustomerRequest) -> HttpResponseBase:
    """What needs the customer now, what the account has, what that costs, what happened last."""
    account = request.account
    kinds = kinds_of.fresh(account.pk)
    context = {
        "needs": needs(account),
        "countries": by_country(kinds),
        "numbers": sum(kind.numbers for kind in kinds if kind.state == State.IN_SERVICE),
        "costs": costs(kinds),
        "news": news(account),
        "steps": first_steps(account),
    }
    return render(request, "portal/home.html", context)
