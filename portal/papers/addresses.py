"""Step 3: where they are. One address of the account's, on every paper that must show one."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from compliance.address_correction import corrected
from compliance.evaluation.addresses import address_findings, check_address
from compliance.evaluation.case import AddressRecord
from compliance.evaluation.outcome import Fault, Finding
from compliance.models import Address
from compliance.models.address import AddressQuerySet
from compliance.refusals import AddressNotValidated, AddressSuggested, BadAddress
from compliance.rulebook.rules import AddressScope
from compliance.services import drafting, rulebooks
from compliance.services.evaluations import address_record
from portal.acting import CustomerRequest
from portal.papers import said, words
from portal.papers.address_form import AddressForm
from portal.papers.draft import Draft, for_draft, opened
from portal.papers.said import Said
from portal.refusing import in_words

OFFERED = 20
_AT_HOME = (AddressScope.COUNTRY, AddressScope.AREA_CODE)


class Offered(NamedTuple):
    """An address of the account, and what speaks against it here."""

    row: Address
    country: str
    is_chosen: bool
    faults: list[str]


def addresses(request: CustomerRequest, draft: Draft) -> HttpResponseBase:
    """GET offers the account's addresses and a form for another; POST puts one on the papers."""
    country = _country(request, draft)
    if request.method != "POST":
        return _page(request, draft, AddressForm(country, initial=_begin_with(draft)))
    if "address" in request.POST:
        return _placed(draft, get_object_or_404(_own(request), sid=request.POST["address"]))
    form = AddressForm(country, request.POST)
    if not form.is_valid():
        return _page(request, draft, form)
    return _made(request, draft, form)


@require_POST
@for_draft
def look(request: CustomerRequest, draft: Draft) -> HttpResponseBase:
    """What is to be said of one part of an address, as it is written just now; nothing is kept."""
    form = AddressForm(_country(request, draft), request.POST)
    form.is_valid()
    part = request.POST.get("field", "")
    faults = [each.fault for each in _findings(draft, form.country, form.parts) if each.part == part and each.fault]
    told = Said(said.BAD, " ".join(dict.fromkeys(map(said.in_words, faults)))) if faults else None
    if told is None and part in form.fields and form.parts[part]:
        told = Said(said.GOOD, gettext("Looks right."))
    return render(request, "portal/papers/said.html", {"said": told})


def chosen(draft: Draft) -> Address | None:
    """The address that the papers show: the first, where they show several."""
    papers = [
        item.document for name, item in draft.papers.items() if name in {p.requirement_name for p in draft.proofs}
    ]
    rows = (row for paper in papers if paper for row in paper.addresses.all() if row.deleted_at is None)
    return next(rows, None)


def _made(request: CustomerRequest, draft: Draft, form: AddressForm) -> HttpResponseBase:
    given = {**form.parts, "iso_country": form.country}
    try:
        made = drafting.address_of(account=request.account, given=given, correct="correct" in request.POST)
    except AddressNotValidated as refusal:
        form.refused(refusal)
    except BadAddress as refusal:
        form.add_error(None, in_words(refusal))
    except AddressSuggested as refusal:
        better = {**form.parts, **refusal.details["suggestion"]}
        return _page(request, draft, form, better)
    else:
        return _placed(draft, made)
    return _page(request, draft, form)


def _placed(draft: Draft, address: Address) -> HttpResponseBase:
    """On the papers; onwards, where nothing speaks against it."""
    held = {each.requirement_name: draft.papers.get(each.requirement_name) for each in draft.proofs}
    papers = {name: item.document if item else None for name, item in held.items()}
    drafting.place(bundle=draft.bundle, address=address, papers=papers)
    now = opened(draft.bundle)
    return redirect(now.url("addresses" if _against(now) else "documents"))


