"""The cart: reserve, hold longer, put back, buy."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from inventory.models import Did, Reservation
from inventory.refusals import HeldTooLong, NotAvailable, Refused
from inventory.search.terms import terms_of
from inventory.services import baskets, reservations
from numbering.e164 import E164, InvalidNumber
from portal.acting import CustomerRequest, for_customer
from portal.cart import counter
from portal.cart.buying import buy_each
from portal.cart.forms import LineForm
from portal.cart.lines import lines_of, room_of_a_trial, totals
from portal.find.words import carried
from portal.refusing import in_words

BOUGHT, REFUSED, SEARCH = "bought", "not-bought", "search"  # in the session
P = ParamSpec("P")


def _posted(
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """What is not posted leads to the cart: whoever had to sign in first comes back by GET."""

    @wraps(view)
    def changing(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        return view(request, *args, **kwargs) if request.method == "POST" else redirect("portal:cart")

    return changing


@require_safe
@for_customer
def cart(request: CustomerRequest) -> HttpResponseBase:
    """What is held, with its clock, its price, and what it needs; and what has just run out."""
    lines = lines_of(request.account)
    counter.remember(request, [line.held.reservation.expires_at for line in lines])
    context = {
        "lines": lines,
        "ready": [line for line in lines if line.is_ready],
        "totals": totals(lines),
        "room": room_of_a_trial(request.account) if lines else None,
        "lapsed": baskets.lapsed_lately(request.account),
        "search": request.session.get(SEARCH, ""),
        "longest": reservations.LONGEST,
    }
    return render(request, "portal/cart/cart.html", context)


@_posted
@for_customer
def reserve(request: CustomerRequest) -> HttpResponseBase:
    """Hold one number for the account: to the cart, or with htmx a row that says so."""
    digits, number, why = request.POST.get("number", ""), None, ""
    request.session[SEARCH] = QueryDict(request.POST.get("search", "")[:2000]).urlencode()
    try:
        number = E164.parse(f"+{digits.removeprefix('+')}")
        made = _reserve(request, number)
        messages.success(request, _("%(number)s is held for you.") % {"number": number.national_format})
    except (InvalidNumber, Refused) as refusal:
        made, why = None, _why(refusal, number)
        messages.error(request, why)
    if getattr(request, "htmx", False):
        return render(request, "portal/cart/reserved.html", {"number": number, "made": made, "why": why, "oob": True})
    return redirect("portal:cart")


def _reserve(request: CustomerRequest, number: E164) -> Reservation:
    _refuse_test_credentials(request)
    made = reservations.reserve(account=request.account, numbers=[number.digits])
    counter.remember(request, [held.reservation.expires_at for held in baskets.held_by(request.account)])
    return made


def _refuse_test_credentials(request: CustomerRequest) -> None:
    """As over the API: with test credentials nothing is held and nothing is bought."""
    if request.account.is_test:
        raise Refused(_("This account has test credentials: it can hold and buy nothing."))


def _why(refusal: Exception, number: E164 | None) -> str:
    """The refusal in words for a page."""
    shown = {"number": number.national_format if number else ""}
    match refusal:
        case NotAvailable():
            return _("%(number)s has just been taken: somebody was quicker. Choose another one.") % shown
        case HeldTooLong():
            held = _("%(number)s was held for you for two hours today, which is the most. Buy it while it is on sale.")
            return held % shown
        case InvalidNumber():
            return _("That is no telephone number.")
    return in_words(refusal)


@_posted
@for_customer
def extend(request: CustomerRequest, sid: str) -> HttpResponseBase:
    """Hold it a quarter of an hour longer, or as much of that as is allowed."""
    reservation = _mine(request, sid)
    try:
        reservations.extend(reservation=reservation, lasting=baskets.longer(reservation))
    except Refused as refusal:
        messages.error(request, _why(refusal, None))
    return redirect("portal:cart")


@_posted
@for_customer
def put_back(request: CustomerRequest, sid: str) -> HttpResponseBase:
    """Hold it no longer."""
    reservations.release(reservation=_mine(request, sid))
    messages.success(request, _("Put back: it is on sale again."))
    return redirect("portal:cart")


@_posted
@for_customer
def buy(request: CustomerRequest) -> HttpResponseBase:
    """Buy one number (`only`) or all that the page showed as ready; then the page that tells the outcome of each."""
    _refuse_test_credentials(request)
    wanted = _wanted(request)
    forms = {line.number.e164: line.form for line in lines_of(request.account, request.POST)}
    outcomes = buy_each(request.account, [(e164, forms.get(e164) or _nothing_asked(e164)) for e164 in wanted])
    request.session[BOUGHT] = [outcome.did.sid for outcome in outcomes if outcome.did]
    request.session[REFUSED] = [[outcome.number, outcome.why] for outcome in outcomes if not outcome.did]
    counter.remember(request, [held.reservation.expires_at for held in baskets.held_by(request.account)])
    return redirect("portal:cart-bought")


def _wanted(request: CustomerRequest) -> list[int]:
    """The numbers of the form, each once, and no more than can be held."""
    given = request.POST.getlist("only") or request.POST.getlist("number")
    shaped = [int(each) for each in given if each.isascii() and each.isdigit() and 7 <= len(each) <= 15]
    return list(dict.fromkeys(shaped))[: reservations.MAX_HELD]


def _nothing_asked(e164: int) -> LineForm:
    """For a number that is not held, or not any more: bought a moment ago, or run out."""
    return LineForm([], e164=e164, data={})


@require_safe
@for_customer
def bought(request: CustomerRequest) -> HttpResponseBase:
    """What was bought last, what it can do now, and what was refused and why."""
    mine = Did.objects.filter(account=request.account, ended_at=None, sid__in=request.session.get(BOUGHT, []))
    dids = list(mine.select_related("number__place").order_by("pk"))
    context: dict[str, Any] = {
        "bought": [(did, carried(did.number.capabilities), _price(did)) for did in dids],
        "refused": request.session.get(REFUSED, []),
        "api": settings.PUBLIC_URL,
    }
    if not dids and not context["refused"]:
        return redirect("portal:cart")
    return render(request, "portal/cart/bought.html", context)


def _price(did: Did) -> Any:
    return terms_of(did.number.country, did.number.number_type).price(did.number.provider_id)


def _mine(request: CustomerRequest, sid: str) -> Reservation:
    return get_object_or_404(Reservation.objects.select_related("account"), sid=sid, account=request.account)
