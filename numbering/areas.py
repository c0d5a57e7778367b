"""Area codes: which part of a number names its area."""

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

from numbering.e164 import E164
from numbering.plan import destination_code, facts
from numbering.types import NumberType

NANP_COUNTRIES = frozenset(COUNTRY_CODE_TO_REGION_CODE[1])


def is_nanp(country: str) -> bool:
    """Whether the ISO alpha-2 country belongs to the North American Numbering Plan (+1)."""
    return country in NANP_COUNTRIES


def area_code(number: E164 | int) -> str:
    """NANP: the three digits of the NPA ("415"). Elsewhere the national destination code ("20", "89", "1").

    "" where the plan has none (closed plans such as Denmark's and Spain's). Bulk work passes the digits as they are.
    """
    digits = number.digits if isinstance(number, E164) else number
    text = str(digits)
    if text[0] == "1":
        return text[1:4]
    return destination_code(digits)


def nanp_country(area: str) -> str:
    """The ISO alpha-2 country of a geographic NANP area code ("416": CA); "" where there is none."""
    if len(area) != 3 or not area.isdecimal():
        return ""
    found = facts(int(f"1{area}2345678"))  # an office code and a line that no plan sets apart
    return found.country if found.number_type in (NumberType.LOCAL, NumberType.MOBILE) else ""


def may_have(country: str, number_type: NumberType, area: str) -> bool:
    """Whether numbers of the ISO alpha-2 country and type can carry this area code. NANP: a geographic code is of one
    country, and any of its numbers may carry it; 800 and its like are of one type and of all countries. Other plans
    are not looked up: nothing is known against their codes."""
    if not is_nanp(country) or not area:
        return True
    if geographic := nanp_country(area):
        return geographic == country
    return len(area) == 3 and area.isdecimal() and facts(int(f"1{area}2345678")).number_type == number_type


def npa_nxx(number: E164) -> str:
    """NPA and central office code of a NANP number ("415555"), the unit of block assignment; else ""."""
    text = str(number.digits)
    return text[1:7] if len(text) == 11 and text[0] == "1" else ""
