"""What a customer says of a number before buying it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from compliance.at_hand import Papers

#: Of a number for which nothing is asked.
NOTHING = Papers(None, None)


class LineForm(forms.Form):
    """What a customer says of one number before buying it."""

    friendly_name = forms.CharField(
        required=False,
        max_length=64,
        label=_("Name"),
        help_text=_("for yourself, such as “Front desk”"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, papers: list[Papers], *, e164: int, data: Any = None) -> None:
        super().__init__(data, prefix=f"n{e164}", label_suffix="")
        self._papers = {_key(each): each for each in papers}
        self._first = papers[0] if papers else NOTHING
        choices = [(key, _named(each)) for key, each in self._papers.items() if key]
        if choices:
            self.fields["papers"] = forms.ChoiceField(required=False, choices=choices, label=_("With these papers"))

    def given_settings(self) -> dict[str, str]:
        """The settings to buy with; call it when the form is valid."""
        given: dict[str, str] = self.cleaned_data
        chosen = self._papers.get(given.get("papers", ""), self._first)
        said = {
            "friendly_name": given["friendly_name"],
            "address_sid": chosen.address.sid if chosen.address else "",
            "bundle_sid": chosen.bundle.sid if chosen.bundle else "",
        }
        return {name: value for name, value in said.items() if value}


def _key(papers: Papers) -> str:
    return "-".join(each.sid for each in papers if each)


def _named(papers: Papers) -> str:
    """ "Head office papers, Unter den Linden 77, Berlin"."""
    bundle = [papers.bundle.friendly_name] if papers.bundle else []
    address = [papers.address.street, papers.address.city] if papers.address else []
    return ", ".join([*bundle, *address])
