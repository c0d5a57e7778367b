"""Numbers that registers and tax offices give out: form and check digits, by the python-stdnum modules of the country.

The checks are ours, no regulator asks for them; the country file says of each whether it fails or only flags.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import lru_cache
from importlib import import_module
from types import ModuleType

from stdnum.exceptions import ValidationError
from stdnum.it import codicefiscale

from compliance.rulebook.rules import IdentifierCheck

_LONGEST = 64  # no such number is longer, and their patterns were not written for hostile lengths
_MODULE = re.compile(r"stdnum(\.[a-z_]+){1,2}", re.ASCII)
_EXAMPLE = re.compile(r">>> validate\('([^'\n]+)'\)")
_FISCAL_CODE = "stdnum.it.codicefiscale"
_GENDERS = {"M": "male", "F": "female"}

#: Prefixes of VAT numbers that are not the country's ISO code: Council Directive 2006/112/EC article 215; Swiss UID.
_VAT_PREFIXES = {"GR": "EL", "CH": "CHE"}


def is_accepted(check: IdentifierCheck, text: str) -> bool:
    """Whether one of the modules accepts the number."""
    return len(text) <= _LONGEST and any(accepts(text) for accepts in _validators(check.modules))


def is_accepted_vat(check: IdentifierCheck, text: str, country: str) -> bool:
    """Whether one of the modules accepts the VAT number, with or without the prefix of the country."""
    return any(is_accepted(check, variant) for variant in _with_and_without(_VAT_PREFIXES.get(country, country), text))


def described(check: IdentifierCheck) -> list[tuple[str, str]]:
    """Of each kind that will do: what python-stdnum calls it ("SIREN"), and an example that holds; blank: it has none.

    The examples are those of its own documentation.
    """
    return list(_described(check.modules))


@lru_cache(maxsize=512)
def _described(modules: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    _validators(modules)  # refuses what is no module of it
    return tuple(_told(import_module(name)) for name in modules)


def _told(module: ModuleType) -> tuple[str, str]:
    head, _, rest = (module.__doc__ or "").strip().partition("\n")
    example = next(filter(module.is_valid, _EXAMPLE.findall(rest)), "")
    return head.partition(" (")[0].rstrip("."), example.strip()


def agrees(check: IdentifierCheck, text: str, birth_date: date | None, gender: str) -> bool:
    """Whether an Italian fiscal code states that birth date and gender (blank, other: not compared).

    The code has two digits of the year. Companies carry their VAT number instead, which states neither.
    """
    code = codicefiscale.compact(text)
    if _FISCAL_CODE not in check.modules or len(code) != 16:
        return True
    try:
        born, stated = codicefiscale.get_birth_date(code), codicefiscale.get_gender(code)
    except ValidationError:
        return True  # accepted by another module: it is no fiscal code
    return (birth_date is None or (birth_date.year % 100, birth_date.month, birth_date.day) == _short(born)) and (
        gender not in _GENDERS.values() or gender == _GENDERS[stated]
    )


def _short(day: date) -> tuple[int, int, int]:
    return day.year % 100, day.month, day.day


def _with_and_without(prefix: str, text: str) -> Iterator[str]:
    yield text
    yield text[len(prefix) :] if text.upper().startswith(prefix) else prefix + text


@lru_cache(maxsize=512)
def _validators(modules: tuple[str, ...]) -> tuple[Callable[[str], bool], ...]:
    """Raises ImportError for what is no module of python-stdnum: the linter of the country files refuses it before."""
    if not all(map(_MODULE.fullmatch, modules)):
        raise ImportError(f"no module of python-stdnum: {', '.join(modules)}")
    return tuple(import_module(name).is_valid for name in modules)
