"""What a customer may ask for on the search page."""

from typing import Any

from django import forms

from inventory.search.criteria import Criteria, Whereabouts
from inventory.yard.countries import choices
from numbering.patterns import InvalidPattern, Pattern
from numbering.types import Capability, NumberType

CAPABILITIES = [("VOICE", "calls"), ("SMS", "messages (SMS)"), ("MMS", "pictures (MMS)"), ("FAX", "fax")]


class SearchForm(forms.Form):
    """One kind of number in one country, and what it should look like; `criteria` is for `inventory.search`."""

    country = forms.ChoiceField(choices=choices)
    type = forms.ChoiceField(choices=NumberType.choices, initial=NumberType.LOCAL)
    contains = forms.CharField(
        required=False,
        max_length=16,
        label="Digits or word",
        help_text="5*5 or TAXI; * is any digit, $ the end",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    locality = forms.CharField(required=False, max_length=120, label="Town")
    area_code = forms.RegexField(
        r"^\d{1,8}$", required=False, label="Area code", error_messages={"invalid": "An area code is 1 to 8 digits."}
    )
    carries = forms.ChoiceField(required=False, choices=[("", "anything"), *CAPABILITIES], label="It must carry")

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="", initial={"country": "US"})

    def clean_contains(self) -> Pattern | None:
        """The pattern, or None; its own words when it is none."""
        typed = self.cleaned_data["contains"]
        try:
            return Pattern.parse(typed) if typed else None
        except InvalidPattern as error:
            raise forms.ValidationError(f"That can't be searched for: {error}.") from None

    def criteria(self) -> Criteria:
        """What was asked, in the words of the stock; call it when the form is valid."""
        asked: dict[str, Any] = self.cleaned_data
        return Criteria(
            country=asked["country"],
            number_type=NumberType(asked["type"]),
            capabilities=int(Capability[asked["carries"]]) if asked["carries"] else 0,
            pattern=asked["contains"],
            area_code=asked["area_code"] or None,
            whereabouts=Whereabouts(locality=asked["locality"] or None),
        )
