"""The account's addresses: each written as its country writes them."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django import forms
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from compliance.models import Address
from compliance.refusals import AddressNotValidated, Refused
from compliance.services import addresses as services
from inventory.services import holdings
from portal.acting import CustomerRequest, for_customer
from portal.filed.deeds import done
from portal.filed.fields import in_one_line
from portal.filed.pages import Page, page_of
from portal.papers.address_form import AddressForm
from portal.papers.words import countries, country_name
from portal.refusing import in_words

LONGEST_NAME = 64


class BookForm(AddressForm):
    """An address with what its customer calls it."""

    def __init__(self, country: str, data: Any = None, *, initial: Mapping[str, Any] | None = None) -> None:
        super().__init__(country, data, initial=initial)
        self.is_new = initial is None
        self.fields["friendly_name"] = forms.CharField(
            max_length=LONGEST_NAME,
            required=False,
            label=lazy("What you call it"),
            help_text=lazy("Only you see this name: “Head office”, for example."),
        )

    def saved(self, save: Callable[[dict[str, str]], object]) -> bool:
        """Save by the service; False: it refused, and the form says why beside the part that is at fault."""
        try:
            save({**self.parts, **({"iso_country": self.country} if self.is_new else {})})
        except AddressNotValidated as refusal:
            self.refused(refusal)
            return False
        except Refused as refusal:
            self.add_error(None, in_words(refusal))
            return False
        return True


class Row(NamedTuple):
    """An address; `numbers` in service that refer to it, `papers` that show it."""

    address: Address
    line: str
    numbers: int
    papers: int


@require_safe
@for_customer
def addresses(request: CustomerRequest) -> HttpResponseBase:
    """The list, the newest first."""
    rows = Address.objects.of(request.account).prefetch_related("documents")
    page: Page[Address] = page_of(request, rows)
    context = {"rows": _rows(page.rows), "page": page, "here": "addresses", "most_counted": holdings.MOST_COUNTED}
    return render(request, "portal/filed/addresses.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_customer
def new(request: CustomerRequest) -> HttpResponseBase:
    """First the country (`?country=`), whose form of an address is then asked for."""
    country = request.GET.get("country", "")
    known = countries()
    if country not in dict(known):
        return render(request, "portal/filed/address_country.html", {"countries": known, "here": "addresses"})
    form = BookForm(country, request.POST if request.method == "POST" else None)
    if form.is_valid() and form.saved(lambda given: services.create(account=request.account, given=given)):
        return _back(request)
    return _form(request, form, country)


@require_http_methods(["GET", "HEAD", "POST"])
@for_customer
def address(request: CustomerRequest, sid: str) -> HttpResponseBase:
    """One of them, to be changed. `?next=` is a page of ours to go back to."""
    found = get_object_or_404(Address.objects.of(request.account).prefetch_related("documents"), sid=sid)
    sent = request.POST if request.method == "POST" else None
    form = BookForm(
        found.iso_country, sent, initial={name: getattr(found, name) for name in (*services.PARTS, "friendly_name")}
    )
    if form.is_valid() and form.saved(lambda given: services.change(address=found, given=given)):
        return _back(request)
    return _form(request, form, found.iso_country, row=_rows([found])[0])


@require_POST
@for_customer
def delete(request: CustomerRequest, sid: str) -> HttpResponseBase:
    """Let it go, where nothing refers to it."""
    found = get_object_or_404(Address.objects.of(request.account), sid=sid)
    worked = done(request, lambda: services.delete(address=found), lazy("The address was deleted."))
    return redirect("portal:papers-addresses") if worked else redirect("portal:papers-address", sid=sid)


def _form(request: CustomerRequest, form: BookForm, country: str, **more: Any) -> HttpResponseBase:
    context = {"form": form, "country": country_name(country), "here": "addresses", "next": _next(request), **more}
    return render(request, "portal/filed/address.html", context)


def _next(request: CustomerRequest) -> str:
    """A page of ours only."""
    wanted = request.GET.get("next", "")
    return wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else ""


def _back(request: CustomerRequest) -> HttpResponseBase:
    return redirect(_next(request) or "portal:papers-addresses")


def _rows(found: list[Address]) -> list[Row]:
    numbers = holdings.how_many_at([each.sid for each in found])
    return [
        Row(
            each,
            in_one_line(each),
            numbers.get(each.sid, 0),
            sum(1 for paper in each.documents.all() if paper.deleted_at is None),
        )
        for each in found
    ]
