"""Hanging a number on other papers of its account."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from compliance import at_hand
from inventory.models import Did
from inventory.services import assignments
from portal.acting import REFUSALS, CustomerRequest, for_customer
from portal.numbers import owned
from portal.numbers.papers import papers_of
from portal.refusing import in_words


class PapersForm(forms.Form):
    """Those of the account that would do for the number."""

    papers = forms.ChoiceField(label=gettext_lazy("On these papers"), widget=forms.RadioSelect)

    def __init__(self, did: Did, offered: list[at_hand.Papers], data: Any = None) -> None:
        self.offered = {_key(each): each for each in offered}
        now = f"{did.bundle_sid}-{did.address_sid}"
        super().__init__(data, label_suffix="", initial={"papers": now})
        field: Any = self.fields["papers"]
        field.choices = [(key, _named(each)) for key, each in self.offered.items()]

    def settings(self) -> dict[str, str]:
        """What is to be set; call it when the form is valid."""
        chosen = self.offered[self.cleaned_data["papers"]]
        given = {"bundle_sid": chosen.bundle, "address_sid": chosen.address}
        return {name: row.sid for name, row in given.items() if row}


@require_http_methods(["GET", "HEAD", "POST"])
@for_customer
def change_papers(request: CustomerRequest, sid: str) -> HttpResponseBase:
    """Which of the account's papers the number could hang on; POST hangs it on others, without a gap in its service."""
    did = owned.in_service(request, sid)
    offered = [each for each in at_hand.fitting(request.account, did.number) if each.bundle or each.address]
    form = PapersForm(did, offered, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _hung(did, form):
        messages.success(request, _("The number hangs on these papers now."))
        return redirect("portal:number", sid=sid)
    context = {"did": did, "form": form, "papers": papers_of(did)}
    return render(request, "portal/numbers/change_papers.html", context)


def _hung(did: Did, form: PapersForm) -> bool:
    try:
        assignments.change(did=did, settings=form.settings(), to=None, by=did.account)
    except REFUSALS as refusal:
        form.add_error(None, in_words(refusal))
        return False
    return True


def _key(papers: at_hand.Papers) -> str:
    return f"{papers.bundle.sid if papers.bundle else ''}-{papers.address.sid if papers.address else ''}"


def _named(papers: at_hand.Papers) -> str:
    """ "Head office papers: Unter den Linden 77, Berlin"."""
    bundle = papers.bundle.friendly_name or papers.bundle.sid if papers.bundle else ""
    address = f"{papers.address.street}, {papers.address.city}" if papers.address else ""
    return ": ".join(filter(None, (bundle, address)))
