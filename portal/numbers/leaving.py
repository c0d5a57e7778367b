"""Protecting a number, giving it back, and taking it back again."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from inventory.models import Did
from inventory.models.quarantine import QuarantineSource
from inventory.quarantine.limits import limits
from inventory.refusals import NotAvailable, Protected
from inventory.services import assignments, protection
from portal.acting import CustomerRequest, for_customer
from portal.numbers import owned

LAST_DIGITS = 4


class TypedForm(forms.Form):
    """The last digits of the number, typed by whoever takes its protection off."""

    typed = forms.CharField(
        label=gettext_lazy("The last four digits of the number"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(self, did: Did, data: Any = None) -> None:
        super().__init__(data, label_suffix="")
        self.wanted = str(did.number.e164)[-LAST_DIGITS:]

    def clean_typed(self) -> str:
        """Raises ValidationError where they are others."""
        typed = str(self.cleaned_data["typed"]).replace(" ", "")
        if typed != self.wanted:
            raise forms.ValidationError(_("These are not the last four digits of this number."))
        return typed


@require_http_methods(["GET", "HEAD", "POST"])
@for_customer
def give_back(request: CustomerRequest, sid: str) -> HttpResponseBase:
    """What it means to give the number back; POST does it."""
    did = owned.in_service(request, sid)
    if request.method == "POST":
        try:
            assignments.release(did=did, actor=owned.actor(request))
        except Protected:
            return render(request, "portal/numbers/give_back.html", _consequences(did), status=409)
        messages.success(request, _("%s is given back. You may still take it back.") % did.number)
        return redirect("portal:number", sid=sid)
    return render(request, "portal/numbers/give_back.html", _consequences(did))


def _consequences(did: Did) -> dict[str, Any]:
    now = timezone.now()
    return {
        "did": did,
        "price": owned.price_of(did),
        "until": now + settings.RECLAIM_WINDOW,
        "rests_days": limits(did.number, QuarantineSource.RELEASED, now).minimum.days,
    }


@require_POST
@for_customer
def take_back(request: CustomerRequest, sid: str) -> HttpResponseBase:
    """As if it had never been given back. Raises NotAvailable where the time for that is over."""
    did = owned.owned(request, sid)
    if owned.reclaimable_until(did) is None:
        raise NotAvailable(did.number)
    assignments.buy(account=request.account, e164=did.number.e164, settings={})
    messages.success(request, _("You have %s again, with its settings.") % did.number)
    return redirect("portal:number", sid=sid)


@require_POST
@for_customer
def protect(request: CustomerRequest, sid: str) -> HttpResponseBase:
    """From now on nobody gives the number back or moves it."""
    did = owned.in_service(request, sid)
    protection.protect(did=did, actor=owned.actor(request))
    messages.success(request, _("%s is protected: nobody can give it back or move it.") % did.number)
    return redirect("portal:number", sid=sid)


@require_http_methods(["GET", "HEAD", "POST"])
@for_customer
def unprotect(request: CustomerRequest, sid: str) -> HttpResponseBase:
    """Takes the protection off for an owner who types the end of the number: nobody does that by a slip."""
    did = owned.in_service(request, sid)
    if not owned.is_owner(request):
        raise PermissionDenied("an owner of the account takes protection off")
    form = TypedForm(did, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        protection.unprotect(did=did, actor=owned.actor(request))
        messages.success(request, _("The protection of %s is off.") % did.number)
        return redirect("portal:number", sid=sid)
    return render(request, "portal/numbers/unprotect.html", {"did": did, "form": form})
