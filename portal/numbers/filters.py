"""Which of its numbers a customer wants to see."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from inventory.lifecycle import State
from inventory.portfolio.listing import Wanted
from inventory.portfolio.totals import kinds_of
from numbering.countries import called, in_order
from numbering.types import Capability, NumberType
from portal.find.words import TYPES

CAPABILITIES = [("VOICE", _("calls")), ("SMS", _("messages (SMS)")), ("MMS", _("pictures (MMS)")), ("FAX", _("fax"))]
STATES = [(State.IN_SERVICE.value, _("In service")), (State.RELEASED.value, _("Given back"))]


class FilterForm(forms.Form):
    """The countries and types are those that the account has numbers of."""

    q = forms.CharField(
        required=False,
        max_length=64,
        label=_("Number or name"),
        help_text=_("Any part, such as 555 01"),
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "spellcheck": "false"}),
    )
    country = forms.ChoiceField(required=False, label=_("Country"))
    type = forms.ChoiceField(required=False, label=_("Type"))
    carries = forms.ChoiceField(required=False, choices=[("", _("anything")), *CAPABILITIES], label=_("Carries"))
    state = forms.ChoiceField(required=False, choices=STATES, label=_("State"))

    def __init__(self, data: Any, account: Account) -> None:
        super().__init__(data, label_suffix="")
        kinds = kinds_of(account.pk)
        countries = {kind.country: called(kind.country) for kind in kinds}
        types = {kind.number_type for kind in kinds}
        self._choose("country", sorted(countries.items(), key=lambda pair: in_order(pair[1])))
        self._choose("type", [(each.value, str(TYPES[each])) for each in NumberType if each in types])

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", _("all")), *choices]

    def wanted(self) -> Wanted:
        """In the words of the stock; a filter that can't be read is no filter."""
        self.is_valid()
        asked: dict[str, str] = self.cleaned_data
        carried = asked.get("carries", "")
        return Wanted(
            state=State(asked.get("state") or State.IN_SERVICE),
            country=asked.get("country", ""),
            number_type=asked.get("type", ""),
            capabilities=int(Capability[carried]) if carried else 0,
            text=asked.get("q", "").strip(),
        )
