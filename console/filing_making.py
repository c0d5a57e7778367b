"""Making a return to a regulator from the console: choose, see what it would say, freeze it."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from inventory.filings import freezing
from inventory.models import FilingKind


class MakingForm(forms.Form):
    """Which return, and the last day that it tells of."""

    kind = forms.ChoiceField(
        choices=FilingKind.choices,
        label="Return",
        help_text="Form 502 is as of 30 June or 31 December. The disconnects go up to the 10th of a month, as a rule. "
        "Ofcom asks on days of its own.",
    )
    last_day = forms.DateField(
        label="Last day",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="It tells of the time to the end of this day, UTC. Empty: the usual day of this return.",
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")

    @property
    def chosen(self) -> tuple[FilingKind, date]:
        """Of a valid form; without a day, the usual one."""
        kind = FilingKind(self.cleaned_data["kind"])
        return kind, self.cleaned_data["last_day"] or freezing.usual_day(kind, timezone.now().date())
