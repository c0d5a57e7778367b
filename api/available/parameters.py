"""The 21 parameters of a search, three of our own, and what they ask for in our words.

They work in every country where our data allow, not only in the US and Canada.
"""

import re
from datetime import timedelta
from typing import Any

from api.errors import Refusal
from api.parameters import Format, Parameter, boolean, e164, integer, text
from inventory.search.criteria import DEFAULT_RADIUS, MAX_RADIUS, Criteria, Near, Whereabouts
from inventory.search.whereabouts import place_of
from numbering.areas import is_nanp
from numbering.e164 import E164, InvalidNumber
from numbering.models import Place
from numbering.patterns import Pattern
from numbering.types import Capability, NumberType
from testing_lab.proofs import passed_mask
from testing_lab.registry import all_tests

_CAPABILITIES = {"voice": Capability.VOICE, "sms": Capability.SMS, "mms": Capability.MMS, "fax": Capability.FAX}
_EXCLUSIONS = {"no_address": {"any", "local", "foreign"}, "no_local": {"local"}, "no_foreign": {"foreign"}}
_DURATION = re.compile(
    r"([0-9]{1,5})|P(?:([0-9]{1,5})W)?(?:([0-9]{1,5})D)?(?:T(?=[0-9])(?:([0-9]{1,6})H)?(?:([0-9]{1,7})M)?(?:([0-9]{1,9})S)?)?"
)
LONGEST_AGE = timedelta(days=3650)
_LAT_LONG = re.compile(r"\s*(-?\d{1,3}(?:\.\d{1,12})?)\s*,\s*(-?\d{1,3}(?:\.\d{1,12})?)\s*")


def _area_code(value: str) -> str:
    if not re.fullmatch(r"[0-9]{1,8}", value):
        raise ValueError("expected the digits of an area code")
    return value


def _point(value: str) -> tuple[float, float]:
    found = _LAT_LONG.fullmatch(value)
    if found is None:
        raise ValueError("expected latitude,longitude in degrees, such as 37.840699,-122.461853")
    latitude, longitude = map(float, found.groups())
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise ValueError("no such place on earth")
    return latitude, longitude


def _value_or_number(value: str) -> str | E164:
    """A name, or a number that stands for its own: "same as that number's"."""
    if not value:
        raise ValueError("a value is expected")
    if not re.fullmatch(r"[+ ][\d ().-]{6,}", value):
        return value
    try:
        return E164.parse(f"+{value[1:]}")  # a plus sign that was not percent-encoded arrives as a space
    except InvalidNumber as error:
        raise ValueError(str(error)) from None


def _pattern(value: str) -> Pattern:
    return Pattern.parse(f"+{value[1:]}" if value[:1] == " " else value)  # as above


def _age(value: str) -> timedelta:
    """Whole days, or a duration of ISO 8601 from weeks to seconds."""
    found = _DURATION.fullmatch(value)
    if found is None or not any(found.groups()):
        raise ValueError("expected days, such as 7, or an ISO 8601 duration, such as P7D or PT12H")
    days, *parts = (int(part or 0) for part in found.groups())
    weeks, more_days, hours, minutes, seconds = parts
    age = timedelta(days=days + more_days, weeks=weeks, hours=hours, minutes=minutes, seconds=seconds)
    if not timedelta(0) < age <= LONGEST_AGE:
        raise ValueError(f"expected more than nothing and at most {LONGEST_AGE.days} days")
    return age


def _tests(value: str) -> int:
    codes, known = {code.strip().upper() for code in value.split(",")}, {test.code for test in all_tests()}
    if unknown := sorted(codes - known):
        raise ValueError(f"there is no test {unknown[0]!r}; there are {', '.join(sorted(known))}")
    return passed_mask(codes)


_place = Format(_value_or_number, {"type": "string"})

