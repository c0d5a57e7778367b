"""What a customer may ask for on the search page."""

from datetime import timedelta
from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from inventory.search.criteria import Criteria, Near, Whereabouts
from inventory.yard.countries import choices
from numbering.areas import is_nanp
from numbering.patterns import InvalidPattern, Pattern
from numbering.types import Capability, NumberType
from portal.find.marking import Wanted
from portal.find.towns import Town, town_called
from portal.find.words import CAPABILITIES, TYPES

KM_PER_MILE = 1.609344
DISTANCES = (10, 25, 50, 100, 250, 500)  # kilometres
AGES = (1, 7, 30)  # days
#: What the form keeps folded.
MORE = ("area_code", "region", "postal_code", "lata", "rate_centre", "tested", "no_address")
_PLAIN = {"autocomplete": "off", "spellcheck": "false"}
# While it is typed the server is asked for towns that begin so; without JavaScript it is a field like any other.
_SUGGESTED = {
    "list": "towns",
    "hx-get": reverse_lazy("portal:towns"),
    "hx-trigger": "input changed delay:200ms",
    "hx-target": "#towns",
    "hx-include": "#id_country, #id_type",
}


class SearchForm(forms.Form):
    """One kind of number in one country, and what it should look like; `criteria` is for `inventory.search`."""

    country = forms.ChoiceField(choices=choices, label=_("Country"))
    type = forms.ChoiceField(choices=list(TYPES.items()), initial=NumberType.LOCAL, label=_("Kind"))
    locality = forms.CharField(
        required=False,
        max_length=120,
        label=_("Town"),
        widget=forms.TextInput(attrs={**_PLAIN, **_SUGGESTED}),
    )
    km = forms.TypedChoiceField(
        required=False,
        coerce=int,
        empty_value=None,
        label=_("Around it"),
        choices=lambda: [("", _("in the town itself")), *((km, _within(km)) for km in DISTANCES)],
    )
    contains = forms.CharField(
        required=False,
        max_length=16,
        label=_("Digits or a word"),
        help_text=_("5*5 or TAXI: * is any digit, $ the end"),
        widget=forms.TextInput(attrs=_PLAIN),
    )
    can = forms.TypedMultipleChoiceField(
        required=False,
        coerce=lambda name: Capability[name],
        choices=[(each.name, word) for each, word in CAPABILITIES.items()],
        label=_("It must carry"),
        widget=forms.CheckboxSelectMultiple,
    )
    area_code = forms.RegexField(
        r"^[0-9]{1,8}$",
        required=False,
        label=_("Area code"),
        error_messages={"invalid": _("An area code is 1 to 8 digits.")},
        widget=forms.TextInput(attrs={**_PLAIN, "inputmode": "numeric"}),
    )
    region = forms.CharField(required=False, max_length=80, label=_("State or region"))
    postal_code = forms.CharField(required=False, max_length=10, label=_("Postal code"))
    lata = forms.CharField(
        required=False,
        max_length=5,
        label=_("LATA"),
        help_text=_("local access and transport area: where US operators hand calls over"),
    )
    rate_centre = forms.CharField(
        required=False,
        max_length=10,
        label=_("Rate centre"),
        help_text=_("the place from which US operators measure distance; needs the LATA"),
    )
    tested = forms.TypedChoiceField(
        required=False,
        coerce=int,
        empty_value=None,
        label=_("Tested"),
        choices=lambda: [("", _("at any time")), *((days, _since(days)) for days in AGES)],
    )
    no_address = forms.BooleanField(required=False, label=_("only kinds that ask for no address"))

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="", initial={"country": "US"})
        self.town: Town | None = None

    def clean_contains(self) -> Pattern | None:
        """The pattern, or None; its own words when it is none."""
        typed = self.cleaned_data["contains"]
        try:
            return Pattern.parse(typed) if typed else None
        except InvalidPattern as error:
            raise forms.ValidationError(_("That can't be searched for: %(why)s."), params={"why": str(error)}) from None

    def clean(self) -> dict[str, Any]:
        """What goes together: a distance needs a town that we can find, a rate centre its LATA."""
        asked = self.cleaned_data
        if asked.get("rate_centre") and not asked.get("lata"):
            self.add_error("rate_centre", _("A rate centre needs its LATA."))
        if is_nanp(asked.get("country", "")) and len(asked.get("area_code") or "000") != 3:
            self.add_error("area_code", _("Here an area code has three digits, such as 415."))
        if asked.get("locality") and "country" in asked:
            self.town = town_called(asked["country"], asked["locality"])
        if asked.get("km"):
            self._check_centre(asked)
        return asked

    def _check_centre(self, asked: dict[str, Any]) -> None:
        if not asked.get("locality"):
            self.add_error("locality", _("Around which town?"))
        elif self.town and self.town.point is None:
            self.add_error("locality", _("We know no town of that name here, or not where it lies."))

    def criteria(self) -> Criteria:
        """What was asked, in the words of the stock; call it when the form is valid."""
        asked: dict[str, Any] = self.cleaned_data
        return Criteria(
            country=asked["country"],
            number_type=NumberType(asked["type"]),
            capabilities=int(sum(asked["can"])),
            pattern=asked["contains"],
            area_code=asked["area_code"] or None,
            region=asked["region"] or (self.town.region if self.town and not asked["km"] else None) or None,
            whereabouts=Whereabouts(
                locality=self.town.name if self.town and not asked["km"] else None,
                postal_code=asked["postal_code"] or None,
                lata=asked["lata"] or None,
                rate_centre=asked["rate_centre"] or None,
            ),
            near=self._circle(),
            tested_within=timedelta(days=asked["tested"]) if asked["tested"] else None,
            excluded_requirements=frozenset({"any", "local", "foreign"} if asked["no_address"] else ()),
        )

    @property
    def wanted(self) -> Wanted | None:
        """The digits or the word, as it was typed and as it was read; call it when the form is valid."""
        pattern = self.cleaned_data["contains"]
        return Wanted(str(self.data["contains"]), pattern) if pattern else None

    @property
    def is_refined(self) -> bool:
        """Whether anything is asked that stands under "more"."""
        return any(self.data.get(name) for name in MORE)

    def _circle(self) -> Near | None:
        km = self.cleaned_data["km"]
        if not km or self.town is None or self.town.point is None:
            return None
        return Near(*self.town.point, miles=round(km / KM_PER_MILE))


def _within(km: int) -> str:
    return gettext("up to %(km)s km away") % {"km": km}


def _since(days: int) -> str:
    return gettext("today or yesterday") if days == 1 else gettext("in the last %(days)s days") % {"days": days}
