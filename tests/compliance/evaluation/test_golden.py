"""Known cases of known countries, with the verdict that they must get."""

from dataclasses import replace

import pytest

from compliance.evaluation import evaluate
from compliance.evaluation.case import AddressRecord, Area, Case, Paper, Party
from compliance.evaluation.outcome import Code, NoteCode
from tests.compliance.evaluation.cases import (
    ON,
    countries,
    faults,
    result_of,
    rules_of,
    valid_case,
    verdict,
    with_address,
    with_paper,
    with_party,
)

#: (requirement, field or "", reason).
Found = set[tuple[str, str, Code]]

#: POSTFACH, as an East Asian keyboard may write it (U+FF21 and after).
FULL_WIDTH = "".join(chr(ord(letter) + 0xFEE0) for letter in "POSTFACH") + " 9"


def de_local() -> Case:
    """A business in Munich with three papers and one address; no paper says what it is for."""
    return Case(
        end_user=Party(
            "business",
            {
                "business_name": "Löwenbräu Telefon GmbH",
                "business_registration_number": "München HRB 150149",
                "first_name": "Jörg",
                "last_name": "Müller",
                "email": "j.mueller@loewenbraeu.de",
                "business_website": "https://www.loewenbraeu.de",
            },
            "IT1",
        ),
        papers=(
            Paper("RD1", "commercial_registrar_excerpt", {"business_name": "Löwenbräu Telefon GmbH"}, True),
            Paper("RD2", "trade_license", {"address_sids": ["AD1"]}, True),
            Paper("RD3", "tax_document", {"business_registration_number": "München HRB 150149"}, True),
        ),
        addresses={"AD1": AddressRecord("AD1", "Nymphenburger Straße 7", "", "Muenchen", "", "80335", "DE")},
        area=Area(("Munich",), "Munich"),
    )


def test_a_german_business_passes_and_a_person_compares_the_address() -> None:
    outcome = verdict("DE", "local", "business", de_local())
    assert outcome.compliant
    assert [flag.code for flag in outcome.flags] == [NoteCode.ADDRESS_ON_PAPER]
    assert not outcome.hard_passed
    assert outcome.warnings == ()
    assert [result.object_sid for result in outcome.results] == ["IT1", "RD1", "RD2", "RD3"]


def test_german_local_numbers_are_not_sold_to_individuals() -> None:
    outcome = verdict("DE", "local", "individual", valid_case(rules_of("DE"), "mobile", "individual"))
    (result,) = outcome.results
    assert (result.requirement_name, result.code) == ("individual_info", Code.END_USER_TYPE_NOT_AVAILABLE)
    assert (outcome.compliant, outcome.confirmed) == (False, True)


@pytest.mark.parametrize(
    ("city", "found"),
    [
        ("MÜNCHEN", set()),
        ("Munich", set()),
        ("Mu\u0308nchen", set()),  # decomposed
        ("\u00a0münchen\u200b ", set()),
        ("Nürnberg", {("business_address_proof_info", "address_sids", Code.ADDRESS_OUT_OF_AREA)}),
        ("Münchenbernsdorf", {("business_address_proof_info", "address_sids", Code.ADDRESS_OUT_OF_AREA)}),
    ],
)
def test_the_town_of_a_german_address(city: str, found: Found) -> None:
    assert faults(verdict("DE", "local", "business", with_address(de_local(), city=city))) == found


@pytest.mark.parametrize("street", ["Postfach 12 34", "P.O. Box 7", FULL_WIDTH, "Post\u00adfach 3", "PO\u00a0BOX 1"])
def test_a_german_post_office_box_is_no_address(street: str) -> None:
    outcome = verdict("DE", "local", "business", with_address(de_local(), street=street))
    assert faults(outcome) == {("business_address_proof_info", "address_sids", Code.PO_BOX_NOT_ALLOWED)}


def test_post_office_boxes_are_only_looked_for_where_a_source_forbids_them() -> None:
    case = with_address(valid_case(rules_of("DE"), "mobile", "business"), street="Postfach 12 34")
    assert verdict("DE", "mobile", "business", case).compliant


@pytest.mark.parametrize(
    ("number", "found"),
    [
        ("DE 136,695 976", []),
        ("136695976", []),
        ("DE136695978", [Code.INVALID_VAT_NUMBER]),
        ("FR 40 303 265 045", [Code.INVALID_VAT_NUMBER]),
    ],
)
def test_a_vat_number_holds_with_and_without_its_prefix(number: str, found: list[Code]) -> None:
    country = rules_of("DE")
    business = country.of("local").of("business")
    rules = replace(
        country.of("local"), end_users={"business": replace(business, fields=(*business.fields, "vat_number"))}
    )
    country = replace(country, number_types={"local": rules})
    outcome = evaluate(country, "local", "business", with_party(de_local(), vat_number=number), ON)
    assert [code for _, field, code in faults(outcome) if field == "vat_number"] == found


