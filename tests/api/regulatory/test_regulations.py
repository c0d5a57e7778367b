"""Regulations: in Twilio's shape, and what a program needs beside it."""

from typing import Any

import pytest

from tests.api.conftest import Caller
from tests.api.regulatory.papers import BASE, path_of
from tests.api.test_incoming import refused
from tests.factories import RegulationVersionFactory

pytestmark = pytest.mark.django_db

LIST = f"{BASE}/Regulations"


@pytest.fixture(autouse=True)
def _rules(db: None) -> None:
    for country in ("DE", "IE", "GB"):
        RegulationVersionFactory.create(regulation__country=country)


def only(caller: Caller, **query: str) -> dict[str, Any]:
    (row,) = caller.get(LIST, query).json()["results"]
    found: dict[str, Any] = row
    return found


def of_germany(caller: Caller, **query: str) -> dict[str, Any]:
    return only(caller, IsoCountry="DE", NumberType="local", EndUserType="business", **query)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"IsoCountry": "de"}, {"iso_country": "DE"}),
        ({"NumberType": "toll-free"}, {"number_type": "toll-free"}),
        ({"NumberType": "TOLL-FREE"}, {"number_type": "toll-free"}),
        ({"NumberType": "toll_free"}, {"number_type": "toll-free"}),
        ({"NumberType": "TollFree"}, {"number_type": "toll-free"}),
        ({"EndUserType": "individual"}, {"end_user_type": "individual"}),
        ({"EndUserType": "Business", "NumberType": "local"}, {"end_user_type": "business", "number_type": "local"}),
    ],
)
def test_filters(ada: Caller, query: dict[str, str], found: dict[str, str]) -> None:
    everything = ada.get(LIST, {"PageSize": "1000"}).json()["results"]
    rows = ada.get(LIST, query | {"PageSize": "1000"}).json()["results"]
    assert rows == [row for row in everything if found.items() <= row.items()]
    assert 0 < len(rows) < len(everything)


def test_a_country_without_rules_has_no_regulations(ada: Caller) -> None:
    assert ada.get(LIST, {"IsoCountry": "US"}).json()["results"] == []


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"EndUserType": "company"}, 22212),
        ({"NumberType": "landline"}, 22213),
        ({"IsoCountry": "Germany"}, 20001),
        ({"IncludeConstraints": "all"}, 20001),
    ],
)
def test_bad_filters(ada: Caller, query: dict[str, str], code: int) -> None:
    refused(ada.get(LIST, query), code)


def test_germany_asks_a_business_for_what_twilio_says_in_the_shape_that_twilio_has(ada: Caller) -> None:
    shown = of_germany(ada)
    assert shown["friendly_name"] == "Germany: Local - Business"
    assert (shown["number_type"], shown["end_user_type"], shown["iso_country"]) == ("local", "business", "DE")
    (party,) = shown["requirements"]["end_user"]
    assert (party["type"], party["name"], party["requirement_name"]) == ("business", "Business", "business_info")
    assert party["fields"] == [
        *("business_name", "business_registration_number", "first_name", "last_name"),
        *("email", "business_website", "comments"),
    ]
    assert [field["machine_name"] for field in party["detailed_fields"]] == party["fields"]
    optional = [
        each["machine_name"] for each in party["detailed_fields"] if each["friendly_name"].endswith("(Optional)")
    ]
    assert optional == ["comments"]
    (papers,) = shown["requirements"]["supporting_document"]
    assert [(each["type"], each["requirement_name"]) for each in papers] == [
        ("document", "business_name_info"),
        ("document", "business_address_proof_info"),
        ("document", "business_reg_no_info"),
    ]
    accepted = papers[1]["accepted_documents"]
    assert [each["type"] for each in accepted] == ["commercial_registrar_excerpt", "trade_license", "tax_document"]
    assert accepted[0]["name"] == "Extract from the commercial register"
    assert (
        [field["machine_name"] for field in accepted[0]["detailed_fields"]] == accepted[0]["fields"] == ["address_sids"]
    )
    assert "post office box" in papers[1]["description"]
    assert "post office box" not in papers[0]["description"]


