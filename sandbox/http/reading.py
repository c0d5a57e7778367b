"""Reading what callers send: every value is checked before it is used."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web
from yarl import URL

from sandbox.catalogue import TYPES
from sandbox.http.errors import BadRequest
from sandbox.settings import E164

MOST_OFFERS = 500
MOST_LINES = 500


async def body(request: web.Request) -> dict[str, Any]:
    """The JSON object of a request. Raises BadRequest unless it is one."""
    try:
        document = json.loads(await request.read() or b"{}")
    except (ValueError, RecursionError):
        raise BadRequest("invalid_json", "The body is not JSON.") from None
    except (ConnectionError, web.RequestPayloadError):  # the caller hung up in the middle of it
        raise BadRequest("incomplete", "The body ended early.") from None
    if not isinstance(document, dict):
        raise BadRequest("invalid_json", "The body must be a JSON object.")
    return document


def reference(document: dict[str, Any]) -> str:
    value = document.get("client_reference")
    if not isinstance(value, str) or not 1 <= len(value) <= 64 or not value.isprintable():
        raise BadRequest("invalid_client_reference", "client_reference must have 1 to 64 printable characters.")
    return value


def numbers(document: dict[str, Any]) -> list[str]:
    value = document.get("numbers")
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_LINES:
        raise BadRequest("invalid_numbers", f"numbers must be a list of 1 to {MOST_LINES} numbers.")
    if not all(isinstance(number, str) and E164.fullmatch(number) for number in value):
        raise BadRequest("invalid_numbers", "numbers must be E.164, for example +14155550123.")
    if len(set(value)) != len(value):
        raise BadRequest("invalid_numbers", "A number may be ordered once in an order.")
    return value


def callback_url(document: dict[str, Any]) -> str | None:
    value = document.get("callback_url")
    if value is None:
        return None
    try:
        url = URL(value)
    except (TypeError, ValueError):
        raise BadRequest("invalid_callback_url", "callback_url must be an http or https URL.") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise BadRequest("invalid_callback_url", "callback_url must be an http or https URL.")
    return str(value)


def number_in_path(request: web.Request) -> str:
    """The number of `/numbers/{e164}`; the plus sign may be missing or percent-encoded."""
    number = "+" + request.match_info["e164"].removeprefix("+")
    if not E164.fullmatch(number):
        raise BadRequest("invalid_number", "The number must be E.164.")
    return number


def whole(request: web.Request, name: str, default: int, least: int, most: int) -> int:
    text = request.query.get(name, "") or str(default)
    if not (text.isascii() and text.isdecimal() and len(text) < 12 and least <= int(text) <= most):
        raise BadRequest(f"invalid_{name}", f"{name} must be a whole number from {least} to {most}.")
    return int(text)


def number_type(request: web.Request) -> str | None:
    value = request.query.get("type")
    if value is not None and value not in TYPES:
        raise BadRequest("invalid_type", f"type must be one of {', '.join(TYPES)}.")
    return value