def gb_mobile() -> Case:
    """An individual with a British mobile number of their own."""
    return valid_case(rules_of("GB"), "mobile", "individual")


def test_a_british_individual_passes_for_a_mobile_number() -> None:
    outcome = verdict("GB", "mobile", "individual", gb_mobile())
    assert outcome.compliant
    assert NoteCode.PHONE_NOT_MOBILE not in {flag.code for flag in outcome.flags}


@pytest.mark.parametrize(
    ("phone", "found", "flagged"),
    [
        ("+44 20 7946 0018", set(), True),
        ("+49 1512 3456789", set(), False),
        ("07400 123456", {("individual_info", "phone_number", Code.INVALID_PHONE_NUMBER)}, False),
        ("+44 7400 12345", {("individual_info", "phone_number", Code.INVALID_PHONE_NUMBER)}, False),
    ],
)
def test_the_contact_number_of_a_british_individual(phone: str, found: Found, flagged: bool) -> None:
    assert "phone_number" in rules_of("GB").of("mobile").of("individual").fields
    outcome = verdict("GB", "mobile", "individual", with_party(gb_mobile(), phone_number=phone))
    assert faults(outcome) == found
    assert (NoteCode.PHONE_NOT_MOBILE in {flag.code for flag in outcome.flags}) is flagged


def ie_local() -> Case:
    """An Irish business, whose address record alone is asked for."""
    case = valid_case(rules_of("IE"), "local", "business")
    case = with_address(case, street="1 Grand Canal Quay", city="Dublin", region="", postal_code="D02 X525")
    return replace(case, area=Area(("Dublin", "Dun Laoghaire"), "Dublin"))


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, set()),
        ({"postal_code": "d02x525"}, set()),
        ({"city": "Baile Átha Cliath"}, set()),
        ({"postal_code": ""}, {Code.POSTAL_CODE_MISSING}),
        ({"postal_code": "D02"}, {Code.POSTAL_CODE_INVALID}),
        ({"postal_code": "D02 X525 and more"}, {Code.POSTAL_CODE_INVALID}),
        ({"city": "Cork"}, {Code.ADDRESS_OUT_OF_AREA}),
        ({"iso_country": "GB", "postal_code": "", "street": "PO Box 1"}, {Code.ADDRESS_WRONG_COUNTRY}),
        ({"street": "", "city": ""}, {Code.ADDRESS_FIELD_MISSING}),
    ],
)
def test_an_irish_address_needs_its_eircode(changes: dict[str, str], found: set[Code]) -> None:
    outcome = verdict("IE", "local", "business", with_address(ie_local(), **changes))
    assert {code for _, _, code in faults(outcome)} == found


def test_an_irish_address_record_without_a_file_is_hard_passed() -> None:
    assert verdict("IE", "local", "business", ie_local()).hard_passed


@pytest.mark.parametrize(
    ("attributes", "found"),
    [
        ({}, set()),
        ({"fiscal_code": "rcc mnl 83s18 d969h"}, set()),
        ({"fiscal_code": "RCCMNL83S18D969I"}, {"fiscal_code"}),
        ({"birth_date": "1983-11-19"}, {"fiscal_code"}),
        ({"gender": "female"}, {"fiscal_code"}),
        ({"gender": "other"}, set()),
        ({"birth_date": "18.11.1983"}, {"birth_date"}),
        ({"gender": "M"}, {"gender"}),
        ({"nationality": "ITA"}, {"nationality"}),
        ({"nationality": "it"}, set()),
    ],
)
def test_an_italian_fiscal_code_agrees_with_birth_date_and_gender(attributes: dict[str, str], found: set[str]) -> None:
    case = with_party(valid_case(rules_of("IT"), "local", "individual"), **attributes)
    outcome = verdict("IT", "local", "individual", case)
    assert {finding.field for finding in result_of(outcome, "individual_info").invalid} == found


def test_a_wrong_issuer_is_answered_with_the_right_ones() -> None:
    case = with_paper(valid_case(rules_of("IT"), "local", "individual"), 0, attributes={"issuing_country": "US"})
    sentences = [
        finding.sentence for result in verdict("IT", "local", "individual", case).results for finding in result.invalid
    ]
    assert sentences == [
        "The paper was issued by a country that is not accepted here: it must be a member state of the European Union."
    ]


