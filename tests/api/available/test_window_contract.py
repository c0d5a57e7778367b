"""The shop window against Twilio's own OpenAPI document. Collected only where it is present (see conftest)."""

from typing import Any

import pytest
from jsonschema import Draft4Validator

from api.available.parameters import FILTERS
from api.available.payloads import PATH_NAMES
from numbering.types import NumberType
from tests.api.conftest import Caller
from tests.api.test_contract import DOCUMENT, described_keys, schema_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_window")]

HERE = "/2010-04-01/Accounts/{AccountSid}/AvailablePhoneNumbers"
PAGING = {"PageSize", "Page", "PageToken"}


def as_its_example_has_them(schema: Any) -> Any:
    """The document calls degrees numbers, but its own examples (and Twilio) write them as texts: "19.720000"."""
    components = schema["components"]["schemas"]
    for name, component in components.items():
        if "available_phone_number_country.available_phone_number_" in name:
            for degrees in ("latitude", "longitude"):
                component["properties"][degrees] = {"type": ["string", "null"], "pattern": r"^-?\d{1,3}\.\d{6}$"}
    return schema


def check(caller: Caller, path: str, template: str) -> dict[str, Any]:
    answer = caller.get(caller.of(path))
    schema = as_its_example_has_them(schema_of(template, "get", 200))
    Draft4Validator(schema).validate(answer.json())
    assert described_keys(schema) <= set(answer.json()) | {"last_page_uri", "num_pages", "total"}
    body: dict[str, Any] = answer.json()
    return body


def test_countries(ada: Caller) -> None:
    check(ada, "AvailablePhoneNumbers.json", f"{HERE}.json")
    check(ada, "AvailablePhoneNumbers/GB.json", f"{HERE}/{{CountryCode}}.json")


@pytest.mark.parametrize("number_type", NumberType)
def test_rows_hold_exactly_the_described_keys_and_ours(number_type: NumberType, ada: Caller) -> None:
    name = PATH_NAMES[number_type]
    body = check(ada, f"AvailablePhoneNumbers/GB/{name}.json", f"{HERE}/{{CountryCode}}/{name}.json")
    row = f"api.v2010.account.available_phone_number_country.available_phone_number_{number_type.value}"
    described = set(DOCUMENT["components"]["schemas"][row]["properties"])
    assert [set(each) - described for each in body["available_phone_numbers"]] == [{"numberyard"}]
    assert described <= set(body["available_phone_numbers"][0])


@pytest.mark.parametrize("name", PATH_NAMES.values())
def test_all_documented_parameters_are_read_and_no_other(name: str) -> None:
    operation = DOCUMENT["paths"][f"{HERE}/{{CountryCode}}/{name}.json"]["get"]
    documented = {each["name"] for each in operation["parameters"] if each["in"] == "query"}
    assert {parameter.name for parameter in FILTERS} | PAGING == documented
    assert len(documented) == 21
