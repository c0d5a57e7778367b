"""Moving a number between a parent account and its subaccounts, with what becomes of its papers."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Account, AccountStatus
from accounts.services.subaccounts import open_own_subaccount
from compliance.lifecycle import BundleState
from compliance.models import Address, Bundle
from inventory.models import Did
from inventory.search.terms import terms_of
from inventory.services import assignments
from portal.acting import REFUSALS, CustomerRequest, for_customer
from portal.numbers import owned
from portal.refusing import in_words

MOST = 200
_SECRETS = ("auth_token", "auth_token_digest")


class MoveForm(forms.Form):
    """To which account, and on which of its papers where such a number takes any."""

    to = forms.ChoiceField(label=gettext_lazy("To the account"))
    bundle_sid = forms.ChoiceField(
        required=False,
        label=gettext_lazy("On its approved bundle"),
        help_text=gettext_lazy("Papers belong to an account: those the number has now stay behind."),
    )
    address_sid = forms.ChoiceField(required=False, label=gettext_lazy("With its address"))

    def __init__(self, did: Did, receivers: dict[str, Account], data: Any = None) -> None:
        super().__init__(data, label_suffix="")
        self.receivers = receivers
        asked = terms_of(did.number.country, did.number.number_type).asked
        self._choose("to", [(sid, f"{account.friendly_name} ({sid})") for sid, account in receivers.items()])
        self._choose_or_drop("bundle_sid", _bundles(did, receivers) if asked.needs_bundle else [])
        self._choose_or_drop("address_sid", _addresses(receivers) if asked.needs_address else [])

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices

    def _choose_or_drop(self, name: str, choices: list[tuple[str, str]]) -> None:
        if choices:
            self._choose(name, [("", _("none")), *choices])
        else:
            del self.fields[name]

    def papers(self) -> dict[str, str]:
        """The receiver's papers that were chosen."""
        return {name: sid for name, sid in self.cleaned_data.items() if name != "to" and sid}


@require_http_methods(["GET", "HEAD", "POST"])
@for_customer
def move(request: CustomerRequest, sid: str) -> HttpResponseBase:
    """Who may have it, and what comes along; POST moves it."""
    did = owned.in_service(request, sid)
    mover = _mover(request)
    form = _form(request, did, request.POST if request.method == "POST" else None)
    if request.method == "POST" and mover and form.is_valid() and _moved(did, form, mover):
        messages.success(request, _("%s is moved.") % did.number)
        return redirect("portal:numbers")
    return _page(request, did, form, OpeningForm())


class OpeningForm(forms.Form):
    """What the new account shall be called."""

    name = forms.CharField(
        max_length=Account._meta.get_field("friendly_name").max_length,
        label=gettext_lazy("Name of the new account"),
        help_text=gettext_lazy("Such as the customer or the branch that its numbers are for."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        label_suffix="",
    )


@require_POST
@for_customer(owner=True)
def open_account(request: CustomerRequest, sid: str) -> HttpResponseBase:
    """Open a subaccount, which its opener acts for as an owner, and back to where the number is moved."""
    did = owned.in_service(request, sid)
    form = OpeningForm(request.POST)
    if not form.is_valid():
        return _page(request, did, _form(request, did), form)
    opened = open_own_subaccount(parent=request.account, friendly_name=form.cleaned_data["name"], owner=request.user)
    messages.success(request, _("%(account)s is open.") % {"account": opened.friendly_name})
    return redirect("portal:number-move", sid=sid)


def _form(request: CustomerRequest, did: Did, data: Any = None) -> MoveForm:
    mover = _mover(request)
    return MoveForm(did, _receivers(request.account, mover) if mover else {}, data)


def _page(request: CustomerRequest, did: Did, form: MoveForm, opening: OpeningForm) -> HttpResponseBase:
    context = {"did": did, "form": form, "receivers": form.receivers, "mover": _mover(request), "opening": opening}
    return render(request, "portal/numbers/move.html", context)


def _moved(did: Did, form: MoveForm, mover: Account) -> bool:
    receiver = form.receivers[form.cleaned_data["to"]]
    try:
        assignments.change(did=did, settings=form.papers(), to=receiver, by=mover)
    except REFUSALS as refusal:
        form.add_error(None, in_words(refusal))
        return False
    return True


def _mover(request: CustomerRequest) -> Account | None:
    """The parent of the family, whose people alone may move numbers, if they do more than look; None for others."""
    parent = request.account.parent_id or request.account.pk
    return next((account for account in request.changing if account.pk == parent), None)


def _receivers(giver: Account, mover: Account) -> dict[str, Account]:
    family = Account.objects.filter(Q(pk=mover.pk) | Q(parent=mover), status=AccountStatus.ACTIVE)
    rows = family.exclude(pk=giver.pk).select_related("parent").defer(*_SECRETS, *(f"parent__{s}" for s in _SECRETS))
    return {account.sid: account for account in rows.order_by("friendly_name", "pk")[:MOST]}


def _bundles(did: Did, receivers: dict[str, Account]) -> list[tuple[str, str]]:
    number = did.number
    rows = Bundle.objects.filter(account__in=receivers.values(), state=BundleState.APPROVED, deleted_at=None)
    fitting = rows.filter(regulation__country=number.country, regulation__number_type=number.number_type)
    return [_choice(row, receivers) for row in fitting.select_related("account").order_by("-pk")[:MOST]]


def _addresses(receivers: dict[str, Account]) -> list[tuple[str, str]]:
    rows = Address.objects.filter(account__in=receivers.values(), deleted_at=None).select_related("account")
    return [_choice(row, receivers) for row in rows.order_by("-pk")[:MOST]]


def _choice(row: Bundle | Address, receivers: dict[str, Account]) -> tuple[str, str]:
    return row.sid, f"{receivers[row.account.sid].friendly_name}: {row.friendly_name or row.sid}"
