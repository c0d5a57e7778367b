"""Names of countries, in English, from libphonenumber's locale data."""

from phonenumbers.geodata.locale import LOCALE_DATA


def name_of(country: str) -> str:
    """ "Germany" for "DE"; the code itself where no name is known."""
    return str(LOCALE_DATA.get(country, {}).get("en", country))
