import pytest

from numbering.areas import area_code, is_nanp, npa_nxx
from numbering.e164 import E164


@pytest.mark.parametrize(
    ("country", "text", "code"),
    [
        ("US", "+14155550123", "415"), ("US", "+18005550199", "800"), ("CA", "+14165550123", "416"),
        ("JM", "+18765550123", "876"), ("GB", "+442079460018", "20"), ("GB", "+441614960018", "161"),
        ("IE", "+35312345678", "1"), ("IE", "+353211234567", "21"), ("DE", "+4989123456", "89"),
        ("DE", "+493012345678", "30"), ("FR", "+33142685300", "1"), ("IT", "+390612345678", "06"),
        ("AU", "+61293744000", "2"), ("SE", "+46812345678", "8"), ("AT", "+4315123456", "1"),
        ("CH", "+41441234567", "44"), ("JP", "+81312345678", "3"), ("BR", "+551131234567", "11"),
        ("MX", "+525512345678", "55"), ("AR", "+541143219876", "11"), ("IN", "+912212345678", "22"),
        ("KZ", "+77172123456", "7172"), ("NL", "+31201234567", "20"), ("ZA", "+27211234567", "21"),
        ("ES", "+34912345678", ""), ("DK", "+4532123456", ""), ("NO", "+4722123456", ""), ("PT", "+351212345678", ""),
        ("SG", "+6561234567", ""), ("HK", "+85221234567", ""),
    ],
)  # fmt: skip
def test_the_area_code_is_the_countrys_own(country: str, text: str, code: str) -> None:
    number = E164.parse(text)
    assert (number.country, area_code(number)) == (country, code)


@pytest.mark.parametrize(("text", "code"), [("+447400123456", "7400"), ("+46701234567", "70"), ("+41791234567", "79")])
def test_a_mobile_number_has_its_destination_code(text: str, code: str) -> None:
    assert area_code(E164.parse(text)) == code


def test_npa_nxx_is_north_american_only() -> None:
    assert npa_nxx(E164(14155550123)) == "415555"
    assert npa_nxx(E164(442079460018)) == ""


def test_membership_of_the_north_american_plan() -> None:
    assert all(map(is_nanp, ["US", "CA", "PR", "JM", "BS"]))
    assert not any(map(is_nanp, ["MX", "GB", "CU", ""]))
