"""The OpenAPI document of what we serve."""

import warnings
from unittest.mock import patch

import pytest
from django.core.management import call_command
from django.test import Client
from drf_spectacular.generators import SchemaGenerator


def test_it_is_generated_without_a_warning_and_is_valid(capsys: pytest.CaptureFixture[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        call_command("spectacular", "--fail-on-warn", "--validate", "--format", "openapi-json")


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
