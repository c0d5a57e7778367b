"""An account for somebody who is signed in and belongs to none."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Account, User
from accounts.refusals import AlreadyAMember
from accounts.services.memberships import open_first_account


class OpeningForm(forms.Form):
    """What it shall be called."""

    name = forms.CharField(
        max_length=Account._meta.get_field("friendly_name").max_length,
        label=gettext_lazy("Company, or your own name"),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
        label_suffix="",
    )


@login_required
def open_own(request: HttpRequest) -> HttpResponse:
    """Ask for a name, and open it."""
    form = OpeningForm(request.POST or None, label_suffix="")
    if isinstance(request.user, User) and form.is_valid():
        try:
            account = open_first_account(user=request.user, name=form.cleaned_data["name"])
        except AlreadyAMember as refusal:
            return render(request, "portal/refused.html", {"refusal": refusal}, status=409)
        messages.success(request, _("%(account)s is open.") % {"account": account.friendly_name})
        return redirect("portal:home")
    return render(request, "portal/team/open.html", {"form": form})
