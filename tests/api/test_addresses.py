"""Addresses over HTTP (contract 2.5 and 4): made, corrected, suggested, refused, frozen, and the numbers on them."""

from typing import Any

import pytest

from accounts.models import Account
from compliance.lifecycle import BundleState
from compliance.models import Address, DocumentStatus, SupportingDocument
from tests.api.conftest import Caller
from tests.api.test_incoming import refused
from tests.factories import AccountFactory, AddressFactory, BundleFactory, DidFactory, DocumentFactory

pytestmark = pytest.mark.django_db

BERLIN = {
    "CustomerName": "Musterfirma GmbH",
    "Street": "Unter den Linden 77",
    "City": "Berlin",
    "Region": "",
    "PostalCode": "10117",
    "IsoCountry": "DE",
}
PARTS = ("customer_name", "street", "city", "region", "postal_code", "iso_country")


def posted(caller: Caller, **form: str) -> Any:
    return caller.post(caller.of("Addresses.json"), BERLIN | form)


def address(caller: Caller, **form: str) -> dict[str, Any]:
    answer = posted(caller, **form)
    assert answer.status_code == 201, answer.content
    body: dict[str, Any] = answer.json()
    return body


def test_from_making_to_deleting(ada: Caller) -> None:
    made = address(ada, FriendlyName="Head office")
    assert [made[part] for part in PARTS] == list(BERLIN.values())
    assert (made["validated"], made["verified"], made["emergency_enabled"]) == (True, False, False)
    assert ada.get(made["uri"]).json() == made
    changed = ada.post(made["uri"], {"Street": "Pariser Platz 1", "StreetSecondary": "2. Stock"}).json()
    assert (changed["street"], changed["street_secondary"], changed["city"]) == (
        "Pariser Platz 1",
        "2. Stock",
        "Berlin",
    )
    assert [row["sid"] for row in ada.get(ada.of("Addresses.json")).json()["addresses"]] == [made["sid"]]
    assert ada.delete(made["uri"]).status_code == 204
    refused(ada.get(made["uri"]), 20404, 404)
    refused(ada.post(made["uri"], {"City": "Bonn"}), 20404, 404)
    assert ada.get(ada.of("Addresses.json")).json()["addresses"] == []


def test_another_country_is_another_address(ada: Caller) -> None:
    made = address(ada)
    assert ada.post(made["uri"], {"IsoCountry": "FR"}).json()["iso_country"] == "DE"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"PostalCode": " 10 117 "}, {"postal_code": "10117"}),
        ({"Street": "  Unter\u00a0den   Linden\u200b 77 "}, {"street": "Unter den Linden 77"}),
        ({"IsoCountry": "GB", "City": "London", "PostalCode": "sw1a 1aa"}, {"postal_code": "SW1A 1AA"}),
        ({"IsoCountry": "PL", "City": "Warszawa", "PostalCode": "00950"}, {"postal_code": "00-950"}),
        ({"IsoCountry": "ie", "City": "Dublin", "Region": "D", "PostalCode": "d02x285"}, {"iso_country": "IE"}),
    ],
)
def test_what_is_certain_is_corrected(ada: Caller, given: dict[str, str], kept: dict[str, str]) -> None:
    made = address(ada, **given)
    assert {part: made[part] for part in kept} == kept


def test_nothing_is_corrected_that_the_customer_wants_as_it_is(ada: Caller) -> None:
    assert address(ada, Street="Unter  den Linden 77", AutoCorrectAddress="false")["street"] == "Unter  den Linden 77"


def test_a_correction_that_is_not_wanted_is_suggested(ada: Caller) -> None:
    answer = posted(ada, PostalCode="10 117", AutoCorrectAddress="false")
    refused(answer, 21629)
    assert answer.json()["details"] == {"suggestion": {"postal_code": "10117"}}
    assert not Address.objects.exists()