def test_what_it_refers_to_can_be_read(ada: Caller) -> None:
    shown = of_germany(ada)
    assert ada.get(path_of(shown["url"])).json() == shown
    (party,) = shown["requirements"]["end_user"]
    assert ada.get(path_of(party["url"])).json()["machine_name"] == "business"
    paper = shown["requirements"]["supporting_document"][0][0]["accepted_documents"][0]
    assert ada.get(path_of(paper["url"])).json()["machine_name"] == paper["type"]


def test_constraints_come_when_they_are_asked_for(ada: Caller) -> None:
    without = of_germany(ada)
    assert "constraints" not in without["numberyard"]
    assert "constraint" not in without["requirements"]["end_user"][0]["detailed_fields"][0]
    shown = ada.get(path_of(without["url"]), {"IncludeConstraints": "true"}).json()
    assert shown == of_germany(ada, IncludeConstraints="true")
    (papers,) = shown["requirements"]["supporting_document"]
    assert papers[1]["accepted_documents"][0]["detailed_fields"][0]["constraint"] == "List"
    assert {each["constraint"] for each in shown["requirements"]["end_user"][0]["detailed_fields"]} == {"String"}


def test_everything_structured_stands_under_our_own_key(ada: Caller) -> None:
    ours = of_germany(ada, IncludeConstraints="true")["numberyard"]
    assert (ours["version"], ours["enforced"], ours["confidence"], ours["available"]) == (1, True, "documented", "yes")
    found = ours["constraints"]
    assert found["address"] == {
        "requirement": "local",
        "scope": "area_code",
        "scope_meaning": "in the area served by the prefix of the number",
        "po_box_allowed": False,
        "postal_code_required": False,
    }
    assert found["review"] == {"mode": "manual", "business_days": [2, 3]}
    number = next(each for each in found["end_user"] if each["machine_name"] == "business_registration_number")
    assert number["required"]
    assert number["identifier"]["severity"] == "soft"
    proof = found["documents"][1]
    assert proof["address_must_match"]
    assert proof["accepted"][0] == {
        "type": "commercial_registrar_excerpt",
        "fields": ["address_sids"],
        "file_required": True,
        "max_age_months": None,
    }
    assert "rec-de" in {source["id"] for source in found["sources"]}
    assert any("Gewerbeanmeldung" in note for note in found["notes"])


def test_ages_and_issuers(ada: Caller) -> None:
    shown = only(ada, IsoCountry="DE", NumberType="toll-free", EndUserType="business", IncludeConstraints="true")
    (papers,) = shown["requirements"]["supporting_document"]
    described = {each["requirement_name"]: each["description"] for each in papers}
    assert "At most 1 month old, by its issue_date." in described["letter_of_intent_info"]
    assert "member state of the European Union" in described["name_of_auth_rep_info"]
    structured = {each["requirement_name"]: each for each in shown["numberyard"]["constraints"]["documents"]}
    assert structured["letter_of_intent_info"]["accepted"][0]["max_age_months"] == 1
    assert structured["name_of_auth_rep_info"]["issuing_country"] == "same_or_eu"


def test_who_is_not_sold_such_numbers_hears_it_here(ada: Caller) -> None:
    shown = only(ada, IsoCountry="DE", NumberType="local", EndUserType="individual")
    assert shown["numberyard"]["available"] == "no"
    assert shown["requirements"]["supporting_document"] == [[]]
    assert shown["requirements"]["end_user"][0]["fields"] == []


def test_choices_are_in_the_prose_as_twilio_has_them(ada: Caller) -> None:
    shown = only(ada, IsoCountry="IE", NumberType="local", EndUserType="business")
    fields = {
        each["machine_name"]: each["description"] for each in shown["requirements"]["end_user"][0]["detailed_fields"]
    }
    assert "[YES, NO]" in fields["is_subassigned"].upper()


def test_pages(ada: Caller) -> None:
    first = ada.get(LIST, {"PageSize": "2", "IncludeConstraints": "true"}).json()
    second = ada.get(path_of(first["meta"]["next_page_url"])).json()
    sids = [row["sid"] for row in first["results"] + second["results"]]
    assert len(set(sids)) == 4
    assert "constraints" in second["results"][0]["numberyard"]


def test_an_unknown_regulation(ada: Caller) -> None:
    refused(ada.get(f"{LIST}/RN{'0' * 32}"), 20404, 404)
    refused(ada.get(f"{LIST}/nonsense"), 20404, 404)
