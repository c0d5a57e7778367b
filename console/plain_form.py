"""What the database would refuse, told in plain words beside the field that is at fault."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

if TYPE_CHECKING:  # generic only in the stubs
    _ModelForm = forms.ModelForm[Any]
else:
    _ModelForm = forms.ModelForm

_COUNTRY = ("country", "Two capital letters, ISO 3166-1, such as US.")
_CURRENCY = "three capital letters, ISO 4217, such as USD"

# by the name of a constraint: the field to tell it at, and what to do
REFUSALS = {
    "alpha_relief_bounded": ("alpha", "Above 0 and at most 0.30."),
    "alpha_relief_country_iso": _COUNTRY,
    "alpha_relief_expires": ("expires_at", "In the future, and at most 60 days ahead."),
    "allocation_adopted_after_it_is_allocated": ("adopt_by", "No earlier than the day of the allocation."),
    "allocation_begins_at_a_multiple_of_its_size": ("first", "A range begins at a multiple of its size."),
    "allocation_capabilities_mask": ("capabilities", "Say what the network carries."),
    "allocation_cost_in_a_currency": ("monthly_cost", f"Not below 0, in a currency: {_CURRENCY}."),
    "allocation_country_iso": _COUNTRY,
    "allocation_e164_digits": ("first", "7 to 15 digits, with the country code."),
    "allocation_no_number_twice": ("first", "Another allocation that is in force has numbers of this range."),
    "sku_area_or_place": ("place", "An area code or a place, not both."),
    "sku_capabilities_mask": ("capabilities", "Choose among voice, SMS, MMS and fax."),
    "sku_country_iso": _COUNTRY,
    "sku_level_is_a_chance": ("level", "From 0.5 to 0.9999, such as 0.98; blank: that of its class."),
    "sku_limit_in_a_currency": ("cost_limit", f"Not below 0, in a currency: {_CURRENCY}."),
    "stock_target_country_iso": _COUNTRY,
    "stock_target_sane": ("quantity", "At most 1,000,000."),
    "supply_terms_cost_in_a_currency": ("monthly_cost", f"No cost below 0, all in a currency: {_CURRENCY}."),
    "supply_terms_country_iso": _COUNTRY,
    "supply_terms_lead_sane": ("lead_days", "From 0 to 3650 days, and so their deviation."),
    "supply_terms_lot_sane": ("lot", "From 1 to 1,000,000."),
    "tariff_country_iso": _COUNTRY,
    "tariff_currency_iso": ("currency", f"T{_CURRENCY[1:]}."),
    "tariff_not_negative": ("monthly_price", "No price below 0."),
}


class PlainForm(_ModelForm):
    """A form of the console: a constraint that would be violated is told in words, never by its name."""

    def add_error(self, field: str | None, error: Any) -> None:
        """As Django does, but for what the constraints of the model say."""
        if field is None and isinstance(error, ValidationError) and hasattr(error, "error_dict"):
            for name, found in error.error_dict.items():
                for each in found:
                    self._add(None if name == NON_FIELD_ERRORS else name, each)
        else:
            super().add_error(field, error)

    def _add(self, field: str | None, error: ValidationError) -> None:
        names = {constraint.get_violation_error_message(): constraint.name for constraint in self._constraints()}
        violated = names.get(str(error.message)) if field is None else None
        if violated is None:
            super().add_error(field, error)
            return
        at, words = REFUSALS.get(violated, (None, f"Refused: {violated.replace('_', ' ')}."))
        if at in self.fields and at not in self.errors:  # who has been told of a field needs no second reason
            super().add_error(at, words)
        elif at not in self.fields:
            super().add_error(None, words)

    def _constraints(self) -> list[Any]:
        return list(self._meta.model._meta.constraints)
