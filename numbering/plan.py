"""The national numbering plans, as libphonenumber's metadata state them."""

from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneNumber, PhoneNumberFormat, PhoneNumberType

from numbering.types import NumberType

# One row per type of libphonenumber. Machine-to-machine is missing: the metadata cannot tell those ranges from
# mobile, so that type is only ever declared by a provider or an import. UNKNOWN is missing: not in the plan.
NUMBER_TYPES: dict[int, NumberType] = {
    PhoneNumberType.FIXED_LINE: NumberType.LOCAL,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: NumberType.LOCAL,  # NANP: mobiles use their town's area code
    PhoneNumberType.MOBILE: NumberType.MOBILE,
    PhoneNumberType.PAGER: NumberType.MOBILE,  # a radio terminal, reached through a mobile network
    PhoneNumberType.TOLL_FREE: NumberType.TOLL_FREE,
    PhoneNumberType.SHARED_COST: NumberType.SHARED_COST,
    PhoneNumberType.PREMIUM_RATE: NumberType.SHARED_COST,  # the nearest: the caller pays extra
    PhoneNumberType.VOIP: NumberType.VOIP,
    PhoneNumberType.UAN: NumberType.NATIONAL,  # one number for a company, no place
    PhoneNumberType.PERSONAL_NUMBER: NumberType.NATIONAL,  # follows a person, no place
    PhoneNumberType.VOICEMAIL: NumberType.NATIONAL,  # network access numbers, no place
}


class Facts(NamedTuple):
    """What the plan says of a number. `country` is "" and `number_type` None where it says nothing."""

    country: str
    number_type: NumberType | None


def calling_code(digits: int) -> int | None:
    """The assigned country code that the digits start with (no code is a prefix of another), else None."""
    text = str(digits)
    for length in (1, 2, 3):
        if (code := int(text[:length])) in COUNTRY_CODE_TO_REGION_CODE:
            return code
    return None


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


@lru_cache(maxsize=65_536)
def facts(digits: int) -> Facts:
    """Country and type of a number."""
    number = phone_number(digits)
    region = phonenumbers.region_code_for_number(number)
    kind = NUMBER_TYPES.get(phonenumbers.number_type(number))
    return Facts(region if region and len(region) == 2 else "", kind)


@lru_cache(maxsize=65_536)
def national_format(digits: int) -> str:
    """As written inside the country."""
    return phonenumbers.format_number(phone_number(digits), PhoneNumberFormat.NATIONAL)


@lru_cache(maxsize=65_536)
def destination_code(digits: int) -> str:
    """The geographical area code, else (mobile ...) the national destination code; "" in a closed plan.

    Callers in a closed plan always dial all digits (DK, ES, NO, PT, SG): its metadata have no trunk prefix.
    """
    number = phone_number(digits)
    length = phonenumbers.length_of_geographical_area_code(number)
    if not length and _has_trunk_prefix(facts(digits).country):
        length = phonenumbers.length_of_national_destination_code(number)
    return phonenumbers.national_significant_number(number)[:length]


def _has_trunk_prefix(country: str) -> bool:
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(country or "ZZ")
    return metadata is not None and metadata.national_prefix is not None
