"""Whatever is sent about addresses and papers: never a 500, always JSON with a code from the catalogue."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Account
from api.addresses.parameters import CHANGED, NEW
from tests.api.conftest import BOUNDARY, Caller, Part
from tests.api.regulatory.papers import BASE, DOCUMENTS, END_USERS
from tests.api.test_fuzz import FUZZ, documented, forms, undone
from tests.factories import AddressFactory, DocumentFactory, EndUserFactory

pytestmark = pytest.mark.django_db

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=6,
)
ATTRIBUTES = st.dictionaries(st.sampled_from(["first_name", "address_sids", "birth_date", "x"]), JSON, max_size=4)
LISTING = ["PageSize", "PageToken", "CustomerName", "FriendlyName", "EmergencyEnabled", "IsoCountry", "EndUserType"]
VALID = {"CustomerName": "Ada", "Street": "Linden 1", "City": "Berlin", "Region": "", "PostalCode": "10117"}


@FUZZ
@given(form=forms([each.name for each in NEW]), country=st.text(max_size=3) | st.sampled_from(["DE", "GB", "IE", "JP"]))
def test_addresses(ada: Caller, account: Account, form: dict[str, Any], country: str) -> None:
    with undone():
        documented(ada.post(ada.of("Addresses.json"), VALID | {"IsoCountry": country} | form))
        row = AddressFactory.create(account=account)
        documented(ada.post(ada.of(f"Addresses/{row.sid}.json"), form))


@FUZZ
@given(attributes=ATTRIBUTES | JSON, form=forms(["FriendlyName", "Type", "Attributes", "Status", "File"]))
def test_papers(ada: Caller, account: Account, attributes: Any, form: dict[str, Any]) -> None:
    given = {"FriendlyName": "Ada", "Attributes": json.dumps(attributes)}
    with undone():
        documented(ada.post(END_USERS, given | {"Type": "individual"} | form))
        documented(ada.post(DOCUMENTS, given | {"Type": "utility_bill"} | form))
        person, paper = EndUserFactory.create(account=account), DocumentFactory.create(account=account)
        documented(ada.post(f"{END_USERS}/{person.sid}", given | form))
        documented(ada.post(f"{DOCUMENTS}/{paper.sid}", given | form))


@FUZZ
@given(body=st.binary(max_size=200), content=st.binary(max_size=40), name=st.text(max_size=20).filter(str.isprintable))
def test_uploads(ada: Caller, db: None, body: bytes, content: bytes, name: str) -> None:
    multipart = f"multipart/form-data; boundary={BOUNDARY}"
    with undone():
        documented(ada._post(DOCUMENTS, b"--" + BOUNDARY.encode() + b"\r\n" + body, multipart, {}))
        documented(ada.upload(DOCUMENTS, {"FriendlyName": "Ada", "Type": "passport"}, Part(content, filename=name)))


@FUZZ
@given(
    path=st.sampled_from(["Regulations", "EndUserTypes", "SupportingDocumentTypes", "EndUsers", "SupportingDocuments"]),
    query=forms([*LISTING, "NumberType", "IncludeConstraints"]),
)
def test_lists(ada: Caller, db: None, path: str, query: dict[str, Any]) -> None:
    documented(ada.get(f"{BASE}/{path}", query))
    documented(ada.get(ada.of("Addresses.json"), query))


def test_every_parameter_of_a_change_is_one_of_a_new_address() -> None:
    assert {each.name for each in CHANGED} < {each.name for each in NEW}
