"""Who uses the numbers: where each is used, and what a person may ask for (a copy of everything, and its erasure)."""

from typing import NamedTuple

from django import forms
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Account
from compliance.models import EndUser, EndUserType
from compliance.services import belongings, end_users, erasure, export
from portal.acting import CustomerRequest, for_customer
from portal.filed import words
from portal.filed.cards import Given, written_in
from portal.filed.deeds import actor, done
from portal.filed.pages import Page, page_of
from portal.filed.use import Use, uses_of
from portal.papers.words import field_name

LONGEST_REASON = 200


class ErasureForm(forms.Form):
    """Why. It is kept for good, so it must hold no names: the service refuses what repeats a text that is erased."""

    reason = forms.CharField(
        max_length=LONGEST_REASON,
        label=lazy("Your number for this case"),
        help_text=lazy("It is kept for good as part of the proof, so write a case number and no names."),
    )


class Row(NamedTuple):
    """A person or business; `uses`: the bundles that hold it."""

    end_user: EndUser
    who: object
    uses: list[Use]


@require_safe
@for_customer
def people(request: CustomerRequest) -> HttpResponseBase:
    """The list, the newest first."""
    page: Page[EndUser] = page_of(request, EndUser.objects.of(request.account))
    uses = uses_of("end_user", page.rows)
    context = {"rows": [_row(each, uses.get(each.pk, [])) for each in page.rows], "page": page, "here": "people"}
    return render(request, "portal/filed/people.html", context)


@require_safe
@for_customer
def person(request: CustomerRequest, sid: str) -> HttpResponseBase:
    """One of them."""
    found = _one(request.account, sid)
    given = [Given(str(field_name(name)), text) for name, text in written_in(found.attributes)]
    row = _row(found, uses_of("end_user", [found]).get(found.pk, []))
    return render(request, "portal/filed/person.html", {"row": row, "given": given, "here": "people"})


@require_safe
@for_customer
def export_person(request: CustomerRequest, sid: str) -> HttpResponseBase:
    """Everything about a person as a ZIP, with their files (GDPR articles 15 and 20)."""
    found = _one(request.account, sid)
    headers = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
    answer = StreamingHttpResponse(export.stream(found), content_type="application/zip", headers=headers)
    answer["Content-Disposition"] = f'attachment; filename="{found.sid}.zip"'
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@for_customer
def erase(request: CustomerRequest, sid: str) -> HttpResponseBase:
    """Say what goes, then erase a person for good (GDPR article 17)."""
    found = _one(request.account, sid)
    form = ErasureForm(request.POST if request.method == "POST" else None, label_suffix="")
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        said = lazy("Erased, and read back to be sure: nothing of it can be read any more.")
        if done(request, lambda: erasure.erase(found, actor=actor(request), reason=reason), said):
            return redirect("portal:papers-people")
    context = {"end_user": found, "theirs": belongings.of(found), "form": form, "here": "people"}
    return render(request, "portal/filed/erase.html", context)


@require_POST
@for_customer
def delete(request: CustomerRequest, sid: str) -> HttpResponseBase:
    """Take it out of the list, where no bundle holds it."""
    found = _one(request.account, sid)
    worked = done(request, lambda: end_users.delete(end_user=found), lazy("Deleted."))
    return redirect("portal:papers-people") if worked else redirect("portal:papers-person", sid=sid)


def _one(account: Account, sid: str) -> EndUser:
    """Deleted ones too: they are kept until their term is over, and the person may ask for them."""
    rows: QuerySet[EndUser] = EndUser.objects.filter(account=account, erased_at=None)
    return get_object_or_404(rows.select_related("account").defer("account__auth_token"), sid=sid)


def _row(end_user: EndUser, uses: list[Use]) -> Row:
    return Row(end_user, words.WHO[EndUserType(end_user.type)], uses)
