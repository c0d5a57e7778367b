"""RegulatoryCompliance against Twilio's own OpenAPI document. Collected only where that is present (see conftest)."""

import json
from typing import Any

import pytest
from jsonschema import Draft4Validator

from tests.api.conftest import CONTRACTS, Caller, Part
from tests.api.openapi import formats, nullable
from tests.api.regulatory.papers import BASE, path_of, png
from tests.factories import RegulationVersionFactory

pytestmark = pytest.mark.django_db

DOCUMENT: dict[str, Any] = json.loads((CONTRACTS / "twilio_numbers_v2.json").read_text())
PAPER = {"FriendlyName": "Passport", "Type": "passport", "Attributes": '{"first_name": "Ada"}'}


def check(answer: Any, template: str, method: str, status: int) -> dict[str, Any]:
    """The answer is one that the document describes, and holds everything that it describes."""
    assert answer.status_code == status, answer.content
    described = DOCUMENT["paths"][f"{BASE}/{template}"][method]["responses"][str(status)]
    schema = nullable(described["content"]["application/json"]["schema"])
    components = nullable(DOCUMENT["components"])
    Draft4Validator({**schema, "components": components}, format_checker=formats).validate(answer.json())
    target = components["schemas"][schema["$ref"].rsplit("/", 1)[-1]] if "$ref" in schema else schema
    body: dict[str, Any] = answer.json()
    assert set(target["properties"]) <= set(body)
    return body


def test_end_users(ada: Caller) -> None:
    made = check(ada.post(f"{BASE}/EndUsers", PAPER | {"Type": "individual"}), "EndUsers", "post", 201)
    check(ada.get(path_of(made["url"])), "EndUsers/{Sid}", "get", 200)
    check(ada.post(path_of(made["url"]), {"Attributes": "{}"}), "EndUsers/{Sid}", "post", 200)
    check(ada.get(f"{BASE}/EndUsers"), "EndUsers", "get", 200)


def test_supporting_documents(ada: Caller) -> None:
    made = check(ada.post(f"{BASE}/SupportingDocuments", PAPER), "SupportingDocuments", "post", 201)
    here = path_of(made["url"])
    check(ada.upload(here, {}, Part(png())), "SupportingDocuments/{Sid}", "post", 200)
    check(ada.get(here), "SupportingDocuments/{Sid}", "get", 200)
    check(ada.get(f"{BASE}/SupportingDocuments"), "SupportingDocuments", "get", 200)


@pytest.mark.parametrize("catalogue", ["EndUserTypes", "SupportingDocumentTypes"])
def test_catalogues(ada: Caller, catalogue: str) -> None:
    page = check(ada.get(f"{BASE}/{catalogue}"), catalogue, "get", 200)
    first = page[page["meta"]["key"]][0]
    check(ada.get(path_of(first["url"])), f"{catalogue}/{{Sid}}", "get", 200)


@pytest.mark.parametrize("constraints", ["true", "false"])
def test_regulations(ada: Caller, constraints: str) -> None:
    RegulationVersionFactory.create()
    asked = {"IncludeConstraints": constraints}
    page = check(ada.get(f"{BASE}/Regulations", asked), "Regulations", "get", 200)
    check(ada.get(path_of(page["results"][0]["url"]), asked), "Regulations/{Sid}", "get", 200)


def test_the_shape_of_requirements_is_that_of_the_documents_example(ada: Caller) -> None:
    RegulationVersionFactory.create()
    listed = DOCUMENT["paths"][f"{BASE}/Regulations"]["get"]["responses"]["200"]["content"]["application/json"]
    example = listed["examples"]["readFull"]["value"]["results"][0]
    query = {"IsoCountry": "DE", "NumberType": "local", "EndUserType": "business"}
    (ours,) = ada.get(f"{BASE}/Regulations", query).json()["results"]
    assert shape(ours["requirements"]) == shape(example["requirements"])
    assert set(ours) - set(example) == {"numberyard"}


def shape(node: Any) -> Any:
    """The names and kinds of what is in a value; a list is as its first item is."""
    if isinstance(node, dict):
        return {name: shape(value) for name, value in node.items()}
    if isinstance(node, list):
        return [shape(node[0])] if node else []
    return type(node).__name__
