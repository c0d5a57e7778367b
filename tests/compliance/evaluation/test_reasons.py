"""One case for each reason that an evaluation can give: what is changed of a whole case, and what is found of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from compliance.evaluation import evaluate
from compliance.evaluation.case import Case, Paper
from compliance.evaluation.outcome import Code, NoteCode
from compliance.rulebook.catalogue import catalogue
from tests.compliance.evaluation.cases import (
    ON,
    faults,
    result_of,
    rules_of,
    told,
    valid_case,
    verdict,
    with_address,
    with_paper,
    with_party,
)

Change = Callable[[Case], Case]


@dataclass(frozen=True)
class Row:
    """A reason, the regulation, the change, and where it is found."""

    code: Code
    regulation: tuple[str, str, str]
    change: Change
    requirement: str
    field: str = ""
    twilio: int | None = None


DE_LOCAL = ("DE", "local", "business")
DE_NATIONAL = ("DE", "national", "individual")
IE_LOCAL = ("IE", "local", "business")
IT_LOCAL = ("IT", "local", "individual")
IT_BUSINESS = ("IT", "local", "business")
GB_MOBILE = ("GB", "mobile", "individual")
DK_LOCAL = ("DK", "local", "business")
ABROAD = ("CR", "local", "business")


def party(**attributes: object) -> Change:
    return lambda case: with_party(case, **attributes)


def paper(index: int, **attributes: object) -> Change:
    return lambda case: with_paper(case, index, attributes=attributes)


def address(**changes: str) -> Change:
    return lambda case: with_address(case, **changes)


def without_paper(index: int) -> Change:
    return lambda case: replace(case, papers=case.papers[:index] + case.papers[index + 1 :])


def as_it_is(case: Case) -> Case:
    return case


ROWS = [
    Row(Code.END_USER_TYPE_NOT_AVAILABLE, ("DE", "local", "individual"), as_it_is, "individual_info"),
    Row(Code.REGULATION_NOT_CONFIRMED, ("DE", "voip", "business"), as_it_is, "business_info"),
    Row(Code.END_USER_MISSING, GB_MOBILE, lambda case: replace(case, end_user=None), "individual_info", "", 22214),
    Row(Code.END_USER_FIELD_MISSING, GB_MOBILE, party(first_name=" \u00a0"), "individual_info", "first_name", 22215),
    Row(Code.DOCUMENT_MISSING, DE_NATIONAL, without_paper(0), "proof_of_identity", "", 22216),
    Row(Code.DOCUMENT_FIELD_MISSING, DE_NATIONAL, paper(0, first_name=None), "proof_of_identity", "first_name", 22217),
    Row(
        Code.DOCUMENT_FIELD_MISMATCH, DE_NATIONAL, paper(0, first_name="Emma"), "proof_of_identity", "first_name", 22218
    ),
    Row(Code.ADDRESS_MISSING, DE_NATIONAL, paper(2, address_sids=[]), "proof_of_address", "address_sids", 22219),
    Row(
        Code.DOCUMENT_TYPE_NOT_ACCEPTED,
        DE_NATIONAL,
        lambda case: with_paper(case, 0, type="drivers_license"),
        "proof_of_identity",
        "",
        18001,
    ),
    Row(
        Code.DOCUMENT_FILE_MISSING,
        DE_NATIONAL,
        lambda case: with_paper(case, 0, has_file=False),
        "proof_of_identity",
    ),
    Row(
        Code.DOCUMENT_EXPIRED,
        DE_NATIONAL,
        paper(0, expiration_date="2026-11-20"),
        "proof_of_identity",
        "expiration_date",
    ),
    Row(Code.DOCUMENT_TOO_OLD, DE_NATIONAL, paper(2, issue_date="2026-08-20"), "proof_of_address", "issue_date"),
    Row(
        Code.DOCUMENT_ISSUE_DATE_IN_FUTURE,
        DE_NATIONAL,
        paper(2, issue_date="2026-11-22"),
        "proof_of_address",
        "issue_date",
    ),
    Row(
        Code.DOCUMENT_ISSUING_COUNTRY_NOT_ACCEPTED,
        DE_NATIONAL,
        paper(0, issuing_country="US"),
        "proof_of_identity",
        "issuing_country",
    ),
    Row(
        Code.ADDRESS_WRONG_COUNTRY,
        DE_NATIONAL,
        address(iso_country="AT", postal_code="1010"),
        "proof_of_address",
        "address_sids",
        21615,
    ),
    Row(
        Code.ADDRESS_OUT_OF_AREA,
        DE_LOCAL,
        address(city="Shelbyville"),
        "business_address_proof_info",
        "address_sids",
        21615,
    ),
    Row(
        Code.ADDRESS_IN_COUNTRY_NOT_ALLOWED,
        ABROAD,
        address(iso_country="CR", postal_code="10101"),
        "business_address_proof_info",
        "address_sids",
    ),
    Row(
        Code.PO_BOX_NOT_ALLOWED,
        DE_LOCAL,
        address(street_secondary="Postfach 3"),
        "business_address_proof_info",
        "address_sids",
    ),
    Row(Code.POSTAL_CODE_MISSING, IE_LOCAL, address(postal_code=""), "business_address_info", "address_sids", 21628),
    Row(Code.POSTAL_CODE_INVALID, IE_LOCAL, address(postal_code="1"), "business_address_info", "address_sids", 21628),
    Row(Code.ADDRESS_FIELD_MISSING, IE_LOCAL, address(street=""), "business_address_info", "address_sids", 21628),
    Row(Code.INVALID_BIRTH_DATE, IT_BUSINESS, party(birth_date="1906-11-20"), "business_info", "birth_date"),
    Row(Code.INVALID_EMAIL, IT_LOCAL, party(email="office@localhost"), "individual_info", "email"),
    Row(Code.INVALID_PHONE_NUMBER, GB_MOBILE, party(phone_number="+4912"), "individual_info", "phone_number"),
    Row(Code.INVALID_NATIONALITY, IT_LOCAL, party(nationality="XX"), "individual_info", "nationality"),
    Row(Code.INVALID_ENUM_VALUE, IE_LOCAL, party(is_subassigned="maybe"), "business_info", "is_subassigned"),
    Row(Code.INVALID_URL, IE_LOCAL, party(business_website="www.acme.com"), "business_info", "business_website"),
    Row(Code.INVALID_VAT_NUMBER, IT_BUSINESS, party(vat_number="IT00743110158"), "business_info", "vat_number"),
    Row(
        Code.INVALID_REGISTRATION_NUMBER,
        DK_LOCAL,
        party(business_registration_number="13585629"),
        "business_info",
        "business_registration_number",
    ),
    Row(Code.INVALID_FISCAL_NUMBER, IT_LOCAL, party(fiscal_code="RCCMNL83S18D969X"), "individual_info", "fiscal_code"),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.code.value)
def test_a_reason_is_given_for_what_it_is_meant_for_and_nothing_else_is(row: Row) -> None:
    country, number_type, end_user_type = row.regulation
    whole = valid_case(rules_of(country), number_type, end_user_type)
    outcome = verdict(country, number_type, end_user_type, row.change(whole))
    found = faults(outcome)
    if row.code in (Code.END_USER_MISSING, Code.DOCUMENT_MISSING):  # then all fields of the object are listed
        found = {fault for fault in found if not fault[1]}
    assert found == {(row.requirement, row.field, row.code)}
    assert not outcome.compliant
    assert row.code.reason.twilio_code == row.twilio


def test_every_reason_of_the_stage_has_its_case() -> None:
    reasons = {code for code, reason in catalogue().reasons.items() if reason.stage == "evaluation"}
    assert {row.code for row in ROWS} == set(Code) == reasons


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.code.value)
def test_a_sentence_says_what_is_wanted_and_a_hint_how_it_is_mended(row: Row) -> None:
    country, number_type, end_user_type = row.regulation
    whole = valid_case(rules_of(country), number_type, end_user_type)
    outcome = verdict(country, number_type, end_user_type, row.change(whole))
    reason = row.code.reason
    sentences = [text for text in told(outcome) if text.startswith(reason.explanation.rstrip("."))]
    assert sentences
    assert all(text.endswith(".") for text in sentences)
    assert reason.how_to_fix in told(outcome)


@pytest.mark.parametrize(
    ("regulation", "change", "sentence"),
    [
        (
            IE_LOCAL,
            address(postal_code="1"),
            "The postal code does not fit the country: Ireland, for example A65 F4E2.",
        ),
        (
            DE_LOCAL,
            address(city="Ulm"),
            "The address must lie in the area served by the prefix of the number: Springfield.",
        ),
        (DE_NATIONAL, paper(2, issue_date="2026-01-01"), "The paper is older than allowed: at most 3 months."),
        (GB_MOBILE, party(first_name=None), "A detail about the end user is missing: First name."),
        (IE_LOCAL, party(is_subassigned="no"), "The value is not one of the choices: one of YES, NO."),
        (
            DE_NATIONAL,
            paper(0, issuing_country="US"),
            "The paper was issued by a country that is not accepted here: "
            "it must be a member state of the European Union.",
        ),
        (
            ("GB", "local", "individual"),
            paper(0, issuing_country="IE"),
            "The paper was issued by a country that is not accepted here: it must be United Kingdom.",
        ),
        (
            IT_BUSINESS,
            party(vat_number="IT00743110158"),
            "The VAT number fails its checksum: it must have the form and check digits of Italy.",
        ),
    ],
)
def test_sentences_are_precise(regulation: tuple[str, str, str], change: Change, sentence: str) -> None:
    country, number_type, end_user_type = regulation
    outcome = verdict(
        country, number_type, end_user_type, change(valid_case(rules_of(country), number_type, end_user_type))
    )
    assert [finding.sentence for result in outcome.results for finding in result.invalid] == [sentence]


@pytest.mark.parametrize(
    ("regulation", "change", "what", "why"),
    [
        (IE_LOCAL, party(first_name="R2D2"), "First name", "it must be without digits"),
        (IE_LOCAL, party(first_name="a" * 101), "First name", "it may have at most 100 characters"),
        (IE_LOCAL, party(business_name=["Acme"]), "Business name", "it must be given as text"),
        (IT_BUSINESS, party(vat_number=743110157), "VAT number", "it must be given as text"),
        (IT_LOCAL, party(birth_date="1983-11-19"), "Fiscal code", "it states another date of birth or gender"),
        (
            DE_NATIONAL,
            paper(2, issue_date="3/4/26"),
            "Issue date",
            "it must be a day of the calendar, written YYYY-MM-DD",
        ),
        (DE_NATIONAL, address(street="a" * 501), "Street", "it may have at most 500 characters"),
        (GB_MOBILE, address(iso_country="XX"), "Country", "it must be two letters, as ISO 3166-1 has them"),
    ],
)
def test_what_was_given_and_cannot_be_used_is_not_called_missing(
    regulation: tuple[str, str, str], change: Change, what: str, why: str
) -> None:
    outcome = verdict(*regulation, change(valid_case(rules_of(regulation[0]), *regulation[1:])))
    [finding] = [finding for result in outcome.results for finding in result.invalid]
    assert (finding.sentence, finding.hint) == (f"{what} cannot be used as it was given: {why}.", "Correct it.")


@pytest.mark.parametrize(
    ("issued", "passes"),
    [
        ("2026-08-21", True),  # the same day of the month still counts
        ("2026-08-20", False),
        ("2026-11-21", True),
        ("2026-11-22", False),
        ("0001-01-01", False),
        ("2026-02-30", False),
        ("21.11.2026", False),
        ("2026-W40-1", False),
        ("20261101", False),
        ("", False),
    ],
)
def test_how_old_a_proof_of_address_may_be(issued: str, passes: bool) -> None:
    case = with_paper(valid_case(rules_of("DE"), "national", "individual"), 2, attributes={"issue_date": issued})
    assert verdict("DE", "national", "individual", case).compliant is passes


@pytest.mark.parametrize(
    ("expires", "passes"), [("2026-11-21", True), ("2026-11-20", False), ("2026-11-31", False), ("never", False)]
)
def test_a_paper_is_good_on_its_last_day(expires: str, passes: bool) -> None:
    case = with_paper(valid_case(rules_of("DE"), "national", "individual"), 0, attributes={"expiration_date": expires})
    assert verdict("DE", "national", "individual", case).compliant is passes


def test_rules_that_are_not_enforced_are_not_evaluated_though_they_are_written_down() -> None:
    country = rules_of("DE")
    loose = replace(country, number_types={"national": replace(country.of("national"), enforced=False)})
    (result,) = evaluate(loose, "national", "individual", Case(), ON).results
    assert result.code == Code.REGULATION_NOT_CONFIRMED


def test_a_number_type_may_say_for_all_its_papers_that_they_show_the_address() -> None:
    country = rules_of("DE")
    rules = replace(country.of("national"), address_must_match_document=True)
    case = valid_case(country, "national", "individual")
    outcome = evaluate(replace(country, number_types={"national": rules}), "national", "individual", case, ON)
    assert NoteCode.ADDRESS_ON_PAPER in {flag.code for flag in outcome.flags}


def test_a_paper_with_several_faults_is_told_of_all_at_once() -> None:
    case = with_paper(
        valid_case(rules_of("DE"), "national", "individual"),
        0,
        has_file=False,
        attributes={
            "first_name": None,
            "last_name": "Someone",
            "expiration_date": "2020-01-01",
            "issue_date": "2030-01-01",
            "issuing_country": "US",
        },
    )
    assert {code for _, _, code in faults(verdict("DE", "national", "individual", case))} == {
        Code.DOCUMENT_FILE_MISSING,
        Code.DOCUMENT_FIELD_MISSING,
        Code.DOCUMENT_FIELD_MISMATCH,
        Code.DOCUMENT_EXPIRED,
        Code.DOCUMENT_ISSUE_DATE_IN_FUTURE,
        Code.DOCUMENT_ISSUING_COUNTRY_NOT_ACCEPTED,
    }


def test_of_a_paper_that_is_not_accepted_nothing_else_is_looked_at() -> None:
    case = valid_case(rules_of("DE"), "national", "individual")
    strange = Paper("RD0", "drivers_license", {"expiration_date": "2001-01-01"}, has_file=False)
    outcome = verdict("DE", "national", "individual", replace(case, papers=(strange, *case.papers[1:])))
    assert faults(outcome) == {("proof_of_identity", "", Code.DOCUMENT_TYPE_NOT_ACCEPTED)}


@pytest.mark.parametrize(
    "sids",
    ["AD1", {"AD1": 1}, ["AD2"], ["AD1", "AD2"], [["AD1"]], [None], [1], [""], 7, True, ["\ud800"], ["x"] * 10_000],
)
def test_a_paper_refers_to_addresses_of_the_bundle_by_a_list(sids: object) -> None:
    case = with_paper(valid_case(rules_of("DE"), "national", "individual"), 2, attributes={"address_sids": sids})
    found = verdict("DE", "national", "individual", case)
    assert faults(found) == {("proof_of_address", "address_sids", Code.ADDRESS_MISSING)}
    assert len(result_of(found, "proof_of_address").invalid) == 1


def test_the_same_address_twice_is_one() -> None:
    case = with_paper(valid_case(rules_of("DE"), "national", "individual"), 2, attributes={"address_sids": ["AD1"] * 3})
    assert verdict("DE", "national", "individual", with_address(case, postal_code="1")).results[3].invalid[1:] == ()


def test_each_address_of_a_paper_is_told_of() -> None:
    case = with_paper(
        valid_case(rules_of("DE"), "national", "individual"), 2, attributes={"address_sids": ["AD1", "AD2"]}
    )
    other = replace(case.addresses["AD1"], sid="AD2", postal_code="", city="")
    outcome = verdict("DE", "national", "individual", replace(case, addresses={**case.addresses, "AD2": other}))
    assert [(each.object_sid, each.part, each.code) for each in result_of(outcome, "proof_of_address").invalid] == [
        ("AD2", "city", Code.ADDRESS_FIELD_MISSING),
        ("AD2", "postal_code", Code.POSTAL_CODE_MISSING),
    ]


def flags(regulation: tuple[str, str, str], change: Change) -> set[tuple[NoteCode, str]]:
    """What a person must look at, of a whole case that is changed and still compliant."""
    country, number_type, end_user_type = regulation
    outcome = verdict(
        country, number_type, end_user_type, change(valid_case(rules_of(country), number_type, end_user_type))
    )
    assert outcome.compliant
    assert outcome.hard_passed is not bool(outcome.flags)
    return {(flag.code, flag.field) for flag in outcome.flags}


@pytest.mark.parametrize(
    ("regulation", "change", "flag"),
    [
        (DE_NATIONAL, paper(0, first_name="EMANUELA"), (NoteCode.CASE_DIFFERS, "first_name")),
        (DE_NATIONAL, paper(0, issuing_country=None), (NoteCode.ISSUING_COUNTRY_NOT_GIVEN, "issuing_country")),
        (DE_NATIONAL, as_it_is, (NoteCode.ACCEPTED_LIST_GENERIC, "")),
        (DE_LOCAL, as_it_is, (NoteCode.ADDRESS_ON_PAPER, "address_sids")),
        (DE_LOCAL, lambda case: replace(case, area=None), (NoteCode.AREA_NOT_KNOWN, "")),
        (IT_LOCAL, as_it_is, (NoteCode.SIDES, "")),
        (GB_MOBILE, party(phone_number="+442079460018"), (NoteCode.PHONE_NOT_MOBILE, "phone_number")),
        (("LK", "mobile", "business"), as_it_is, (NoteCode.SCOPE_NOT_KNOWN, "")),
        (("JP", "local", "business"), as_it_is, (NoteCode.CONDITIONAL_DOCUMENTS, "")),
        (IE_LOCAL, party(last_name="Ricc\u0456"), (NoteCode.MIXED_SCRIPTS, "last_name")),
    ],
)
def test_what_no_machine_decides_is_shown_to_a_person(
    regulation: tuple[str, str, str], change: Change, flag: tuple[NoteCode, str]
) -> None:
    assert flag in flags(regulation, change)


@pytest.mark.parametrize(("number", "doubted"), [("12", True), ("München HRB 150149", False), ("DE136695976", False)])
def test_a_doubtful_identifier_is_shown_to_a_person_and_does_not_fail(number: str, doubted: bool) -> None:
    case = with_party(valid_case(rules_of("DE"), "local", "business"), business_registration_number=number)
    case = with_paper(case, 2, attributes={"business_registration_number": number})
    outcome = verdict("DE", "local", "business", case)
    assert outcome.compliant
    assert (NoteCode.IDENTIFIER_DOUBTFUL in {flag.code for flag in outcome.flags}) is doubted


def test_identifiers_are_only_checked_where_the_address_must_be_local() -> None:
    """A foreign business may carry a Finnish mobile number, with its own VAT number."""
    case = with_party(valid_case(rules_of("FI"), "mobile", "business"), vat_number="GB 1")
    assert verdict("FI", "mobile", "business", case).compliant


def test_details_that_the_regulation_does_not_list_are_kept_and_warned_of() -> None:
    case = with_party(valid_case(rules_of("IE"), "local", "business"), vat_number="not one", **{"My own words": "x"})
    case = with_paper(case, 0, attributes={"first_name": "Nobody", "expiration_date": "2030-01-01"})
    outcome = verdict("IE", "local", "business", case)
    assert outcome.compliant
    assert [(note.code, note.field) for note in outcome.warnings] == [
        (NoteCode.FIELD_NOT_LISTED, "vat_number"),
        (NoteCode.FIELD_NOT_LISTED, ""),  # a name of the customer's own is not repeated
        (NoteCode.FIELD_NOT_LISTED, "first_name"),
    ]


def test_a_detail_that_only_the_paper_must_show_is_compared_by_a_person() -> None:
    case = valid_case(rules_of("DE"), "mobile", "business")
    assert "business_name" in case.papers[0].attributes
    country = rules_of("DE")
    business = replace(country.of("mobile").of("business"), fields=())
    rules = replace(country.of("mobile"), end_users={"business": business})
    outcome = evaluate(
        replace(country, number_types={"mobile": rules}),
        "mobile",
        "business",
        with_party(case, business_name="Else"),
        ON,
    )
    assert outcome.compliant
    assert (NoteCode.UNLISTED_DIFFERS, "business_name") in {(flag.code, flag.field) for flag in outcome.flags}