def _page(
    request: CustomerRequest, draft: Draft, form: AddressForm, better: dict[str, str] | None = None
) -> HttpResponseBase:
    held = chosen(draft)
    offered = [_offered(draft, row, held) for row in _fitting(draft, _own(request))[:OFFERED]]
    context = {
        "draft": draft,
        "form": form,
        "controls": [_control(form, name) for name in form.fields],
        "better": better,
        "country": form.country,
        "country_name": words.country_name(form.country),
        "countries": _countries(draft),
        "offered": offered,
        "against": _against(draft),
        "steps": draft.steps("addresses"),
        "area": draft.look.case.area,
        "onwards": draft.url("documents"),
    }
    return render(request, "portal/papers/addresses.html", context)


def _control(form: AddressForm, name: str) -> dict[str, Any]:
    field = form[name]
    attrs = field.field.widget.attrs
    attrs["aria-describedby"] = (
        f"{field.auto_id}_hint {field.auto_id}_said" if field.help_text else f"{field.auto_id}_said"
    )
    if field.errors:
        attrs["aria-invalid"] = "true"
    return {
        "field": field,
        "is_asked": name in form.asked,
        "is_wide": name in ("customer_name", "street", "street_secondary"),
    }


def _own(request: CustomerRequest) -> AddressQuerySet:
    return Address.objects.of(request.account).order_by("-pk")


def _fitting(draft: Draft, rows: AddressQuerySet) -> AddressQuerySet:
    """Those in a country where the address may lie."""
    country = draft.bundle.regulation.country
    if draft.rules.address_scope in _AT_HOME:
        return rows.filter(iso_country=country)
    return rows.exclude(iso_country=country) if draft.rules.address_scope == AddressScope.NOT_IN_COUNTRY else rows


def _countries(draft: Draft) -> list[tuple[str, str]]:
    """From which the address's may be chosen; none, where there is one only."""
    country = draft.bundle.regulation.country
    if draft.rules.address_scope in _AT_HOME:
        return []
    is_abroad = draft.rules.address_scope == AddressScope.NOT_IN_COUNTRY
    return [each for each in words.countries() if not (is_abroad and each[0] == country)]


def _country(request: CustomerRequest, draft: Draft) -> str:
    """The one whose form is shown. Raises Http404 for none that there is."""
    may_be, here = dict(_countries(draft)), draft.bundle.regulation.country
    if not may_be:
        return here
    given = (request.POST.get("country") or request.GET.get("country") or "").upper()
    if given and given not in may_be:
        raise Http404("no such country")
    return given or (here if here in may_be else next(iter(may_be)))


def _begin_with(draft: Draft) -> dict[str, str]:
    """The name of the end user, which is most often the one at the address."""
    item = draft.party
    attributes = item.end_user.attributes if item and item.end_user else {}
    names = [attributes.get(name) for name in ("business_name", "first_name", "last_name")]
    texts = [name if isinstance(name, str) else "" for name in names]
    return {"customer_name": texts[0] or " ".join(filter(None, texts[1:]))}


def _offered(draft: Draft, row: Address, held: Address | None) -> Offered:
    area, rules = draft.look.case.area, draft.rules
    found = address_findings(draft.look.rules, rules, address_record(row), area).failures
    is_chosen = held is not None and held.pk == row.pk
    return Offered(row, words.country_name(row.iso_country), is_chosen, _told(each.fault for each in found))


def _against(draft: Draft) -> list[str]:
    """What speaks against the address on the papers."""
    results = [draft.results.get(each.requirement_name) for each in draft.proofs]
    found = (each for result in results if result for each in result.invalid if each.object_sid)
    return _told(each.fault for each in found)


def _told(faults: Iterable[Fault | None]) -> list[str]:
    return list(dict.fromkeys(said.in_words(fault) for fault in faults if fault))


def _findings(draft: Draft, country: str, parts: dict[str, str]) -> tuple[Finding, ...]:
    """By how the country writes addresses, and by what the regulation asks of this one."""
    better = corrected({name: parts.get(name, "") for name in _PARTS}, country)
    record = AddressRecord(sid="", iso_country=country, **better)
    form = check_address(record, rulebooks.current(country)).failures
    about = address_findings(draft.look.rules, draft.rules, record, draft.look.case.area).failures
    return (*form, *about)


_PARTS = ("customer_name", "street", "street_secondary", "city", "region", "postal_code")
