"""Bundles against Twilio's own OpenAPI document. Collected only where that is present (see conftest)."""

import json
from typing import Any

import pytest
from jsonschema import Draft4Validator

from accounts.models import Account
from compliance.lifecycle import BundleState
from compliance.models import Bundle
from tests.api.bundles.conftest import BUNDLES, Make
from tests.api.bundles.irish import irish_bundle, irish_end_user, running_out
from tests.api.conftest import CONTRACTS, Caller
from tests.api.openapi import document, formats, nullable
from tests.factories import advanced

pytestmark = pytest.mark.django_db

DOCUMENT: dict[str, Any] = json.loads((CONTRACTS / "twilio_numbers_v2.json").read_text())


def check(answer: Any, tail: str, method: str, status: int) -> dict[str, Any]:
    """The answer is what the contract says of this path below Bundles, and no key of it is missing."""
    assert answer.status_code == status, answer.content
    response = DOCUMENT["paths"][f"{BUNDLES}{tail}"][method]["responses"][str(status)]
    content = response["content"]["application/json"]
    schema = {**nullable(content["schema"]), "components": nullable(DOCUMENT["components"])}
    Draft4Validator(schema, format_checker=formats).validate(answer.json())
    body: dict[str, Any] = answer.json()
    for example in content.get("examples", {}).values():
        assert set(example["value"]) <= set(body)
    return body


def test_a_bundle_and_its_list(made: Make, ada: Caller, irish: Any) -> None:
    form = {"FriendlyName": "Dublin", "Email": "a@example.com", "RegulationSid": irish.sid}
    body = check(ada.post(BUNDLES, form), "", "post", 201)
    check(ada.get(BUNDLES), "", "get", 200)
    check(ada.get(f"{BUNDLES}/{body['sid']}"), "/{Sid}", "get", 200)
    check(ada.post(f"{BUNDLES}/{body['sid']}", {"FriendlyName": "Cork"}), "/{Sid}", "post", 200)


def test_items(ada: Caller, account: Account) -> None:
    here, tail = f"{BUNDLES}/{irish_bundle(account, items=[]).sid}/ItemAssignments", "/{BundleSid}/ItemAssignments"
    item = check(ada.post(here, {"ObjectSid": irish_end_user(account).sid}), tail, "post", 201)
    check(ada.get(here), tail, "get", 200)
    check(ada.get(f"{here}/{item['sid']}"), f"{tail}/{{Sid}}", "get", 200)


def test_evaluations(ada: Caller, account: Account) -> None:
    here, tail = f"{BUNDLES}/{irish_bundle(account, items=[]).sid}/Evaluations", "/{BundleSid}/Evaluations"
    body = check(ada.post(here), tail, "post", 201)
    check(ada.get(here), tail, "get", 200)
    check(ada.get(f"{here}/{body['sid']}"), f"{tail}/{{Sid}}", "get", 200)
    (example,) = DOCUMENT["paths"][f"{BUNDLES}{tail}"]["post"]["responses"]["201"]["content"]["application/json"][
        "examples"
    ].values()
    theirs, ours = example["value"]["results"][0], body["results"][0]
    assert set(ours) == set(theirs) | {"numberyard"}
    assert set(ours["invalid"][0]) == set(theirs["invalid"][0]) | {"numberyard"}
    assert {field["error_code"] for field in ours["invalid"]} == {field["error_code"] for field in theirs["invalid"]}


def test_copies_replacement_and_clones(ada: Caller, account: Account) -> None:
    original, one = running_out(account), "/{BundleSid}"
    here = f"{BUNDLES}/{original.sid}"
    copy = check(ada.post(f"{here}/Copies"), f"{one}/Copies", "post", 201)
    check(ada.get(f"{here}/Copies"), f"{one}/Copies", "get", 200)
    advanced(Bundle.objects.get(sid=copy["sid"]), BundleState.APPROVED)
    check(ada.post(f"{here}/ReplaceItems", {"FromBundleSid": copy["sid"]}), f"{one}/ReplaceItems", "post", 201)
    check(ada.post(f"{here}/Clones", {"TargetAccountSid": account.sid}), f"{one}/Clones", "post", 201)


def test_every_parameter_of_the_contract_is_one_of_ours() -> None:
    ours = {each["name"] for each in document()["paths"][BUNDLES]["get"]["parameters"]}
    assert {each["name"] for each in DOCUMENT["paths"][BUNDLES]["get"]["parameters"]} <= ours
    below = ("ItemAssignments", "Copies", "ReplaceItems", "Clones")
    for tail in ("", "/{sid}", *(f"/{{bundle_sid}}/{name}" for name in below)):
        form = document()["paths"][BUNDLES + tail]["post"]["requestBody"]["content"]
        theirs = DOCUMENT["paths"][BUNDLES + tail.replace("{sid}", "{Sid}").replace("{bundle_sid}", "{BundleSid}")]
        wanted = theirs["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]["properties"]
        assert set(wanted) <= set(form["application/x-www-form-urlencoded"]["schema"]["properties"])
