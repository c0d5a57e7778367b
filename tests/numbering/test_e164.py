import pytest
from hypothesis import given
from hypothesis import strategies as st

from numbering.e164 import E164, InvalidNumber, country_of, friendly_name, parse_digits
from numbering.types import NumberType
from tests.numbering.numbers import EXAMPLES, e164_digits


@given(e164_digits)
def test_every_number_survives_writing_and_reading(digits: int) -> None:
    number = E164.from_int(digits)
    assert E164.parse(str(number)) == number
    assert parse_digits(str(number)) == digits


@given(st.sampled_from([example for example in EXAMPLES if len(example) > 7]))
def test_the_formats_written_for_people_are_read_back(text: str) -> None:
    number = E164.parse(text)
    assert E164.parse(number.international_format) == number
    if number.country:
        assert E164.parse(number.national_format, region=number.country) == number


@given(st.text(), st.none() | st.sampled_from(["US", "de", "ZZ", ""]))
def test_arbitrary_text_is_a_number_or_refused_never_an_accident(text: str, region: str | None) -> None:
    try:
        number = E164.parse(text, region)
    except InvalidNumber as refusal:
        assert str(refusal)
    else:
        assert 10**6 <= number.digits < 10**15


@given(st.text("+0123456789 -.()/\u00a0a\u0663", max_size=24))
def test_text_that_looks_like_a_number_is_read_as_its_digits_or_refused(text: str) -> None:
    try:
        digits = parse_digits(text)
    except InvalidNumber:
        return
    assert str(digits) == "".join(sign for sign in text if sign in "0123456789")


@pytest.mark.parametrize(
    "text",
    ["+14155550123", "+1 (415) 555-0123", " +1.415.555.0123 ", "+1\u00a0415\u2011555\u20110123", "+1 415/555 0123"],
)
def test_the_usual_visual_separators_are_read(text: str) -> None:
    assert E164.parse(text).digits == 14155550123


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", r"starts with \+"),
        ("14155550123", r"starts with \+"),
        ("+", "no digits"),
        ("+1 415 CALL NOW", "only digits"),
        ("+١٤١٥٥٥٥٠١٢٣", "only digits"),
        ("++14155550123", "only digits"),
        ("+04155550123", "does not start with 0"),
        ("+123456", "fewer than 7"),
        ("+1415555012345678", "more than 15"),
        ("+" + "1" * 10_000, "more than 15"),
        ("+9995550123", "no country code"),
        ("+44 (0)20 7946 0018", "trunk prefix"),
    ],
)
def test_what_is_no_e164_number_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(InvalidNumber, match=reason):
        E164.parse(text)


def test_national_input_needs_its_region() -> None:
    assert E164.parse("020 7946 0018", region="gb") == E164(442079460018)
    assert E164.parse("(415) 555-0123", region="US") == E164(14155550123)
    with pytest.raises(InvalidNumber, match="starts with"):
        E164.parse("020 7946 0018")


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("+14155550123", "US"), ("+14165550123", "CA"), ("+18765550123", "JM"), ("+17875550123", "PR"),
        ("+18005550199", "US"), ("+442079460018", "GB"), ("+441534123456", "JE"), ("+441624756789", "IM"),
        ("+79161234567", "RU"), ("+77172123456", "KZ"), ("+390612345678", "IT"), ("+390669812345", "VA"),
        ("+4779123456", "SJ"), ("+35818123456", "AX"), ("+262269601234", "YT"), ("+590590201234", "GP"),
        ("+80012345678", ""), ("+883510012345", ""),
    ],
)  # fmt: skip
def test_a_shared_country_code_still_gives_the_right_country(text: str, country: str) -> None:
    number = E164.parse(text)
    assert number.country == country_of(number.digits) == country


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("+14155550123", NumberType.LOCAL), ("+18005550199", NumberType.TOLL_FREE),
        ("+447400123456", NumberType.MOBILE), ("+611300123456", NumberType.SHARED_COST),
        ("+443001234567", NumberType.NATIONAL),
        ("+445612345678", NumberType.VOIP), ("+4989123456", NumberType.LOCAL), ("+33801234567", NumberType.TOLL_FREE),
        ("+353761234567", NumberType.VOIP),
    ],
)  # fmt: skip
def test_the_kind_of_number_follows_the_plan(text: str, kind: NumberType) -> None:
    assert E164.parse(text).number_type is kind


def test_a_number_outside_its_plan_is_invalid_and_has_no_kind() -> None:
    number = E164.parse("+11115550123")  # no area code starts with 1
    assert not number.is_valid
    with pytest.raises(InvalidNumber, match="no known type in the numbering plan"):
        _ = number.number_type


def test_a_trunk_prefix_kept_in_the_digits_makes_the_number_invalid() -> None:
    assert not E164(4402079460018).is_valid


@pytest.mark.parametrize(
    ("digits", "name"),
    [(14155550123, "(415) 555-0123"), (442079460018, "020 7946 0018"), (4989123456, "089 123456"),
     (33142685300, "01 42 68 53 00"), (390612345678, "06 1234 5678")],
)  # fmt: skip
def test_the_friendly_name_is_the_national_format(digits: int, name: str) -> None:
    assert friendly_name(digits, country_of(digits)) == E164(digits).national_format == name


@given(st.integers(10**9, 10**10 - 1))
def test_the_north_american_short_cut_writes_what_libphonenumber_writes(national: int) -> None:
    number = E164(10**10 + national)
    if number.is_valid:
        assert friendly_name(number.digits, "US") == number.national_format


def test_numbers_sort_and_hash_by_their_digits() -> None:
    london, san_francisco = E164(442079460018), E164(14155550123)
    assert sorted({london, san_francisco, E164(14155550123)}) == [san_francisco, london]
