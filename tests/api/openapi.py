"""Our own OpenAPI document as a judge of our answers: stricter than a client must be, no field goes undescribed."""

import json
import re
from functools import cache
from typing import Any

from django.test import Client
from jsonschema import Draft4Validator, FormatChecker

RFC2822 = re.compile(r"[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} \+0000")
ISO8601 = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
formats = FormatChecker(formats=())
formats.checks("date-time-rfc-2822")(lambda value: value is None or RFC2822.fullmatch(value) is not None)
formats.checks("date-time")(lambda value: value is None or ISO8601.fullmatch(value) is not None)


@cache
def document() -> dict[str, Any]:
    """The document, as anybody may read it."""
    found: dict[str, Any] = Client().get("/docs/openapi.json").json()
    return found


def check(method: str, path: str, answer: Any) -> None:
    """Raises AssertionError or ValidationError when the answer is not what the document says of this request."""
    described = responses(method, path)
    response = described.get(str(answer.status_code), described["default"])
    if "content" not in response:
        assert answer.content == b"", f"{method} {path} answers with a body that nothing describes"
    elif method != "HEAD":
        _validator(json.dumps(response["content"]["application/json"]["schema"])).validate(answer.json())


def responses(method: str, path: str) -> dict[str, Any]:
    """What may come back from a path. From one that is not served, as from any: a refusal."""
    for template, operations in _templates():
        if re.fullmatch(template, path):
            operation = operations.get("get" if method == "HEAD" else method.lower(), {})
            described: dict[str, Any] = operation.get("responses", {})
            return _ANY_REFUSAL | described
    return _ANY_REFUSAL


_ERROR = {"schema": {"$ref": "#/components/schemas/Error"}}
_ANY_REFUSAL: dict[str, Any] = {"default": {"content": {"application/json": _ERROR}}, "204": {}}  # 204: a preflight's


@cache
def _templates() -> list[tuple[str, dict[str, Any]]]:
    """Paths with fewer variables first: a name goes before a SID in its place."""
    paths = sorted(document()["paths"].items(), key=lambda item: item[0].count("{"))
    return [(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)), operations) for path, operations in paths]


@cache
def _validator(schema: str) -> Draft4Validator:
    components = strict(nullable(document()["components"]))
    whole = {**strict(nullable(json.loads(schema))), "components": components}
    return Draft4Validator(whole, format_checker=formats)


def nullable(node: Any) -> Any:
    """OpenAPI 3.0 as JSON schema draft 4: `nullable` becomes a type, also beside a reference to an enum."""
    if isinstance(node, list):
        return [nullable(each) for each in node]
    if not isinstance(node, dict):
        return node
    plain = {key: nullable(value) for key, value in node.items() if key != "nullable"}
    if node.get("nullable") and "type" in plain:
        plain["type"] = [plain["type"], "null"]
        if "enum" in plain:
            plain["enum"] = [*plain["enum"], None]
    return plain


def strict(node: Any) -> Any:
    """Every object has the properties that are named, and no other."""
    if isinstance(node, list):
        return [strict(each) for each in node]
    if not isinstance(node, dict):
        return node
    closed = {"additionalProperties": False} if isinstance(node.get("properties"), dict) else {}
    return closed | {key: strict(value) for key, value in node.items()}