@pytest.mark.parametrize(
    ("given", "field", "reason"),
    [
        ({"PostalCode": "1011"}, "postal_code", "postal_code_invalid"),
        ({"PostalCode": ""}, "postal_code", "postal_code_missing"),
        ({"City": ""}, "city", "address_field_missing"),
        ({"IsoCountry": "XX"}, "iso_country", "address_field_missing"),
    ],
)
def test_what_its_country_does_not_write_so_is_not_validated(
    ada: Caller, given: dict[str, str], field: str, reason: str
) -> None:
    answer = posted(ada, **given)
    refused(answer, 21628)
    (failure,) = answer.json()["details"]["failures"]
    assert (failure["field"], failure["code"]) == (field, reason)
    assert failure["message"]
    assert failure["fix"]


def test_ireland_wants_an_eircode_since_its_rules_do(ada: Caller, irish_rules: None) -> None:
    dublin = {"IsoCountry": "IE", "City": "Dublin", "Region": "Dublin"}
    refused(posted(ada, **dublin, PostalCode=""), 21628)
    assert address(ada, **dublin, PostalCode="D02 X285")["validated"]


@pytest.mark.parametrize(
    "form",
    [
        {"CustomerName": ""},
        {"CustomerName": "  "},
        {"Street": ""},
        {"IsoCountry": "DEU"},
        {"EmergencyEnabled": "perhaps"},
        {"AutoCorrectAddress": "1"},
        {"FriendlyName": "x" * 65},
        {"FriendlyName": "x" * 33, "EmergencyEnabled": "true"},
        {"Street": "x" * 256},
    ],
)
def test_bad_parameters(ada: Caller, form: dict[str, str]) -> None:
    refused(posted(ada, **form), 21238)


@pytest.mark.parametrize("missing", BERLIN)
def test_what_must_be_given(ada: Caller, missing: str) -> None:
    form = {name: value for name, value in BERLIN.items() if name != missing}
    refused(ada.post(ada.of("Addresses.json"), form), 21238)


def test_an_emergency_address_has_a_short_name_however_it_comes_to_it(ada: Caller) -> None:
    made = address(ada, FriendlyName="x" * 33)
    refused(ada.post(made["uri"], {"EmergencyEnabled": "true"}), 21238)
    assert ada.post(made["uri"], {"EmergencyEnabled": "true", "FriendlyName": "x" * 32}).json()["emergency_enabled"]
    refused(ada.post(made["uri"], {"FriendlyName": "x" * 33}), 21238)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"CustomerName": "Ada & Co"}, {"London"}),
        ({"CustomerName": "Ada"}, set()),
        ({"FriendlyName": "office"}, {"Berlin", "London"}),
        ({"FriendlyName": "office", "IsoCountry": "gb"}, {"London"}),
        ({"EmergencyEnabled": "true"}, {"Paris"}),
        ({"EmergencyEnabled": "false"}, {"Berlin", "London"}),
        ({"IsoCountry": "FR"}, {"Paris"}),
        ({}, {"Berlin", "London", "Paris"}),
    ],
)
def test_filters_find_what_is_encrypted(ada: Caller, account: Account, query: dict[str, str], found: set[str]) -> None:
    AddressFactory.create(account=account, friendly_name="office")
    AddressFactory.create(
        account=account, friendly_name="office", customer_name="Ada & Co", city="London", iso_country="GB"
    )
    AddressFactory.create(account=account, city="Paris", iso_country="FR", emergency_enabled=True)
    AddressFactory.create(friendly_name="office", customer_name="Ada & Co", city="Rome")
    rows = ada.get(ada.of("Addresses.json"), query).json()["addresses"]
    assert {row["city"] for row in rows} == found


def test_bad_filters(ada: Caller) -> None:
    refused(ada.get(ada.of("Addresses.json"), {"EmergencyEnabled": "perhaps"}), 20001)
    refused(ada.get(ada.of("Addresses.json"), {"IsoCountry": "Germany"}), 20001)


@pytest.mark.parametrize("state", [BundleState.PENDING_REVIEW, BundleState.IN_REVIEW, BundleState.APPROVED])
def test_on_a_paper_that_is_judged_or_was_it_stays(ada: Caller, account: Account, state: BundleState) -> None:
    row = AddressFactory.create(account=account)
    BundleFactory.create(account=account, address=row, state=state)
    here = ada.of(f"Addresses/{row.sid}.json")
    refused(ada.post(here, {"Street": "Pariser Platz 1"}), 21630)
    refused(ada.delete(here), 21630)
    changed = ada.post(here, {"FriendlyName": "Old office", "Street": row.street}).json()
    assert (changed["friendly_name"], changed["street"]) == ("Old office", row.street)


