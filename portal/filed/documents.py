"""The account's papers: where each is used, how long it is valid, and how one is let go."""

from typing import NamedTuple

from django.db.models import Prefetch, QuerySet
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Account
from compliance.models import Address, DocumentStatus, SupportingDocument
from compliance.services import documents as services
from compliance.services import expiring_papers
from compliance.services.verdicts import Told
from portal.acting import CustomerRequest, for_customer
from portal.filed import words
from portal.filed.cards import Given, written_in
from portal.filed.deeds import done
from portal.filed.pages import Page, page_of
from portal.filed.use import Use, uses_of
from portal.papers.words import field_name, paper_name


class Row(NamedTuple):
    """A paper: `last_day` of its validity, where it has one; `uses`: the bundles that hold it."""

    document: SupportingDocument
    name: str
    mark: words.Mark
    last_day: object
    uses: list[Use]


@require_safe
@for_customer
def documents(request: CustomerRequest) -> HttpResponseBase:
    """The list, the newest first."""
    page: Page[SupportingDocument] = page_of(request, _own(request.account))
    uses = uses_of("document", page.rows)
    context = {"rows": [_row(each, uses.get(each.pk, [])) for each in page.rows], "page": page, "here": "documents"}
    return render(request, "portal/filed/documents.html", context)


@require_safe
@for_customer
def document(request: CustomerRequest, sid: str) -> HttpResponseBase:
    """One of them."""
    found = get_object_or_404(_own(request.account), sid=sid)
    row = _row(found, uses_of("document", [found]).get(found.pk, []))
    given = [Given(str(field_name(name)), text) for name, text in written_in(found.attributes)]
    told = Told(found.status, found.reason, found.reason_sentence, found.fix_hint)
    context = {"row": row, "told": told, "given": given, "here": "documents", "addresses": found.addresses.all()}
    return render(request, "portal/filed/document.html", context)


@require_POST
@for_customer
def delete(request: CustomerRequest, sid: str) -> HttpResponseBase:
    """Let it go, where nothing rests on it."""
    found = get_object_or_404(_own(request.account), sid=sid)
    worked = done(request, lambda: services.delete(document=found), lazy("The paper was deleted."))
    return redirect("portal:papers-documents") if worked else redirect("portal:papers-document", sid=sid)


def _own(account: Account) -> QuerySet[SupportingDocument]:
    addresses = Prefetch("addresses", Address.objects.filter(deleted_at=None).order_by("pk"))
    return SupportingDocument.objects.of(account).select_related("file").prefetch_related(addresses)


def _row(document: SupportingDocument, uses: list[Use]) -> Row:
    name = paper_name(document.type)
    mark = words.PAPERS[DocumentStatus(document.status)]
    return Row(document, name, mark, expiring_papers.last_day_of(document), uses)
