"""The time machine on a number's page: what it was at an instant, and who had it then."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone

from inventory.history.moment import moment
from inventory.models import PhoneNumber


class InstantForm(forms.Form):
    """When: in UTC, and not in the future."""

    at = forms.DateTimeField(label="At (UTC)", widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))

    def clean_at(self) -> datetime:
        """Raises ValidationError."""
        at: datetime = self.cleaned_data["at"]
        if at > timezone.now():
            raise forms.ValidationError("Only the past is written down: choose a moment that is over.")
        return at


def time_machine(number: PhoneNumber, asked: QueryDict) -> dict[str, Any]:
    """The form; and where an instant was asked for, the number then, None if we did not have it."""
    form = InstantForm(asked if "at" in asked else None, label_suffix="")
    if not form.is_valid():
        return {"instant_form": form}
    then = moment(number.e164, form.cleaned_data["at"])
    shown = {"instant_form": form, "instant": form.cleaned_data["at"], "then": then}
    return shown | ({"blocks_then": then.blocks()} if then else {})
