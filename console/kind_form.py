"""Forms that name a kind of number: its country, its area code, what it carries."""

import re
from typing import TYPE_CHECKING, Any

from django import forms

from console.plain_form import PlainForm
from numbering.areas import is_nanp, nanp_country
from numbering.countries import name_of
from numbering.types import Capability, NumberType, capability_names

if TYPE_CHECKING:  # the theme ships no types; its widgets are Django's with other classes
    from django.forms import CheckboxSelectMultiple
else:
    from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget as CheckboxSelectMultiple

NAMES = {Capability.VOICE: "Voice", Capability.SMS: "SMS", Capability.MMS: "MMS", Capability.FAX: "Fax"}


class CapabilitiesField(forms.TypedMultipleChoiceField):
    """A box for each capability; its value is the mask that the column keeps."""

    def __init__(self, **kwargs: Any) -> None:
        choices = [(int(capability), name) for capability, name in NAMES.items()]
        super().__init__(choices=choices, coerce=int, widget=CheckboxSelectMultiple, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """The boxes of a mask."""
        return [int(each) for each in NAMES if value & each] if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        """The mask of the boxes. Raises ValidationError."""
        return sum(super().clean(value))

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether the boxes are others."""
        return super().has_changed(self.prepare_value(initial), data)


def carries(mask: int) -> str:
    """In words, for who may only look."""
    return ", ".join(capability_names(mask)) or "any"


class KindForm(PlainForm):
    """Refuses a kind that no number can ever be of: it would be asked for, in vain, every night."""

    def clean_country(self) -> str:
        """In capitals. Raises ValidationError."""
        country = str(self.cleaned_data["country"]).upper()
        if name_of(country) == country:
            raise forms.ValidationError(f"{country} is no country that we know: two letters, ISO 3166-1, such as US.")
        return country

    def clean(self) -> dict[str, Any]:
        """What concerns several fields."""
        given = super().clean() or self.cleaned_data
        if (area := given.get("area_code")) and (country := given.get("country")):
            self._check_area(country, given.get("number_type", ""), area)
        return given

    def _check_area(self, country: str, number_type: str, area: str) -> None:
        if not re.fullmatch(r"[0-9]{1,8}", area):
            self.add_error("area_code", "The digits of an area code, without the trunk prefix.")
        elif is_nanp(country) and number_type == NumberType.LOCAL and nanp_country(area) != country:
            self.add_error("area_code", f"{area} is no area code of {name_of(country)}.")


class SkuForm(KindForm):
    """A SKU says what its numbers carry at least."""

    capabilities = CapabilitiesField(required=False, help_text="What its numbers carry at least; none: whatever.")


class AllocationForm(KindForm):
    """A range of our own says what our network carries to it."""

    capabilities = CapabilitiesField(help_text="What our network carries to these numbers.")


class TermsForm(KindForm):
    """An order is a multiple of the lot and no more than the capacity: one of them must fit."""

    def clean(self) -> dict[str, Any]:
        """What concerns several fields."""
        given = super().clean()
        lot, capacity = given.get("lot"), given.get("capacity")
        if lot is not None and capacity is not None and capacity < lot:
            self.add_error("capacity", f"Less than a lot of {lot}: nothing could be ordered. Blank: no end.")
        return given
