"""Names of countries, from libphonenumber's locale data."""

import unicodedata
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import phonenumbers
from django.utils.translation import get_language

#: libphonenumber's regions that ISO 3166-1 counts to Saint Helena.
_NO_COUNTRIES = {"AC", "TA"}


def name_of(country: str, language: str = "en") -> str:
    """ "Germany" for "DE", in a language (ISO 639-1) that has a name for it, else in English; the code itself where no
    name is known."""
    return _names(language).get(country, country)


def called(country: str, english: str = "") -> str:
    """What a page or a letter calls it, in the language that is spoken now. `english`: its name there, where that is
    another than libphonenumber's."""
    language = (get_language() or "en")[:2]
    return english if english and language == "en" else name_of(country, language)


def in_order(name: str) -> str:
    """What names are sorted by: letters without marks, small; "Österreich" follows "Oman" (DIN 5007-1)."""
    return "".join(each for each in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(each))


@cache
def every() -> tuple[tuple[str, str], ...]:
    """Code and name of each country that has telephone numbers, by name: choices of a form."""
    codes = phonenumbers.SUPPORTED_REGIONS - _NO_COUNTRIES
    return tuple(sorted(((code, name_of(code)) for code in codes), key=lambda each: in_order(each[1])))


@cache
def _names(language: str) -> dict[str, str]:
    return {country: _in(names, language) or _in(names, "en") or country for country, names in _locale_data().items()}


def _in(names: dict[str, Any], language: str) -> str:
    """Where a language has no name of its own, the data say "*aa": see the entry of language "aa"."""
    name = str(names.get(language, ""))
    return str(names[name[1:]]) if name.startswith("*") else name


def _locale_data() -> dict[str, dict[str, Any]]:
    """The one module of `phonenumbers.geodata` that we want: importing the package costs 120 MB of place names."""
    file = Path(phonenumbers.__file__).parent / "geodata" / "locale.py"
    spec = spec_from_file_location("phonenumbers.geodata.locale", file)
    assert spec is not None  # noqa: S101 - for the type checker: the path ends in .py
    assert spec.loader is not None  # noqa: S101 - as above
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    data: dict[str, dict[str, Any]] = module.LOCALE_DATA
    return data
