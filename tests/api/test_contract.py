"""Our answers against Twilio's own OpenAPI documents. Collected only where those are present (see conftest)."""

import json
import re
from typing import Any

import pytest
from jsonschema import Draft4Validator

from accounts.models import Account
from tests.api.conftest import CONTRACTS, Caller
from tests.api.openapi import formats, nullable
from tests.api.test_incoming import bought
from tests.factories import DidFactory, NumberFactory

pytestmark = pytest.mark.django_db

DOCUMENT: dict[str, Any] = json.loads((CONTRACTS / "twilio_api_v2010.json").read_text())


def schema_of(template: str, method: str, status: int) -> dict[str, Any]:
    answer = DOCUMENT["paths"][template][method]["responses"][str(status)]
    schema = nullable(answer["content"]["application/json"]["schema"])
    return {**schema, "components": nullable(DOCUMENT["components"])}


def check(answer: Any, template: str, method: str, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    schema = schema_of(f"/2010-04-01/Accounts{template}.json", method, status)
    Draft4Validator(schema, format_checker=formats).validate(answer.json())
    described = described_keys(schema)
    missing = described - set(answer.json()) - NOT_SERVED
    assert not missing, f"missing: {missing}"
    body: dict[str, Any] = answer.json()
    return body


#: Described by the document, but not of this resource as Twilio answers it.
NOT_SERVED = {"last_page_uri", "num_pages", "total"}


def described_keys(schema: dict[str, Any]) -> set[str]:
    reference = schema.get("$ref", "").rsplit("/", 1)[-1]
    target = schema["components"]["schemas"][reference] if reference else schema
    return set(target.get("properties", ()))


def test_buying_reading_updating_and_listing_a_number(ada: Caller) -> None:
    here = "/{AccountSid}/IncomingPhoneNumbers"
    answer = ada.post(ada.of("IncomingPhoneNumbers.json"), {"PhoneNumber": str(NumberFactory.create())})
    did = check(answer, here, "post", 201)
    check(ada.get(did["uri"]), f"{here}/{{Sid}}", "get", 200)
    check(ada.post(did["uri"], {"VoiceUrl": "https://a.example"}), f"{here}/{{Sid}}", "post", 200)
    check(ada.get(ada.of("IncomingPhoneNumbers.json")), here, "get", 200)
    check(ada.get(ada.of("IncomingPhoneNumbers/Local.json")), f"{here}/Local", "get", 200)
    check(ada.get(did["subresource_uris"]["assigned_add_ons"]), f"{here}/{{ResourceSid}}/AssignedAddOns", "get", 200)


def test_typed_purchase(ada: Caller) -> None:
    answer = ada.post(ada.of("IncomingPhoneNumbers/Local.json"), {"PhoneNumber": str(NumberFactory.create())})
    check(answer, "/{AccountSid}/IncomingPhoneNumbers/Local", "post", 201)


def test_every_setting_is_shown_under_its_snake_case_name(ada: Caller) -> None:
    parameters = DOCUMENT["paths"]["/2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers.json"]["post"]
    form = parameters["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]["properties"]
    shown = set(bought(ada, NumberFactory.create()))
    asked_only = {"AreaCode"}
    assert {re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower() for name in set(form) - asked_only} <= shown


def test_lists_carry_no_key_that_breaks_the_sdk(ada: Caller, account: Account) -> None:
    DidFactory.create(account=account)
    allowed = {"page", "page_size", "start", "end", "uri", "first_page_uri", "next_page_uri", "previous_page_uri"}
    page = ada.get(ada.of("IncomingPhoneNumbers.json"), {"PageSize": "1"}).json()
    assert set(page) - allowed == {"incoming_phone_numbers"}


def test_accounts_and_keys(ada: Caller) -> None:
    child = check(ada.post("/2010-04-01/Accounts.json"), "", "post", 201)
    check(ada.get("/2010-04-01/Accounts.json"), "", "get", 200)
    check(ada.get(child["uri"]), "/{Sid}", "get", 200)
    check(ada.post(child["uri"], {"FriendlyName": "Branch"}), "/{Sid}", "post", 200)
    check(ada.get(ada.of("Balance.json")), "/{AccountSid}/Balance", "get", 200)
    for records in ("Keys", "SigningKeys"):
        key = check(ada.post(ada.of(f"{records}.json")), f"/{{AccountSid}}/{records}", "post", 201)
        check(ada.get(ada.of(f"{records}.json")), f"/{{AccountSid}}/{records}", "get", 200)
        check(ada.get(ada.of(f"{records}/{key['sid']}.json")), f"/{{AccountSid}}/{records}/{{Sid}}", "get", 200)


def test_every_path_of_this_slice_is_served(ada: Caller) -> None:
    """No path of the contract below Accounts, Keys and IncomingPhoneNumbers answers 404 for its own existence."""
    ours = [
        path
        for path in DOCUMENT["paths"]
        if re.search(r"(Accounts|Keys|Balance|IncomingPhoneNumbers(/\w+)?)\.json$", path)
    ]
    assert len(ours) >= 8
    for path in ours:
        answer = ada.get(path.replace("{AccountSid}", ada.sid))
        assert answer.status_code == 200, path
