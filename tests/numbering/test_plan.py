"""The block cache must say what libphonenumber says of each single number."""

from unittest.mock import patch

import phonenumbers
import pytest
from hypothesis import given, settings
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata, PhoneNumberFormat, PhoneNumberType

from numbering import plan
from numbering.plan import (
    NUMBER_TYPES,
    block_of,
    calling_code,
    destination_code,
    facts,
    national_format,
    phone_number,
)
from tests.numbering.numbers import EXAMPLES, e164_digits


@settings(max_examples=1000)
@given(e164_digits)
def test_country_kind_and_format_of_a_block_are_those_of_the_number(digits: int) -> None:
    number = phone_number(digits)
    country, kind = facts(digits)
    assert country == _alpha2(phonenumbers.region_code_for_number(number))
    assert kind == NUMBER_TYPES.get(phonenumbers.number_type(number))
    is_premium = phonenumbers.number_type(number) == PhoneNumberType.PREMIUM_RATE
    assert (kind is not None) == (phonenumbers.is_valid_number(number) and not is_premium)
    assert national_format(digits) == phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)


@settings(max_examples=500)
@given(e164_digits)
def test_the_area_code_of_a_block_is_that_of_the_number(digits: int) -> None:
    number = phone_number(digits)
    length = phonenumbers.length_of_geographical_area_code(number)
    if not length and _has_trunk_prefix(facts(digits).country):
        length = phonenumbers.length_of_national_destination_code(number)
    assert destination_code(digits) == phonenumbers.national_significant_number(number)[:length]


@pytest.mark.parametrize(("digits", "country"), [(449098790123, "GB"), (33891123456, "FR"), (4990091234567, "DE")])
def test_a_premium_rate_number_has_a_country_and_no_type_to_be_sold_as(digits: int, country: str) -> None:
    assert phonenumbers.number_type(phone_number(digits)) == PhoneNumberType.PREMIUM_RATE
    assert facts(digits) == (country, None)


def test_the_object_for_libphonenumber_is_the_one_it_would_parse() -> None:
    assert len(EXAMPLES) > 900
    assert [text for text in EXAMPLES if phone_number(int(text[1:])) != phonenumbers.parse(text)] == []


def test_no_country_code_is_the_start_of_another() -> None:
    codes = [str(code) for code in COUNTRY_CODE_TO_REGION_CODE]
    assert [calling_code(int(code)) for code in codes] == [int(code) for code in codes]
    assert not [(a, b) for a in codes for b in codes if a != b and b.startswith(a)]


def test_a_whole_exchange_is_one_block() -> None:
    assert {block_of(number).head for number in range(14155550000, 14155560000, 37)} == {"14155"}


def test_libphonenumber_is_asked_once_for_a_hundred_thousand_numbers_of_an_area() -> None:
    plan._facts_of.cache_clear()
    with patch.object(phonenumbers, "number_type", wraps=phonenumbers.number_type) as asked:
        for digits in range(14155500000, 14155600000):
            facts(digits)
    assert asked.call_count == 1  # 0.6 s for all of them; one call each would take 15 s


def _alpha2(region: str | None) -> str:
    return region if region is not None and len(region) == 2 else ""


def _has_trunk_prefix(country: str) -> bool:
    metadata = PhoneMetadata.metadata_for_region(country, None) if country else None
    return metadata is not None and metadata.national_prefix is not None
