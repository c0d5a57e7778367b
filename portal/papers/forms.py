"""Forms that are built from the regulation data: a control for each field, whatever the country lists.

Nothing is judged here: what was given is kept, and the evaluation says what is wrong with it.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from compliance.evaluation.identifiers import described
from compliance.evaluation.outcome import Note, Result
from compliance.rulebook.catalogue import Field, FieldType, catalogue
from compliance.rulebook.rules import CountryRules
from portal.papers import said, words
from portal.papers.said import Said
from portal.papers.words import Text

#: In the order that people know them.
_BUSINESS = (
    *("business_name", "business_registration_number", "business_registration_identifier", "vat_number"),
    *("business_website", "business_description", "business_purpose", "business_identity", "is_subassigned"),
)
_PERSON = (
    *("first_name", "last_name", "birth_date", "birth_place", "gender", "nationality", "document_number"),
    *("fiscal_number", "fiscal_code", "tax_identification_number", "email", "phone_number"),
)
_GROUPS: Mapping[str, Sequence[tuple[Text, Sequence[str]]]] = {
    "individual": ((_("You"), (*_PERSON, *_BUSINESS)),),
    "business": ((_("The business"), _BUSINESS), (_("Who acts for the business"), _PERSON)),
}
_REST = _("The number")
_INPUTS = {FieldType.EMAIL: "email", FieldType.PHONE: "tel", FieldType.URL: "url", FieldType.DATE: "date"}
_ONLY_A_NAME = re.compile(r"[\w-]+(\.[\w-]+)+(/\S*)?")
_FOUR = 4  # the evaluation counts characters after it has tidied them


class Control(NamedTuple):
    """A bound field, whether it is asked for, and what was said of it."""

    field: BoundField
    is_asked: bool
    said: Said | None
    is_wide: bool = False


class Group(NamedTuple):
    """Controls under a heading."""

    title: Text
    controls: list[Control]


class Website(forms.CharField):
    """The address of a web site as people write it: "flowers.example" is https://flowers.example."""

    def to_python(self, value: Any) -> Any:
        """With the scheme, where only a name was written."""
        text = super().to_python(value)
        return f"https://{text}" if _ONLY_A_NAME.fullmatch(text or "") else text


class DetailsForm(forms.Form):
    """A control for each of the named fields."""

    def __init__(
        self,
        names: Sequence[str],
        country: CountryRules,
        *,
        data: Any = None,
        initial: Mapping[str, Any] | None = None,
        prefix: str | None = None,
    ) -> None:
        texts = {name: value for name, value in (initial or {}).items() if isinstance(value, str)}
        super().__init__(data, initial=texts, prefix=prefix, label_suffix="")
        for name in names:
            self.fields[name] = _control(catalogue().field(name), country, texts.get(name, ""))

    def control(self, name: str, asked: Sequence[str], result: Result | None, flags: Sequence[Note]) -> Control:
        """One of them, with what the evaluation says of it."""
        found = said.of_field(result, flags, name)
        field = self[name]
        attrs = field.field.widget.attrs
        hint = f"{field.auto_id}_hint " if field.help_text else ""
        attrs["aria-describedby"] = f"{hint}{field.auto_id}_said"
        if (found and found.kind == said.BAD) or field.errors:
            attrs["aria-invalid"] = "true"
        return Control(field, name in asked, found, isinstance(field.field.widget, forms.Textarea))

    def groups(
        self, end_user_type: str, asked: Sequence[str], result: Result | None, flags: Sequence[Note]
    ) -> list[Group]:
        """The controls in the order that people know, under their headings."""
        left = list(self.fields)
        groups = []
        for title, names in _GROUPS[end_user_type]:
            here = [name for name in names if name in left]
            left = [name for name in left if name not in here]
            groups.append((title, here))
        groups.append((_REST, left))
        return [
            Group(title, [self.control(name, asked, result, flags) for name in names])
            for title, names in groups
            if names
        ]


def _control(field: Field, country: CountryRules, given: str) -> forms.Field:
    about = words.of_field(field)
    attrs = {"autocomplete": about.autocomplete}
    hint = " ".join(filter(None, (str(about.hint).strip(), _example(field, country))))
    common: dict[str, Any] = {"required": False, "label": about.label, "help_text": hint}
    choices = _choices(field, given)
    if choices:
        return forms.ChoiceField(choices=choices, widget=forms.Select(attrs), **common)
    kind = Website if field.type == FieldType.URL else forms.CharField
    return kind(max_length=_FOUR * field.max_length, widget=_widget(field, attrs), **common)


def _widget(field: Field, attrs: dict[str, str]) -> forms.Widget:
    if field.type == FieldType.TEXT:
        return forms.Textarea(attrs | {"rows": "3"})
    widget = forms.TextInput(attrs)
    widget.input_type = _INPUTS.get(field.type, "text")
    return widget


def _choices(field: Field, given: str) -> list[tuple[str, Any]]:
    """What a choice is made from; what was given and is none of them stays, so that the evaluation can say so."""
    if field.type == FieldType.COUNTRY:
        known: list[tuple[str, Any]] = [*words.countries()]
    elif field.type == FieldType.ENUM:
        known = [(choice, words.CHOICES.get(choice, choice)) for choice in field.choices]
    else:
        return []
    strange = [(given, given)] if given and given not in dict(known) else []
    return [("", _("Choose one")), *known, *strange]


def _example(field: Field, country: CountryRules) -> str:
    """How the country's own numbers are called and look, where it has a check for them."""
    check = country.identifiers.get(field.machine_name)
    if check is None:
        return ""
    kinds = [
        gettext("%(kind)s, like %(example)s") % {"kind": kind, "example": example} if example else kind
        for kind, example in described(check)
    ]
    return gettext("In %(country)s: %(kinds)s.") % {
        "country": words.country_name(country.country),
        "kinds": gettext(" or ").join(kinds),
    }
