"""The catalogues of end-user and document types."""

import pytest

from tests.api.conftest import Caller
from tests.api.regulatory.papers import BASE, path_of
from tests.api.test_incoming import refused

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("path", "records", "known"),
    [
        ("EndUserTypes", "end_user_types", {"individual", "business"}),
        ("SupportingDocumentTypes", "supporting_document_types", {"passport", "commercial_registrar_excerpt"}),
    ],
)
def test_a_catalogue_is_listed_paged_and_read_one_by_one(ada: Caller, path: str, records: str, known: set[str]) -> None:
    everything = ada.get(f"{BASE}/{path}", {"PageSize": "1000"}).json()
    rows = everything[records]
    assert known <= {row["machine_name"] for row in rows}
    assert everything["meta"]["key"] == records
    assert ada.get(f"{BASE}/{path}", {"PageSize": "1"}).json()[records] == rows[:1]
    for row in rows:
        assert ada.get(path_of(row["url"])).json() == row


def test_a_passport_has_the_fields_that_countries_ask_for(ada: Caller) -> None:
    rows = ada.get(f"{BASE}/SupportingDocumentTypes").json()["supporting_document_types"]
    passport = next(row for row in rows if row["machine_name"] == "passport")
    fields = {field["machine_name"]: field for field in passport["fields"]}
    assert fields["first_name"]["constraint"] == "String"
    assert fields["address_sids"]["constraint"] == "List"
    assert fields["issue_date"]["numberyard"]["type"] == "date"
    assert passport["numberyard"]["expires"]


def test_the_sid_of_a_type_is_the_same_everywhere(ada: Caller) -> None:
    """An integration may write it down."""
    rows = ada.get(f"{BASE}/EndUserTypes").json()["end_user_types"]
    assert rows[0]["machine_name"] == "business"
    refused(ada.get(f"{BASE}/SupportingDocumentTypes/{rows[0]['sid']}"), 20404, 404)
    refused(ada.get(f"{BASE}/EndUserTypes/OY{'0' * 32}"), 20404, 404)
