"""What may be corrected in an address without asking: only what is certain. Pure.

Blanks and invisible characters, the letter case of a postal code, and the blank or hyphen within it, where the
country's own example has it and the code then fits the country's pattern. No word is ever changed.
"""

import re
from collections.abc import Iterator
from contextlib import suppress

from compliance.evaluation.address_formats import library_format
from compliance.evaluation.text import Unreadable, tidy


def corrected(parts: dict[str, str], country: str) -> dict[str, str]:
    """The parts of an address in that country (ISO 3166-1 alpha-2), put right as far as that is certain."""
    neat = {name: _neat(value) for name, value in parts.items()}
    if code := neat.get("postal_code"):
        neat["postal_code"] = _postal_code(code.upper(), country)
    return neat


def _neat(value: str) -> str:
    with suppress(Unreadable):  # whoever checks the address says so
        return tidy(value)
    return value


def _postal_code(code: str, country: str) -> str:
    form = library_format(country)
    if form is None or form.fits is None:
        return code
    return next(filter(form.fits, _spellings(code, form.example)), code)


def _spellings(code: str, example: str) -> Iterator[str]:
    """As it was given, closed up, and parted where the example is: counted from its end, since GB's begin varies."""
    yield code
    bare = re.sub(r"[\s-]", "", code)
    yield bare
    for found in re.finditer(r"[\s-]", example):
        behind = len(example) - found.end()
        yield f"{bare[:-behind]}{found.group()}{bare[-behind:]}"