def test_on_a_paper_that_was_approved_it_stays_though_the_bundle_was_rejected(ada: Caller, account: Account) -> None:
    row = AddressFactory.create(account=account)
    bundle = BundleFactory.create(account=account, address=row, state=BundleState.REJECTED)
    SupportingDocument.objects.filter(assignments__bundle=bundle).update(status=DocumentStatus.APPROVED)
    refused(ada.post(ada.of(f"Addresses/{row.sid}.json"), {"Street": "Pariser Platz 1"}), 21630)


def test_a_change_ends_what_a_reviewer_saw(ada: Caller, account: Account) -> None:
    row = AddressFactory.create(account=account, verified=True)
    here = ada.of(f"Addresses/{row.sid}.json")
    assert ada.post(here, {"FriendlyName": "Old office"}).json()["verified"]
    assert not ada.post(here, {"Street": "Pariser Platz 1"}).json()["verified"]


def test_an_address_on_a_paper_is_not_deleted(ada: Caller, account: Account) -> None:
    row = AddressFactory.create(account=account)
    paper = DocumentFactory.create(account=account, addresses=[row])
    answer = ada.delete(ada.of(f"Addresses/{row.sid}.json"))
    refused(answer, 20409, 409)
    assert answer.json()["details"] == {"document_sids": [paper.sid]}


def test_an_address_that_numbers_need_is_not_deleted(ada: Caller, account: Account) -> None:
    row = AddressFactory.create(account=account)
    did = DidFactory.create(account=account, address_sid=row.sid)
    answer = ada.delete(ada.of(f"Addresses/{row.sid}.json"))
    refused(answer, 20409, 409)
    assert str(did.number) not in answer.json()["message"]
    ada.delete(ada.of(f"IncomingPhoneNumbers/{did.sid}.json"))
    assert ada.delete(ada.of(f"Addresses/{row.sid}.json")).status_code == 204


def test_an_address_with_a_number_does_not_move_to_another_town(ada: Caller, account: Account) -> None:
    """The number was assigned because of where the address is; how it is called may change."""
    row = AddressFactory.create(account=account)
    DidFactory.create(account=account, address_sid=row.sid)
    refused(ada.post(ada.of(f"Addresses/{row.sid}.json"), {"City": "Nowhere"}), 20409, 409)
    row.refresh_from_db()
    assert (row.city != "Nowhere", row.revision) == (True, 1)
    assert ada.post(ada.of(f"Addresses/{row.sid}.json"), {"FriendlyName": "Head office"}).status_code == 200


def test_dependent_numbers(ada: Caller, account: Account) -> None:
    row = AddressFactory.create(account=account)
    mine = DidFactory.create(account=account, address_sid=row.sid, voice_url="https://a.example/v")
    emergency = DidFactory.create(account=account, emergency_address_sid=row.sid)
    DidFactory.create(account=account)
    DidFactory.create(address_sid=row.sid)
    page = ada.get(ada.of(f"Addresses/{row.sid}/DependentPhoneNumbers.json")).json()
    shown = page["dependent_phone_numbers"]
    assert [each["sid"] for each in shown] == [emergency.sid, mine.sid]
    assert shown[1]["voice_url"] == "https://a.example/v"
    assert shown[1]["capabilities"] == {"Voice": True, "SMS": True, "MMS": True}
    assert ada.get(shown[1]["uri"]).json()["sid"] == mine.sid


def test_a_subaccounts_addresses_are_below_its_own_path(ada: Caller, account: Account) -> None:
    child = AccountFactory.create(parent=account)
    answer = ada.post(f"/2010-04-01/Accounts/{child.sid}/Addresses.json", BERLIN)
    assert (answer.status_code, answer.json()["account_sid"]) == (201, child.sid)
    refused(ada.get(ada.of(f"Addresses/{answer.json()['sid']}.json")), 20404, 404)
    assert ada.get(answer.json()["uri"]).status_code == 200
