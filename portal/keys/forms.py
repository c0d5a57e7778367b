"""The name of an API key."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiKey


class NameForm(forms.Form):
    """What it is for."""

    name = forms.CharField(
        max_length=ApiKey._meta.get_field("friendly_name").max_length,
        label=_("Name"),
        help_text=_("What uses it, such as “billing server”: then you know what stops when you revoke it."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, data: Any = None, *, name: str = "") -> None:
        super().__init__(data, label_suffix="", initial={"name": name})
