"""How fields are written, identifiers, and text that is not what it looks like."""

from datetime import date

import pytest

from compliance.evaluation import identifiers
from compliance.evaluation.days import day_of, is_older
from compliance.evaluation.formats import fault_of
from compliance.evaluation.issuers import EU_MEMBERS, accepted_issuers
from compliance.evaluation.outcome import Code
from compliance.evaluation.text import Unreadable, mixes_scripts, text_of
from compliance.rulebook.catalogue import catalogue
from compliance.rulebook.rules import IdentifierCheck
from tests.compliance.evaluation.cases import ON, countries, rules_of


def code_of(field: str, text: str) -> Code | None:
    fault = fault_of(catalogue().field(field), text, ON)
    return fault.code if fault else None


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("a@b.de", True),
        ("first.last+tag@mail.company.co.uk", True),
        ("info@müller.de", True),
        ("info@localhost", False),
        ("info@", False),
        ("@company.com", False),
        ("a b@company.com", False),
        ("a@b@company.com", False),
        ("a@company..com", False),
        ("a@" + "x" * 64 + ".com", False),
    ],
)
def test_email(text: str, valid: bool) -> None:
    assert code_of("email", text) == (None if valid else Code.INVALID_EMAIL)


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("+4915123456789", True),
        ("+44 20 7946 0018", True),
        ("+1 (415) 555-2671", True),
        ("+49 (0) 89 123456", False),
        ("089 123456", False),
        ("004989123456", False),
        ("+999123456789", False),
        ("+1234", False),
        ("+1" + "5" * 200, False),
        ("+49 89 ABC", False),
    ],
)
def test_phone_number(text: str, valid: bool) -> None:
    assert code_of("phone_number", text) == (None if valid else Code.INVALID_PHONE_NUMBER)


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("1983-11-18", True),
        ("2026-11-21", True),
        ("2026-11-22", False),
        ("1906-11-21", True),  # 120 years ago today
        ("1906-11-20", False),
        ("1983-02-29", False),
        ("1983-11", False),
        ("18/11/1983", False),
        ("0000-01-01", False),
        ("1983-11-18T00:00:00Z", False),
        ("\u0661\u0669\u0668\u0663-11-18", False),
    ],
)
def test_birth_date(text: str, valid: bool) -> None:
    assert code_of("birth_date", text) == (None if valid else Code.INVALID_BIRTH_DATE)


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("https://www.company.com", True),
        ("http://company.co.uk:8080/path?query#part", True),
        ("https://müller.de", True),
        ("https://xn--mller-kva.de/", True),
        ("https://COMPANY.com.", True),
        ("https://8.8.8.8/", True),
        ("company.com", False),
        ("ftp://company.com", False),
        ("javascript:alert(1)", False),
        ("https://", False),
        ("https://localhost", False),
        ("https://intranet", False),
        ("https://printer.local", False),
        ("https://a.internal", False),
        ("https://127.0.0.1", False),
        ("https://10.0.0.1", False),
        ("https://169.254.169.254/", False),
        ("https://[::1]/", False),
        ("https://[::ffff:127.0.0.1]/", False),
        ("https://[broken", False),
        ("https://2130706433", False),
        ("https://0x7f.1", False),
        ("https://user:password@company.com", False),
        ("https://company.com:port", False),
        ("https://company..com", False),
        ("https://-company.com", False),
        ("https://company.com\\@127.0.0.1", False),
        ("https://company .com", False),
        ("https://" + "a" * 64 + ".com", False),
    ],
)
def test_website(text: str, valid: bool) -> None:
    assert code_of("business_website", text) == (None if valid else Code.INVALID_URL)


@pytest.mark.parametrize("text", ["Anna-Lena", "O'Brien", "李", "Jr. Müller"])
def test_a_name(text: str) -> None:
    assert code_of("first_name", text) is None


@pytest.mark.parametrize("text", ["Anna 2", "R2D2", "\u0663", "Ⅷ1"])
def test_a_name_has_no_digits(text: str) -> None:
    assert code_of("first_name", text) == Code.END_USER_FIELD_MISSING


@pytest.mark.parametrize(
    ("field", "valid", "invalid"), [("gender", "female", "Female"), ("business_identity", "DIRECT_CUSTOMER", "DIRECT")]
)
def test_a_choice_is_one_of_the_list(field: str, valid: str, invalid: str) -> None:
    assert (code_of(field, valid), code_of(field, invalid)) == (None, Code.INVALID_ENUM_VALUE)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("", ""),
        (" \t\r\n\u00a0\u2003\u200b\ufeff\u00ad", ""),
        ([], ""),
        ({}, ""),
        ("  two\u00a0 words ", "two words"),
        ("\uff21\uff22\uff11", "AB1"),
        ("Mu\u0308ller", "Müller"),
        ("a\x00b\x1bc", "abc"),
        ("line\nline", "line line"),
    ],
)
def test_what_looks_the_same_is_read_the_same(value: object, text: str) -> None:
    assert text_of(value, 100) == text