@pytest.mark.parametrize(
    ("country", "accepted"), [("IT", True), ("FR", True), ("gr", True), ("GB", False), ("EL", False)]
)
def test_inside_the_union_an_identity_paper_of_any_member_state_counts(country: str, accepted: bool) -> None:
    case = with_paper(valid_case(rules_of("IT"), "local", "individual"), 0, attributes={"issuing_country": country})
    outcome = verdict("IT", "local", "individual", case)
    code = Code.DOCUMENT_ISSUING_COUNTRY_NOT_ACCEPTED
    assert faults(outcome) == (set() if accepted else {("proof_of_identity", "issuing_country", code)})


@pytest.mark.parametrize(
    ("city", "found"), [("Sevilla", set()), ("SEVILLE", set()), ("Cádiz", {Code.ADDRESS_OUT_OF_AREA})]
)
def test_a_spanish_address_lies_in_the_area_of_the_prefix(city: str, found: set[Code]) -> None:
    case = valid_case(rules_of("ES"), "local", "business")
    case = replace(with_address(case, city=city), area=Area(("Seville",), "Seville"))
    assert {code for _, _, code in faults(verdict("ES", "local", "business", case))} == found


@pytest.mark.parametrize("number", ["54362315K", "ES54362315-K", "J99216582", "X-5253868-R"])
def test_spanish_fiscal_numbers_of_each_kind_hold(number: str) -> None:
    case = with_party(valid_case(rules_of("ES"), "local", "business"), fiscal_number=number)
    assert "fiscal_number" in case.papers[1].attributes
    case = with_paper(case, 1, attributes={"fiscal_number": number})
    assert verdict("ES", "local", "business", case).compliant


def test_french_businesses_pass_and_may_upload_one_file_twice() -> None:
    outcome = verdict("FR", "local", "business", valid_case(rules_of("FR"), "local", "business"))
    assert outcome.compliant
    served = [result.object_sid for result in outcome.results]
    assert len(set(served)) == len(served)


def test_where_the_rules_are_not_known_an_operator_decides() -> None:
    country, number_type = next(
        (code, rules.number_type)
        for code in countries()
        for rules in rules_of(code).number_types.values()
        if not rules.enforced
    )
    outcome = verdict(country, number_type, "business", Case())
    assert (outcome.compliant, outcome.confirmed) == (False, False)


def test_a_type_that_the_file_does_not_describe_is_not_confirmed() -> None:
    (result,) = verdict("DE", "shared_cost", "business", de_local()).results
    assert (result.requirement_name, result.code) == ("business_info", Code.REGULATION_NOT_CONFIRMED)


def test_who_must_give_nothing_is_compliant_at_once() -> None:
    outcome = verdict("US", "local", "individual", Case())
    assert (outcome.results, outcome.compliant, outcome.hard_passed) == ((), True, True)


def test_an_individual_with_business_papers_is_told_of_each() -> None:
    case = valid_case(rules_of("DE"), "national", "individual")
    papers = (
        Paper("RD1", "certificate_of_incorporation", {}, True),
        Paper("RD2", "company_by_laws", {}, True),
    )
    outcome = verdict("DE", "national", "individual", replace(case, papers=papers))
    assert [result.code for result in outcome.results] == [
        None,
        Code.DOCUMENT_TYPE_NOT_ACCEPTED,
        Code.DOCUMENT_TYPE_NOT_ACCEPTED,
        Code.DOCUMENT_MISSING,
    ]


def test_a_business_is_no_individual() -> None:
    case = valid_case(rules_of("DE"), "mobile", "business")
    outcome = verdict("DE", "mobile", "individual", case)
    assert result_of(outcome, "individual_info").code == Code.END_USER_MISSING


@pytest.mark.parametrize(
    ("iso_country", "found"),
    [("DE", set()), ("GB", set()), ("ZZ", {Code.ADDRESS_FIELD_MISSING}), ("", {Code.ADDRESS_FIELD_MISSING})],
)
def test_an_address_anywhere_is_written_as_its_own_country_writes_it(iso_country: str, found: set[Code]) -> None:
    case = valid_case(rules_of("AU"), "toll_free", "business")
    codes = {"DE": "26133", "GB": "EC1Y 8SY"}
    case = with_address(case, iso_country=iso_country, postal_code=codes.get(iso_country, ""), region="")
    assert {code for _, _, code in faults(verdict("AU", "toll_free", "business", case))} == found
