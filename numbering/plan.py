"""The national numbering plans, as libphonenumber's metadata state them.

Asking libphonenumber costs about 0.2 ms. Here it is asked once for each *block*: the numbers of one length that
share the leading digits behind which no rule of the plan looks (`numbering.rules`). In +1 415 that is "14155".
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    PhoneMetadata,
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberType,
)

from numbering import rules
from numbering.types import NumberType

# One row per type of libphonenumber. Machine-to-machine is missing: the metadata cannot tell those ranges from
# mobile, so that type is only ever declared by a provider or an import. Premium rate is missing: the caller pays extra,
# which is none of our types, and to sell it as one would hide that. UNKNOWN is missing: not in the plan.
NUMBER_TYPES: dict[int, NumberType] = {
    PhoneNumberType.FIXED_LINE: NumberType.LOCAL,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: NumberType.LOCAL,  # NANP: mobiles use their town's area code
    PhoneNumberType.MOBILE: NumberType.MOBILE,
    PhoneNumberType.PAGER: NumberType.MOBILE,  # a radio terminal, reached through a mobile network
    PhoneNumberType.TOLL_FREE: NumberType.TOLL_FREE,
    PhoneNumberType.SHARED_COST: NumberType.SHARED_COST,
    PhoneNumberType.VOIP: NumberType.VOIP,
    PhoneNumberType.UAN: NumberType.NATIONAL,  # one number for a company, no place
    PhoneNumberType.PERSONAL_NUMBER: NumberType.NATIONAL,  # follows a person, no place
    PhoneNumberType.VOICEMAIL: NumberType.NATIONAL,  # network access numbers, no place
}

_TYPE_DESCRIPTIONS = (
    *("general_desc", "fixed_line", "mobile", "pager", "toll_free", "shared_cost", "premium_rate"),
    *("voip", "uan", "personal_number", "voicemail"),
)

#: By the first digits of a number, up to three: its assigned country code. No code is a prefix of another.
_CODES = {
    start: code
    for start in (str(number) for number in range(1_000))
    for code in (int(start[:length]) for length in range(1, len(start) + 1))
    if code in COUNTRY_CODE_TO_REGION_CODE
}

# A few megabytes when full. Stock comes in far fewer blocks: the whole of +1 has 9,710.
_BLOCKS = 65_536


class Facts(NamedTuple):
    """What the plan says of a number. `country` is "" where it says nothing, and `number_type` None where it says
    nothing that we have a type for."""

    country: str
    number_type: NumberType | None


class Block(NamedTuple):
    """The numbers that start with `head` and have `length` digits: all alike to the plan."""

    head: str
    length: int

    def filled(self, digit: str) -> int:
        """The number of the block whose other digits are all this one."""
        return int(self.head.ljust(self.length, digit))


def calling_code(digits: int) -> int | None:
    """The assigned country code that the digits start with, else None."""
    return _CODES.get(str(digits)[:3])


def country_code(country: str) -> int:
    """What stands before the national numbers of a country (ISO 3166-1 alpha-2): 44 for "GB"; 0 if it has none."""
    return phonenumbers.country_code_for_region(country)


def phone_number(digits: int) -> PhoneNumber:
    """libphonenumber's object for exactly these digits: nothing guessed, no trunk prefix stripped."""
    code = calling_code(digits)
    national = str(digits)[len(str(code or "")) :]
    zeros = min(len(national) - len(national.lstrip("0")), max(len(national) - 1, 0))
    return PhoneNumber(
        country_code=code,
        national_number=int(national or "0"),
        italian_leading_zero=zeros > 0 or None,
        number_of_leading_zeros=zeros if zeros > 1 else None,
    )


def block_of(digits: int) -> Block:
    """The block of a number whose country code is assigned."""
    text = str(digits)
    for end in range(1, len(text)):
        if _is_settled(text[:end]):
            return Block(text[:end], len(text))
    return Block(text, len(text))


def facts(digits: int) -> Facts:
    """Country and type of a number."""
    return _facts_of(block_of(digits))


def national_format(digits: int) -> str:
    """As written inside the country: "(415) 555-0123", "020 7946 0018"."""
    block = block_of(digits)
    return _template(block) % tuple(str(digits)[len(block.head) :])


def destination_code(digits: int) -> str:
    """The geographical area code, else (mobile ...) the national destination code; "" in a closed plan.

    Callers in a closed plan always dial all digits (DK, ES, NO, PT, SG): its metadata have no trunk prefix.
    """
    start = len(str(calling_code(digits) or ""))
    return str(digits)[start : start + _destination_code_length(block_of(digits))]


@lru_cache(maxsize=_BLOCKS)
def _is_settled(head: str) -> bool:
    left = _left_behind(head)
    return left is not None and rules.settled(left)


@lru_cache(maxsize=_BLOCKS)
def _left_behind(head: str) -> frozenset[rules.Rule] | None:
    """What the rules still ask behind these leading digits; None within the country code."""
    code = calling_code(int(head))
    if code is None:
        return None
    if len(head) == len(str(code)):
        return frozenset(map(rules.parse, _expressions(code)))
    before = _left_behind(head[:-1])
    return None if before is None else rules.after(before, int(head[-1]))


def _expressions(code: int) -> Iterator[str]:
    """Every regular expression that decides on the country, type, validity or format of a number."""
    for region in COUNTRY_CODE_TO_REGION_CODE[code]:
        metadata = PhoneMetadata.metadata_for_region_or_calling_code(code, region)
        if metadata is None:
            continue
        for name in _TYPE_DESCRIPTIONS:
            description = getattr(metadata, name)
            if description is not None and description.national_number_pattern:
                yield description.national_number_pattern
        if metadata.leading_digits:
            yield metadata.leading_digits
        for number_format in (*metadata.number_format, *metadata.intl_number_format):
            yield from filter(None, (number_format.pattern, *number_format.leading_digits_pattern[-1:]))


@lru_cache(maxsize=_BLOCKS)
def _facts_of(block: Block) -> Facts:
    number = phone_number(block.filled("0"))
    region = phonenumbers.region_code_for_number(number)
    kind = NUMBER_TYPES.get(phonenumbers.number_type(number))
    return Facts(region if region and len(region) == 2 else "", kind)


@lru_cache(maxsize=_BLOCKS)
def _template(block: Block) -> str:
    """The national format with %s for each digit behind the head: where two numbers of the block differ."""
    pair = (_national(block.filled("0")), _national(block.filled("1")))
    return "".join(zero if zero == one else "%s" for zero, one in zip(*pair, strict=True))


def _national(digits: int) -> str:
    return phonenumbers.format_number(phone_number(digits), PhoneNumberFormat.NATIONAL)


@lru_cache(maxsize=_BLOCKS)
def _destination_code_length(block: Block) -> int:
    number = phone_number(block.filled("0"))
    length = phonenumbers.length_of_geographical_area_code(number)
    if not length and _has_trunk_prefix(_facts_of(block).country):
        length = phonenumbers.length_of_national_destination_code(number)
    return length


def _has_trunk_prefix(country: str) -> bool:
    metadata = PhoneMetadata.metadata_for_region(country or "ZZ")
    return metadata is not None and metadata.national_prefix is not None
