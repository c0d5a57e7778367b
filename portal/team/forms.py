"""Inviting somebody, and what a member may do."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Role

NAMES = [(Role.OWNER, _("Owner")), (Role.MEMBER, _("Member")), (Role.VIEWER, _("Viewer"))]
MEANING = {
    Role.OWNER: _("Owner: everything, with the team and the API keys"),
    Role.MEMBER: _("Member: finds, buys and returns numbers, files papers"),
    Role.VIEWER: _("Viewer: looks at everything, changes nothing"),
}
HINT = _("Owners decide about team and keys, members buy and file papers, viewers only look.")


class InvitationForm(forms.Form):
    """Whom, and how much they may do."""

    email = forms.EmailField(label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    role = forms.ChoiceField(label=_("Role"), help_text=HINT, choices=NAMES, initial=Role.MEMBER)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")


class RoleForm(forms.Form):
    """How much a member may do from now on."""

    role = forms.ChoiceField(label=_("Role"), help_text=HINT, choices=NAMES)

    def __init__(self, data: Any = None, *, role: str = "") -> None:
        super().__init__(data, label_suffix="", initial={"role": role})
