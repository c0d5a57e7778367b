"""Verdicts by the shipped files: each row changes one thing of a whole case, and says all that is then wrong."""

from dataclasses import replace
from typing import Any

import pytest

from compliance.evaluation.case import Case, Paper
from compliance.evaluation.outcome import Code
from tests.compliance.evaluation.cases import (
    faults,
    rules_of,
    valid_case,
    verdict,
    with_address,
    with_paper,
    with_party,
)

#: Country, number type, end-user type; which paper; what it shows; what is wrong with that.
PAPERS = [
    ("DE national individual", 2, {"issue_date": "2026-08-21"}, None),  # three months ago, the same day
    ("DE national individual", 2, {"issue_date": "2026-08-20"}, Code.DOCUMENT_TOO_OLD),
    ("ZA toll_free individual", 2, {"issue_date": "2026-10-21"}, None),  # one month
    ("ZA toll_free individual", 2, {"issue_date": "2026-10-20"}, Code.DOCUMENT_TOO_OLD),
    ("ZA toll_free individual", 2, {"issue_date": None}, Code.DOCUMENT_FIELD_MISSING),
    ("DE local business", 0, {"issue_date": "1999-01-01"}, None),  # no limit
    ("DE local business", 0, {"issue_date": "2026-11-22"}, Code.DOCUMENT_ISSUE_DATE_IN_FUTURE),
    ("IT local individual", 0, {"expiration_date": None}, Code.DOCUMENT_FIELD_MISSING),
    ("DE national individual", 0, {"expiration_date": None}, None),
    ("DE national individual", 0, {"issuing_country": "HR"}, None),
    ("DE national individual", 0, {"issuing_country": "CH"}, Code.DOCUMENT_ISSUING_COUNTRY_NOT_ACCEPTED),
    ("DE national business", 1, {"issuing_country": "FR"}, Code.DOCUMENT_ISSUING_COUNTRY_NOT_ACCEPTED),
    ("ES local individual", 0, {"issuing_country": "FR"}, Code.DOCUMENT_ISSUING_COUNTRY_NOT_ACCEPTED),
    ("GB local individual", 0, {"issuing_country": "IE"}, Code.DOCUMENT_ISSUING_COUNTRY_NOT_ACCEPTED),
    ("ZA local individual", 0, {"issuing_country": "US"}, None),  # the file says nothing of it
    ("DE mobile individual", 0, {"last_name": "RICCI"}, None),  # a person looks
    ("DE mobile individual", 0, {"last_name": "Riccì"}, Code.DOCUMENT_FIELD_MISMATCH),
    ("DE mobile individual", 0, {"last_name": "Ricci-Rossi"}, Code.DOCUMENT_FIELD_MISMATCH),
    ("DE mobile business", 0, {"business_name": " Acme\u00a0 Telecom  GmbH"}, None),
    ("DE mobile business", 0, {"business_name": "Acme Telecom G.m.b.H."}, Code.DOCUMENT_FIELD_MISMATCH),
    ("DE mobile business", 0, {"business_name": "Acme Telecom"}, Code.DOCUMENT_FIELD_MISMATCH),
    ("DE mobile business", 0, {"business_name": "\u0410cme Telecom GmbH"}, Code.DOCUMENT_FIELD_MISMATCH),  # Cyrillic
    ("DE mobile business", 1, {"address_sids": ["AD1", "AD404"]}, Code.ADDRESS_MISSING),
    ("DE mobile business", 1, {"address_sids": "AD1"}, Code.ADDRESS_MISSING),
]

PARTIES = [
    ("BE local business", "vat_number", "be 0428.759.497", None),
    ("BE local business", "vat_number", "428759497", None),
    ("BE local business", "vat_number", "BE0428759498", Code.INVALID_VAT_NUMBER),
    ("BE local business", "vat_number", "DE428759497", Code.INVALID_VAT_NUMBER),
    ("BE local business", "vat_number", "BE\u041e428759497", Code.INVALID_VAT_NUMBER),  # a Cyrillic O
    ("CH toll_free business", "vat_number", "of any form", None),  # the address may lie anywhere
    ("DE local business", "vat_number", "DE000000000", None),  # not listed: a warning
    ("DE local business", "business_registration_number", "HRB 0", None),  # soft
    ("FR local business", "business_registration_number", "73282932000074", None),  # a SIRET
    ("FR toll_free business", "business_registration_number", "73282932000075", Code.INVALID_REGISTRATION_NUMBER),
    ("DK local business", "business_registration_number", "13585627", Code.INVALID_REGISTRATION_NUMBER),
    ("PT local business", "tax_identification_number", "of any form", None),  # no check in the file
    ("BR local individual", "fiscal_number", "16.727.230/0001-97", Code.INVALID_FISCAL_NUMBER),  # of a company
    ("ES local individual", "fiscal_number", "X-2482300W", None),
    ("ES local individual", "fiscal_number", "54362315Z", Code.INVALID_FISCAL_NUMBER),
    ("AU mobile individual", "birth_date", "1906-11-21", None),
    ("AU mobile individual", "birth_date", "1906-11-20", Code.INVALID_BIRTH_DATE),
    ("AU mobile individual", "birth_date", "2026-11-21", None),
    ("AU mobile individual", "birth_date", "2026-11-22", Code.INVALID_BIRTH_DATE),
    ("GB mobile business", "first_name", "\u200b", Code.END_USER_FIELD_MISSING),
    ("GB mobile business", "comments", {"a": [1]}, None),  # not listed
]

