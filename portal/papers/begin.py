"""Step 1: in which country, what kind of number, for whom. The answer is told before anything is written."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from compliance.services import drafting
from numbering.e164 import E164, InvalidNumber
from portal.acting import CustomerRequest, for_customer
from portal.papers import asking
from portal.papers.asking import Asking, Kind
from portal.papers.draft import STEPS, Step, actor_of

NOT_CHOSEN = ("", _("Choose one"))


class WhereForm(forms.Form):
    """What is offered follows from what was chosen before it: the country's number types, the type's end users."""

    country = forms.ChoiceField(label=_("Country of the number"))
    type = forms.ChoiceField(label=_("Kind of number"))
    who = forms.ChoiceField(label=_("Who will use it?"), widget=forms.RadioSelect)
    number = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    def __init__(self, chosen: dict[str, str], data: Any = None) -> None:
        super().__init__(data, initial=chosen, label_suffix="")
        self.kinds = asking.kinds(chosen["country"])
        self.kind: Kind | None = self.kinds.get(chosen["type"])
        self._offer("country", [NOT_CHOSEN, *asking.countries()])
        self._offer("type", [NOT_CHOSEN, *((name, kind.words.label) for name, kind in self.kinds.items())])
        self._offer("who", [(who.value, who.words.label) for who in self.kind.whos if who.is_sold] if self.kind else [])

    def _offer(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field: Any = self.fields[name]
        field.choices = choices


@require_http_methods(["GET", "HEAD", "POST"])
@for_customer
def new(request: CustomerRequest) -> HttpResponseBase:
    """GET tells what is asked for what was chosen so far; POST begins a draft and leads to step 2."""
    chosen = _chosen(request.POST if request.method == "POST" else request.GET)
    form = WhereForm(chosen, request.POST if request.method == "POST" else None)
    found = asking.asking(form.kind, chosen["who"])
    if request.method == "POST" and form.is_valid() and found:
        bundle = drafting.begin(
            account=request.account,
            regulation=found.who.regulation,
            settings={
                "friendly_name": _name(found),
                "email": request.user.email,
                "for_number": _number(chosen["number"], found),
            },
            actor=actor_of(request),
        )
        return redirect("portal:papers-step", bundle.sid, "you")
    return render(request, "portal/papers/new.html", {"form": form, **_told(request, form, found)})


def _told(request: CustomerRequest, form: WhereForm, found: Asking | None) -> dict[str, Any]:
    number = _number(form.initial["number"], found) if found else None
    return {
        "asking": found,
        "kind": form.kind,
        "number": E164(number) if number else None,
        "steps": [Step(name, label, "", "now" if name == "where" else "open") for name, label in STEPS.items()],
        "begun": asking.begun(request.account, found.who.regulation) if found else [],
        "approved": asking.approved(request.account, found.who.regulation) if found else None,
    }


def _chosen(given: QueryDict) -> dict[str, str]:
    """Country, type and who; of a number the country, where none was chosen."""
    chosen = {name: given.get(name, "").strip() for name in ("country", "type", "who", "number")}
    chosen["type"] = chosen["type"].replace("-", "_").lower()
    chosen["country"] = chosen["country"].upper() or _country_of(chosen["number"])
    return chosen


def _read(text: str) -> E164 | None:
    """A number from a link, whose plus may have become a blank."""
    try:
        return E164.parse(f"+{text.strip().removeprefix('+')}") if text else None
    except InvalidNumber:
        return None


def _country_of(text: str) -> str:
    number = _read(text)
    return number.country if number else ""


def _number(text: str, found: Asking) -> int | None:
    """Its digits, where it is a number of the country."""
    number = _read(text)
    return number.digits if number and number.country == found.kind.country.country else None


def _name(found: Asking) -> str:
    """What the draft is called until its customer calls it something else."""
    return gettext("%(country)s: %(type)s, %(who)s") % {
        "country": found.kind.place,
        "type": str(found.kind.words.label).lower(),
        "who": str(found.who.words.label).lower(),
    }
