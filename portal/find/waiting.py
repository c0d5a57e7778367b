"""Waiting for what is not on sale."""

from typing import NamedTuple

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from inventory.models import WaitlistEntry, WaitMode, WaitState
from inventory.waitlist import entries
from inventory.waitlist.entries import Wish
from numbering.countries import called
from numbering.types import NumberType
from portal.acting import CustomerRequest, for_customer
from portal.find.forms import SearchForm
from portal.find.words import TYPES, carried

NEWEST = 50
MODES = [
    (WaitMode.NOTIFY, gettext_lazy("Write to me")),
    (WaitMode.RESERVE, gettext_lazy("Hold it for me for 15 minutes, and write to me")),
]
STATES: dict[str, str | Promise] = {
    WaitState.WAITING: gettext_lazy("waiting"),
    WaitState.SERVED: gettext_lazy("served"),
    WaitState.CANCELLED: gettext_lazy("cancelled"),
    WaitState.EXPIRED: gettext_lazy("expired"),
}


class WaitForm(forms.Form):
    """How many, and what shall happen."""

    quantity = forms.IntegerField(min_value=1, max_value=100, initial=1, label=gettext_lazy("How many numbers"))
    mode = forms.ChoiceField(choices=MODES, initial=WaitMode.NOTIFY, label=gettext_lazy("When one comes"))


class Waited(NamedTuple):
    """An entry as the page shows it."""

    entry: WaitlistEntry
    wish: str
    state: str | Promise
    numbers: list[str]


@require_http_methods(["GET", "HEAD", "POST"])
@for_customer
def waitlist(request: CustomerRequest) -> HttpResponseBase:
    """What the account waits for; POST with the parameters of a search waits for that."""
    if request.method == "POST":
        return _wait(request)
    rows = _mine(request).order_by("-pk").prefetch_related("servings__offers__number")[:NEWEST]
    return render(request, "portal/find/waitlist.html", {"waited": list(map(_shown, rows)), "newest": NEWEST})


@require_POST
@for_customer
def cancel(request: CustomerRequest, sid: str) -> HttpResponseBase:
    """Wait no longer."""
    entry = get_object_or_404(_mine(request), sid=sid)
    entries.cancel(entry, actor=f"account:{request.account.sid}")
    messages.success(request, _("You wait for it no longer."))
    return redirect("portal:waitlist")


def _wait(request: CustomerRequest) -> HttpResponseBase:
    asked, how = SearchForm(request.POST), WaitForm(request.POST)
    if not asked.is_valid() or not how.is_valid():
        messages.error(request, _("That could not be put on the waitlist: say how many numbers, 1 to 100."))
        return redirect(f"{_search_url()}?{_search_of(request.POST)}")
    entry = entries.wait(
        account=request.account,
        wish=wish_of(asked),
        quantity=how.cleaned_data["quantity"],
        mode=WaitMode(how.cleaned_data["mode"]),
    )
    said = _("You are on the waitlist for %(wish)s. Nothing needs to be done until we write.")
    messages.success(request, said % {"wish": in_words(entries.wish_of(entry))})
    return redirect("portal:waitlist")


def wish_of(form: SearchForm) -> Wish:
    """What of a valid search can be waited for: country, kind, area code, town, digits and what it carries."""
    criteria = form.criteria()
    return Wish(
        country=criteria.country,
        number_type=criteria.number_type,
        area_code=criteria.area_code or "",
        locality=form.town.name if form.town else "",
        contains=form.wanted.typed if form.wanted else "",
        capabilities=criteria.capabilities,
    )


def in_words(wish: Wish) -> str:
    """ "Local, United States, San Francisco, with TAXI in it, carrying calls"."""
    parts = [
        str(TYPES[NumberType(wish.number_type)]),
        called(wish.country),
        wish.locality,
        _("area code %(code)s") % {"code": wish.area_code} if wish.area_code else "",
        _("with %(digits)s in it") % {"digits": wish.contains} if wish.contains else "",
        " + ".join(carried(wish.capabilities)),
    ]
    return ", ".join(filter(None, parts))


def _mine(request: CustomerRequest) -> QuerySet[WaitlistEntry]:
    return WaitlistEntry.objects.filter(account=request.account)


def _shown(entry: WaitlistEntry) -> Waited:
    offers = [offer for serving in entry.servings.all() for offer in serving.offers.all()]
    numbers = [offer.number.number.national_format for offer in offers]
    return Waited(entry, in_words(entries.wish_of(entry)), STATES[entry.state], numbers)


def _search_of(query: QueryDict) -> str:
    kept = query.copy()
    for name in ("csrfmiddlewaretoken", "quantity", "mode"):
        kept.pop(name, None)
    return kept.urlencode()


def _search_url() -> str:
    return redirect("portal:search").url
