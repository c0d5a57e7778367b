"""The four common files as values."""

import pytest

from compliance.rulebook.catalogue import DOCUMENT_TYPE_ALIASES, FieldType, catalogue
from tests.compliance.evaluation.cases import countries, rules_of


def test_the_common_files_are_read_whole() -> None:
    found = catalogue()
    assert set(found.end_user_types) == {"individual", "business"}
    assert len(found.document_types) == 36
    assert len(found.reasons) == 47
    assert found.files.max_bytes == 5 * 2**20
    assert found.files.mime_types == ("application/pdf", "image/jpeg", "image/png")
    assert found.address_scopes["area_code"]


def test_it_is_read_once() -> None:
    assert catalogue() is catalogue()


@pytest.mark.parametrize("country", countries())
def test_every_name_of_a_country_file_is_in_the_catalogue(country: str) -> None:
    found = catalogue()
    for rules in rules_of(country).number_types.values():
        for kind, wanted in rules.end_users.items():
            assert kind in found.end_user_types
            assert set(wanted.listed) <= {field.machine_name for field in found.end_user_types[kind].fields}
            for paper in (paper for requirement in wanted.documents for paper in requirement.accepted):
                about = found.document_type(paper.type)
                assert about is not None
                assert set(paper.fields) <= {field.machine_name for field in about.fields}
                assert paper.file_required or not about.file_required


def test_a_field_knows_how_it_is_written() -> None:
    found = catalogue()
    assert found.field("first_name").is_a_persons_name
    assert not found.field("business_name").is_a_persons_name
    assert found.field("business_name").max_length == 255
    assert found.field("business_identity").choices == ("DIRECT_CUSTOMER", "INDEPENDENT_SOFTWARE_VENDOR")
    assert found.field("is_subassigned").choices == ("YES", "NO")  # YAML 1.1 would read them as true and false
    assert found.field("document_number").pii == "sensitive"
    assert found.field("address_sids").type == FieldType.ADDRESS_SIDS


def test_what_the_files_do_not_name_is_plain_text() -> None:
    field = catalogue().field("shoe_size")
    assert (field.friendly_name, field.type) == ("Shoe size", FieldType.STRING)
    assert catalogue().document_type("driving_licence") is None
    assert catalogue().document_name("driving_licence") == "Driving licence"


def test_aliases_lead_to_types_that_there_are() -> None:
    assert set(DOCUMENT_TYPE_ALIASES.values()) <= set(catalogue().document_types)
    assert not set(DOCUMENT_TYPE_ALIASES) & set(catalogue().document_types)
    about = catalogue().document_type("rent_receipt")
    assert about is not None
    assert about.machine_name == "rental_receipt"


def test_a_reason_puts_the_detail_behind_its_explanation() -> None:
    reason = catalogue().reasons["document_too_old"]
    assert reason.sentence() == "The paper is older than allowed."
    assert reason.sentence("at most 3 months") == "The paper is older than allowed: at most 3 months."