ADDRESSES = [
    ("DE mobile individual", {"iso_country": "AT", "postal_code": "1010"}, Code.ADDRESS_WRONG_COUNTRY),
    ("FR local individual", {"iso_country": "GP", "postal_code": "97100"}, Code.ADDRESS_WRONG_COUNTRY),
    ("GB local individual", {"iso_country": "JE", "postal_code": "JE2 3AB"}, Code.ADDRESS_WRONG_COUNTRY),
    ("GB local individual", {"city": "Belfast", "postal_code": "BT1 5GS"}, None),
    ("GB mobile individual", {"iso_country": "FR", "postal_code": "75001"}, None),
    ("SV toll_free business", {"iso_country": "SV", "postal_code": ""}, Code.ADDRESS_IN_COUNTRY_NOT_ALLOWED),
    ("AU local individual", {"street": "PO Box 12"}, Code.PO_BOX_NOT_ALLOWED),
    ("AU local individual", {"city": "Sydney, PO Box 12"}, Code.PO_BOX_NOT_ALLOWED),
    ("GB local individual", {"street": "PO Box 12"}, None),
    ("ES local individual", {"street": "Apartado 5", "iso_country": "PT"}, Code.ADDRESS_WRONG_COUNTRY),
    ("GB mobile individual", {"postal_code": "GIR 0AA rubbish"}, Code.POSTAL_CODE_INVALID),
    ("GB mobile individual", {"postal_code": "rubbish BFPO 12"}, Code.POSTAL_CODE_INVALID),
    ("GB mobile individual", {"iso_country": "AE", "postal_code": ""}, None),
    ("IE national individual", {"postal_code": ""}, None),
    ("IE local individual", {"postal_code": ""}, Code.POSTAL_CODE_MISSING),
    ("SG local individual", {"city": "", "region": ""}, None),
    ("ES mobile individual", {"region": ""}, Code.ADDRESS_FIELD_MISSING),
    ("DE mobile individual", {"street": "\u200b\u0007"}, Code.ADDRESS_FIELD_MISSING),
]


@pytest.mark.parametrize(("regulation", "index", "shown", "wrong"), PAPERS)
def test_a_paper(regulation: str, index: int, shown: dict[str, Any], wrong: Code | None) -> None:
    whole = whole_case(regulation)
    requirement = requirement_names(regulation)[index]
    [field] = shown
    expected = {(requirement, field, wrong)} if wrong else set()
    assert found(regulation, with_paper(whole, index, attributes=shown)) == expected


@pytest.mark.parametrize(("regulation", "field", "value", "wrong"), PARTIES)
def test_an_end_user(regulation: str, field: str, value: object, wrong: Code | None) -> None:
    case = with_party(whole_case(regulation), **{field: value})
    shown = [index for index, paper in enumerate(case.papers) if field in paper.attributes]
    for index in shown:
        case = with_paper(case, index, attributes={field: value})
    name = f"{regulation.split()[2]}_info"
    assert found(regulation, case) == ({(name, field, wrong)} if wrong else set())


@pytest.mark.parametrize(("regulation", "parts", "wrong"), ADDRESSES)
def test_an_address(regulation: str, parts: dict[str, str], wrong: Code | None) -> None:
    codes = {code for _requirement, _field, code in found(regulation, with_address(whole_case(regulation), **parts))}
    assert codes == ({wrong} if wrong else set())


def test_papers_that_could_serve_several_requirements_are_each_put_where_they_are_needed() -> None:
    whole = whole_case("ES local individual")
    number = whole.papers[1].attributes["fiscal_number"]
    card = {"first_name": "Emanuela", "last_name": "Ricci", "fiscal_number": number, "address_sids": ["AD1"]}
    papers = (
        Paper("RD1", "national_id_card", card, has_file=True),
        Paper("RD2", "passport", {"fiscal_number": number}, has_file=True),
        Paper("RD3", "utility_bill", {"address_sids": ["AD1"]}, has_file=True),
    )
    for order in (papers, papers[::-1], papers[1:] + papers[:1]):
        assert found("ES local individual", replace(whole, papers=order)) == set()
    alone = verdict("ES", "local", "individual", replace(whole, papers=papers[:1]))
    assert [result.code for result in alone.results] == [None, None, Code.DOCUMENT_MISSING, Code.DOCUMENT_MISSING]


def whole_case(regulation: str) -> Case:
    country, number_type, end_user_type = regulation.split()
    return valid_case(rules_of(country), number_type, end_user_type)


def requirement_names(regulation: str) -> list[str]:
    country, number_type, end_user_type = regulation.split()
    return [each.requirement_name for each in rules_of(country).of(number_type).of(end_user_type).documents]


def found(regulation: str, case: Case) -> set[tuple[str, str, Code]]:
    country, number_type, end_user_type = regulation.split()
    return faults(verdict(country, number_type, end_user_type, case))
