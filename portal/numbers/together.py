"""The same done to several numbers: first tried, so that it can be said what would happen, and then done.

Trying is doing it in a transaction that is rolled back: what is foretold is what the services and the database say.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from inventory.lifecycle import State
from inventory.models import Did
from inventory.portfolio import listing
from inventory.services import assignments, protection
from numbering.e164 import MAX_DIGITS
from portal.acting import REFUSALS, CustomerRequest, for_customer
from portal.numbers import owned
from portal.numbers.filters import FilterForm
from portal.numbers.settings import WebAddress
from portal.refusing import in_words

MOST = 100
Act = Callable[[Did], object]


class Outcome(NamedTuple):
    """What became, or would become, of one number: `refusal` is blank where it is done."""

    did: Did
    refusal: str


class SettingForm(forms.Form):
    """One setting, the same for all."""

    setting = forms.ChoiceField(
        label=gettext_lazy("Setting"),
        choices=[
            ("voice_url", gettext_lazy("Address for calls")),
            ("voice_fallback_url", gettext_lazy("Address for calls if that fails")),
            ("sms_url", gettext_lazy("Address for messages")),
            ("sms_fallback_url", gettext_lazy("Address for messages if that fails")),
            ("status_callback", gettext_lazy("Address that is told how calls ended")),
        ],
    )
    value = WebAddress(label=gettext_lazy("Its value"), help_text=gettext_lazy("Empty: the setting is cleared."))

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")


class NoForm(forms.Form):
    """For what takes no words."""


class Deed(NamedTuple):
    """Something that is done to several. `act` makes of the request what is done to each."""

    name: str
    form: type[forms.Form]
    act: Callable[[CustomerRequest, forms.Form], Act]
    is_grave: bool = False


def _giving_back(request: CustomerRequest, form: forms.Form) -> Act:
    return lambda did: assignments.release(did=did, actor=owned.actor(request))


def _protecting(request: CustomerRequest, form: forms.Form) -> Act:
    return lambda did: protection.protect(did=did, actor=owned.actor(request))


def _setting(request: CustomerRequest, form: forms.Form) -> Act:
    given = {form.cleaned_data["setting"]: form.cleaned_data["value"]}
    return lambda did: assignments.change(did=did, settings=given, to=None, by=did.account)


DEEDS = {
    deed.name: deed
    for deed in (
        Deed("give-back", NoForm, _giving_back, is_grave=True),
        Deed("protect", NoForm, _protecting),
        Deed("setting", SettingForm, _setting),
    )
}


@require_POST
@for_customer
def together(request: CustomerRequest) -> HttpResponseBase:
    """What would happen to each of the chosen numbers; with `sure`, what happened."""
    deed = DEEDS.get(request.POST.get("do", ""))
    filters = QueryDict(request.POST.get("filters", "")[:2000])
    dids, rest = _chosen(request, filters)
    if deed is None or not dids:
        messages.error(request, _("No number was chosen: tick the box beside each that you mean."))
        return redirect(f"{reverse('portal:numbers')}{'?' * bool(filters)}{filters.urlencode()}")
    given = request.POST if deed.form is NoForm or "setting" in request.POST else None
    form = deed.form(given)
    context: dict[str, Any] = {"deed": deed, "dids": dids, "form": form, "is_done": "sure" in request.POST}
    context |= {"filters": filters.urlencode(), "rest": rest, "most": MOST}
    if form.is_valid():
        act = deed.act(request, form)
        context["outcomes"] = _outcomes(dids, act if context["is_done"] else _tried(act))
        context["well"] = sum(not each.refusal for each in context["outcomes"])
    return render(request, "portal/numbers/together.html", context)


def _chosen(request: CustomerRequest, filters: QueryDict) -> tuple[list[Did], int | None]:
    """The numbers that were ticked; with `all`, those that the filters let through, at most `MOST` from behind the
    digits `after` on. Then also behind which digits the others are; None: there are none."""
    if "all" not in request.POST:
        rest = request.POST.get("rest", "")
        return listing.chosen(request.account, request.POST.getlist("did")[:MOST]), _digits(rest) or None
    wanted = FilterForm(filters, request.account).wanted()._replace(state=State.IN_SERVICE)
    page = listing.page(request.account, wanted, after=_digits(request.POST.get("after", "")), size=MOST)
    return listing.chosen(request.account, [did.sid for did in page.rows]), page.after


def _digits(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS else 0


def _outcomes(dids: list[Did], act: Act) -> list[Outcome]:
    """Each by itself: one that is refused keeps no other back."""
    return [Outcome(did, _refusal(did, act)) for did in dids]


def _refusal(did: Did, act: Act) -> str:
    try:
        act(did)
    except REFUSALS as refusal:
        return in_words(refusal) or _("It was refused.")
    return ""


def _tried(act: Act) -> Act:
    def attempt(did: Did) -> None:
        with transaction.atomic():
            act(did)
            transaction.set_rollback(True)

    return attempt