@pytest.mark.parametrize(
    "value",
    [0, 7, 1.5, True, False, ["text"], {"a": "b"}, [None], "\ud800", "a\udfffb", "x" * 101, "x" * 10**6, "\ufdfa" * 50],
)
def test_what_is_no_text_is_unreadable_and_is_not_repeated(value: object) -> None:
    with pytest.raises(Unreadable) as why:
        text_of(value, 100)
    assert "x" * 3 not in str(why.value)


def test_words_of_two_alphabets_are_told_from_names_of_two_words() -> None:
    assert mixes_scripts("P\u043estfach")
    assert mixes_scripts("\u0391BC Telecom")
    assert not mixes_scripts("Postfach Почта")
    assert not mixes_scripts("Straße 7, Ångström & Œuvre")
    assert not mixes_scripts("\u0391\u0392-tech")


def test_iso_days_only() -> None:
    assert day_of("2026-11-21") == date(2026, 11, 21)
    assert [day_of(text) for text in ("", "2026-13-01", "2026-02-29", "20261121", "2026-W47-6", "26-11-21")] == [
        None
    ] * 6


@pytest.mark.parametrize(
    ("issued", "months", "on", "older"),
    [
        (date(2026, 8, 21), 3, date(2026, 11, 21), False),
        (date(2026, 8, 20), 3, date(2026, 11, 21), True),
        (date(2025, 11, 30), 3, date(2026, 2, 28), False),
        (date(2025, 11, 30), 3, date(2026, 3, 1), True),
        (date(2024, 2, 29), 12, date(2025, 2, 28), False),
        (date(2024, 2, 29), 12, date(2025, 3, 1), True),
        (date(2025, 12, 31), 1, date(2026, 1, 31), False),
        (date(9999, 12, 31), 1, date(9999, 12, 31), False),
        (date(1, 1, 1), 6, date(2026, 11, 21), True),
    ],
)
def test_a_term_in_months_ends_on_the_same_day_of_the_month(issued: date, months: int, on: date, older: bool) -> None:
    assert is_older(issued, months, on) is older


def test_the_union_has_27_members() -> None:
    assert len(EU_MEMBERS) == 27


@pytest.mark.parametrize(
    ("rule", "country", "kind", "accepted"),
    [
        ("same", "DE", "passport", {"DE"}),
        ("same_or_eu", "DE", "passport", EU_MEMBERS),
        ("same_or_eu", "DE", "utility_bill", {"DE"}),  # only identity papers count everywhere
        ("same_or_eu", "GB", "passport", {"GB"}),
        ("ES", "DE", "passport", {"ES"}),
    ],
)
def test_who_may_have_issued_a_paper(rule: str, country: str, kind: str, accepted: set[str]) -> None:
    assert accepted_issuers(rule, country, kind) == accepted


@pytest.mark.parametrize("country", countries())
def test_the_modules_that_a_country_file_names_are_there_and_stand_anything(country: str) -> None:
    hostile = ["", "-", "0" * 64, "A" * 64, "9" * 11, "½" * 11, "\u0661" * 11, "AB 12.34/56", "\x00", "9" * 10_000]
    for check in rules_of(country).identifiers.values():
        for text in hostile:
            assert identifiers.is_accepted(check, text) in (True, False)
            assert identifiers.is_accepted_vat(check, text, country) in (True, False)


def test_what_is_no_module_of_the_library_is_not_imported() -> None:
    with pytest.raises(ImportError):
        identifiers.is_accepted(IdentifierCheck(("os.path",), hard=True), "1")
    with pytest.raises(ImportError):
        identifiers.is_accepted(IdentifierCheck(("stdnum.de.vat.__init__",), hard=True), "1")


@pytest.mark.parametrize(
    ("country", "number"),
    [
        *(("AT", "U13585627"), ("BE", "0428759497"), ("CH", "CHE-107.787.577 IVA"), ("CH", "107.787.577 IVA")),
        *(("DK", "13585628"), ("DK", "DK13585628"), ("ES", "J99216582"), ("ES", "ES-J99216582")),
        *(("FR", "40303265045"), ("FR", "FR 40 303 265 045"), ("GB", "980 7806 84"), ("GB", "GB980780684")),
        *(("GR", "094259216"), ("GR", "EL094259216"), ("IE", "6433435F"), ("IE", "IE 6433435F")),
        *(("IT", "00743110157"), ("IT", "IT 00743110157"), ("NL", "4495445B01"), ("NL", "NL4495445B01")),
        *(("NO", "995 525 828 MVA"), ("NO", "NO 995 525 828 MVA"), ("PL", "8567346215"), ("PL", "PL 8567346215")),
    ],
)
def test_vat_numbers_with_and_without_prefix(country: str, number: str) -> None:
    check = rules_of(country).identifiers["vat_number"]
    assert identifiers.is_accepted_vat(check, number, country)
    last = number.rstrip("MVAI BF01" if country in ("NO", "CH", "IE", "NL") else "")[-1]
    wrong = number.replace(last, str((int(last) + 1) % 10)) if last.isdigit() else number + "1"
    assert not identifiers.is_accepted_vat(check, wrong, country)
