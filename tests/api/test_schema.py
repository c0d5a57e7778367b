"""The OpenAPI document of what we serve."""

import warnings
from typing import Any
from unittest.mock import Mock, patch

import pytest
from django.core.management import call_command
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from jsonschema import ValidationError

from tests.api import openapi
from tests.api.openapi import document


def test_it_is_generated_without_a_warning_and_is_valid(capsys: pytest.CaptureFixture[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        call_command("spectacular", "--fail-on-warn", "--validate", "--format", "openapi-json")


def test_every_answer_is_described_field_by_field() -> None:
    vague = []
    for path, operations in document()["paths"].items():
        for method, operation in operations.items():
            success = next(response for status, response in operation["responses"].items() if status != "default")
            schema = success.get("content", {}).get("application/json", {}).get("schema", {})
            if not (method == "delete" or "$ref" in schema or "properties" in schema):
                vague.append((method, path))
    assert vague == []


def test_a_body_stands_in_the_document_as_it_is_typed() -> None:
    account = document()["components"]["schemas"]["Account"]
    assert account["properties"]["auth_token"] == {"type": "string", "nullable": True}
    assert account["properties"]["type"] == {"type": "string", "enum": ["Trial", "Full"]}
    price = document()["components"]["schemas"]["Offer"]
    assert "type" in price["required"]
    assert "setup_price" not in price["required"]


@pytest.mark.parametrize(
    "wrong", [{"balance": 0}, {"balance": "free"}, {"account_sid": None}, {"interest": "1.5"}, {"currency": ...}]
)
def test_the_judge_of_our_answers_notices(wrong: dict[str, Any]) -> None:
    right = {"account_sid": "AC" + "0" * 32, "balance": "0.00", "currency": "USD"}
    body = {name: value for name, value in (right | wrong).items() if value is not ...}
    path = f"/2010-04-01/Accounts/AC{'0' * 32}/Balance.json"
    openapi.check("GET", path, Mock(status_code=200, json=lambda: right))
    with pytest.raises(ValidationError):
        openapi.check("GET", path, Mock(status_code=200, json=lambda: body))
    with pytest.raises(ValidationError):
        openapi.check("GET", path, Mock(status_code=404, json=lambda: right))


def test_every_post_takes_an_idempotency_key() -> None:
    posts = [operations["post"] for operations in document()["paths"].values() if "post" in operations]
    keys = [each for post in posts for each in post["parameters"] if each["name"] == "Idempotency-Key"]
    assert len(keys) == len(posts) > 5
    assert {(key["in"], key["schema"]["maxLength"], "required" in key) for key in keys} == {("header", 255, False)}


def test_it_is_made_once_for_everybody() -> None:
    first = Client().get("/docs/openapi.json")
    with patch.object(SchemaGenerator, "get_schema", side_effect=AssertionError):
        again = Client().get("/docs/openapi.json")
    assert (again.content, again["Content-Type"]) == (first.content, "application/vnd.oai.openapi+json")


def test_it_is_public_and_lists_what_a_buyer_needs() -> None:
    paths = Client().get("/docs/openapi.json").json()["paths"]
    buying = paths["/2010-04-01/Accounts/{account_sid}/IncomingPhoneNumbers.json"]
    form = buying["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    assert {"PhoneNumber", "AreaCode", "VoiceUrl", "BundleSid"} <= set(form["properties"])
    assert {"Beta", "PhoneNumber", "PageSize"} <= {each["name"] for each in buying["get"]["parameters"]}
    assert "/inventory/v1/Reservations/{sid}" in paths
    assert "post" not in paths["/2010-04-01/Accounts/{account_sid}/Balance.json"]