FILTERS = [
    Parameter("AreaCode", "area_code", Format(_area_code, {"type": "integer"}), code=21451),
    Parameter("Contains", "pattern", Format(_pattern, text(16, min_length=2).schema)),
    *(Parameter(f"{name.title()}Enabled", name, boolean) for name in _CAPABILITIES),
    Parameter("ExcludeAllAddressRequired", "no_address", boolean),
    Parameter("ExcludeLocalAddressRequired", "no_local", boolean),
    Parameter("ExcludeForeignAddressRequired", "no_foreign", boolean),
    Parameter("Beta", "beta", boolean),
    Parameter("NearNumber", "near_number", e164),
    Parameter("NearLatLong", "near_point", Format(_point, {"type": "string"})),
    Parameter(
        "Distance", "miles", integer(0, MAX_RADIUS), help="Miles around NearNumber or NearLatLong; 25 if not given."
    ),
    Parameter("InPostalCode", "postal_code", _place),
    Parameter("InRegion", "region", _place),
    Parameter("InRateCenter", "rate_centre", _place, help="Needs InLata. Synthetic: no open source has rate centres."),
    Parameter("InLata", "lata", _place, help="Synthetic: no open source has LATAs."),
    Parameter("InLocality", "locality", _place),
]
OURS = [
    Parameter(
        "TestedWithin",
        "tested_within",
        Format(_age, {"type": "string"}),
        help="The last full suite ended within these days (7), or this ISO 8601 duration (PT12H).",
    ),
    Parameter(
        "MustPass",
        "must_pass",
        Format(_tests, {"type": "string"}),
        help="The last full suite passed all of these tests of the lab, comma-separated (V05,S01).",
    ),
    Parameter(
        "Quantity",
        "quantity",
        integer(1, 1000),
        help="How many you want to buy. It filters nothing: where fewer are found, we know what to buy.",
    ),
]


class NothingMatches(Exception):
    """A filter that no number can meet, such as "the same place as" a number that lies nowhere."""


def criteria(country: str, number_type: NumberType, given: dict[str, Any]) -> Criteria:
    """The search that the parameters ask for. Raises Refusal, and NothingMatches."""
    if "rate_centre" in given and "lata" not in given:
        raise Refusal(20001, "Invalid parameter InRateCenter: it needs InLata")
    if is_nanp(country) and len(given.get("area_code", "000")) != 3:
        raise Refusal(21451, f"Invalid area code {given['area_code']}: three digits are expected")
    wanted = [capability for name, capability in _CAPABILITIES.items() if given.get(name)]
    same_locality = isinstance(given.get("locality"), E164)
    return Criteria(
        country=country,
        number_type=number_type,
        capabilities=sum(wanted),
        pattern=given.get("pattern"),
        area_code=given.get("area_code"),
        region=_named(given, "region"),
        whereabouts=Whereabouts(
            locality=None if same_locality else given.get("locality"),
            postal_code=_named(given, "postal_code"),
            lata=_named(given, "lata"),
            rate_centre=_named(given, "rate_centre"),
        ),
        places=frozenset([_place_of(given["locality"]).pk]) if same_locality else None,
        near=_near(given),
        with_beta=given.get("beta", True),
        tested_within=given.get("tested_within"),
        must_pass=given.get("must_pass", 0),
        excluded_requirements=frozenset().union(*(_EXCLUSIONS[name] for name in _EXCLUSIONS if given.get(name))),
    )


def _named(given: dict[str, Any], field: str) -> str | None:
    """The value itself, or what the place of the given number has for it."""
    value = given.get(field)
    if not isinstance(value, E164):
        return value
    found: str | None = getattr(_place_of(value), field)
    if not found:
        raise NothingMatches
    return found


def _near(given: dict[str, Any]) -> Near | None:
    miles = given.get("miles", DEFAULT_RADIUS)
    if "near_point" in given:
        latitude, longitude = given["near_point"]
        return Near(latitude, longitude, miles)
    if "near_number" not in given:
        return None
    place = _place_of(E164.from_int(given["near_number"]))
    if place.latitude is None or place.longitude is None:
        raise NothingMatches
    return Near(place.latitude, place.longitude, miles)


def _place_of(number: E164) -> Place:
    place = place_of(number.digits)
    if place is None:
        raise NothingMatches
    return place
