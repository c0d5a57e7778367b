"""E.164 numbers (ITU-T E.164): one value, at most fifteen digits, stored as an integer."""

import re
from dataclasses import dataclass
from typing import Self

import phonenumbers

from numbering.plan import calling_code, facts, national_format, phone_number
from numbering.types import NumberType

MIN_DIGITS = 7  # Niue and St Helena: three digits of country code and four of subscriber number
MAX_DIGITS = 15  # ITU-T E.164 section 6.1

_LEAST, _ABOVE = 10 ** (MIN_DIGITS - 1), 10**MAX_DIGITS

# Space, hyphen, dot, slash and parentheses (ITU-T E.123), with their typographic twins.
_SEPARATORS = str.maketrans("", "", " -./()\u00a0\u2009\u202f\u2010\u2011\u2012\u2013")
_ANY_DIGITS = re.compile(r"[0-9]+", re.ASCII)


class InvalidNumber(ValueError):
    """The text or integer is no E.164 number; the message says why."""


@dataclass(frozen=True, slots=True, order=True)
class E164:
    """One E.164 number. Equality, order and hash are those of its digits."""

    digits: int

    def __post_init__(self) -> None:
        _check(self.digits)

    @classmethod
    def parse(cls, text: str, region: str | None = None) -> Self:
        """Read "+14155550123" with the usual visual separators, or a national number of `region`.

        The shape is checked (assigned country code, 7 to 15 digits), not that the number is in use: see
        `is_valid`. Raises InvalidNumber.
        """
        text = text.strip()
        if text.startswith("+") or region is None:
            return cls(parse_digits(text))
        return cls(_parse_national(text, region))

    @classmethod
    def from_int(cls, digits: int) -> Self:
        """Wrap digits as the database stores them. Raises InvalidNumber."""
        return cls(digits)

    def __str__(self) -> str:
        return f"+{self.digits}"

    @property
    def country(self) -> str:
        """ISO 3166-1 alpha-2 code; "" when it belongs to no country (+800, +883, an unassigned area code)."""
        return facts(self.digits).country

    @property
    def number_type(self) -> NumberType:
        """The kind of number by its numbering plan. Raises InvalidNumber when the plan has no such number, or has it
        for what is none of our types (premium rate)."""
        found = facts(self.digits).number_type
        if found is None:
            raise InvalidNumber(f"{self} is of no known type in the numbering plan of its country")
        return found

    @property
    def is_valid(self) -> bool:
        """Whether the numbering plan of its country has such a number, of a type that we know."""
        return facts(self.digits).number_type is not None

    @property
    def national_format(self) -> str:
        """As written inside its country: "(415) 555-0123", "020 7946 0018"."""
        return national_format(self.digits)

    @property
    def international_format(self) -> str:
        """As written abroad (ITU-T E.123): "+1 415-555-0123"."""
        numbered = phone_number(self.digits)
        return phonenumbers.format_number(numbered, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def parse_digits(text: str) -> int:
    """The digits of an international number as an integer: `E164.parse` without the object, for bulk work.

    Raises InvalidNumber.
    """
    digits = text[1:]
    if text[:1] != "+" or not (digits.isascii() and digits.isdigit()):
        digits = _strip_separators(text)
    if digits[:1] == "0":
        raise InvalidNumber("a country code does not start with 0")
    if len(digits) > MAX_DIGITS:  # before int(): its cost grows with the square of the length
        raise InvalidNumber(f"more than {MAX_DIGITS} digits")
    return _check(int(digits))


def country_of(digits: int) -> str:
    """ISO 3166-1 alpha-2 code of the number, "" when it belongs to no country. Cached by block of numbers."""
    return facts(digits).country


def friendly_name(digits: int, country: str) -> str:
    """The national format, cheap enough for every row of a search."""
    if digits // 10_000_000_000 == 1 and country in ("US", "CA"):
        text = str(digits)
        return f"({text[1:4]}) {text[4:7]}-{text[7:]}"
    return national_format(digits)


def _strip_separators(text: str) -> str:
    text = text.strip()
    if not text.startswith("+"):
        raise InvalidNumber("an international number starts with +")
    if "(0)" in text:
        raise InvalidNumber("the trunk prefix (0) is no part of an international number")
    digits = text[1:].translate(_SEPARATORS)
    if not _ANY_DIGITS.fullmatch(digits):
        raise InvalidNumber("only digits may follow the +" if digits else "no digits after the +")
    return digits


def _parse_national(text: str, region: str) -> int:
    if not _ANY_DIGITS.fullmatch(text.translate(_SEPARATORS)):
        raise InvalidNumber("a national number holds only digits and separators")
    try:
        parsed = phonenumbers.parse(text, region.upper())
    except phonenumbers.NumberParseException as error:
        raise InvalidNumber(f"no national number of {region}: {error}") from None
    return int(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)[1:])


def _check(digits: int) -> int:
    if digits < _LEAST:
        raise InvalidNumber(f"fewer than {MIN_DIGITS} digits")
    if digits >= _ABOVE:
        raise InvalidNumber(f"more than {MAX_DIGITS} digits")
    if calling_code(digits) is None:
        raise InvalidNumber(f"no country code is assigned at the start of +{digits}")
    return digits
