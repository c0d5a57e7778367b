"""The control API for tests and the accuracy benchmark: /sandbox/v1/... It tells the truth about every number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiohttp import web

from sandbox.faults import NumberFault
from sandbox.http import reading
from sandbox.http.carrier_api import BOOK, DESK
from sandbox.http.errors import BadRequest
from sandbox.numbers import NumberFaults, UnknownFault
from sandbox.sip.trunk import TROUBLES, Trunk
from sandbox.sms.store import Store

FAULTS = web.AppKey("faults", NumberFaults)
TRUNKS = web.AppKey("trunks", dict[str, Trunk])
STORE = web.AppKey("store", Store)


def add_routes(app: web.Application) -> None:
    base = "/sandbox/v1"
    app.router.add_get("/healthz", healthz)
    app.router.add_get(f"{base}/numbers/{{e164}}", tell_number)
    app.router.add_put(f"{base}/numbers/{{e164}}/fault", force_number_fault)
    app.router.add_delete(f"{base}/numbers/{{e164}}/fault", forget_number_fault)
    app.router.add_get(f"{base}/faults", list_faults)
    app.router.add_post(f"{base}/faults", force_service_fault)
    app.router.add_get(f"{base}/calls", list_calls)
    app.router.add_put(f"{base}/trunks/{{name}}/trouble", trouble_trunk)
    app.router.add_get(f"{base}/messages", list_messages)
    app.router.add_post(f"{base}/reset", reset)


async def healthz(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def tell_number(request: web.Request) -> web.Response:
    number, book = reading.number_in_path(request), request.app[BOOK]
    source = book.catalogue.find(number)
    fault = request.app[FAULTS].fault_of(number)
    document = {
        "number": number,
        "carrier": source.product.carrier if source else None,
        "held": book.holder(number) is not None,
        "reference": number in book.reference_numbers,
        "fault": _fault(fault) if fault else None,
    }
    return web.json_response(document)


async def force_number_fault(request: web.Request) -> web.Response:
    """{"kind": ..., "severity": ..., "parameters": ...}; a kind of null makes the number healthy.

    Parameters are optional, and change the row's own: a severity that the table does not have.
    """
    document = await reading.body(request)
    kind, severity = _text(document, "kind"), _text(document, "severity")
    parameters = document.get("parameters", {})
    if not isinstance(parameters, dict):
        raise BadRequest("invalid_parameters", "parameters must be an object.")
    try:
        request.app[FAULTS].force(reading.number_in_path(request), kind, severity, parameters)
    except UnknownFault:
        raise BadRequest("unknown_fault", f"There is no number fault {kind} {severity or ''}.") from None
    return await tell_number(request)


async def forget_number_fault(request: web.Request) -> web.Response:
    request.app[FAULTS].forget(reading.number_in_path(request))
    return await tell_number(request)


async def list_faults(request: web.Request) -> web.Response:
    table = request.app[FAULTS].table
    numbers = [_fault(row) for row in table.numbers]
    return web.json_response({"service": dict(table.service), "numbers": numbers})


async def force_service_fault(request: web.Request) -> web.Response:
    """{"kind", "carrier", "key", "times"}: strike the next `times` occasions of one number or order, or any."""
    document = await reading.body(request)
    book, kind = request.app[BOOK], _text(document, "kind")
    if kind is None or kind not in book.faults.table:
        raise BadRequest("unknown_fault", f"There is no service fault {kind}.")
    times = document.get("times", 1)
    if type(times) is not int or not 1 <= times <= 1000:
        raise BadRequest("invalid_times", "times must be a whole number from 1 to 1000.")
    book.faults.force(kind, carrier=_text(document, "carrier"), key=_text(document, "key"), times=times)
    return web.json_response({"kind": kind, "times": times}, status=201)


async def list_calls(request: web.Request) -> web.Response:
    """Over all trunks, each with the name of its own."""
    trunks = request.app[TRUNKS].values()
    calls = [call | {"trunk": trunk.name} for trunk in trunks for call in trunk.calls()]
    return web.json_response({"calls": sorted(calls, key=lambda call: call["started_at"])})


async def trouble_trunk(request: web.Request) -> web.Response:
    """{"trouble": "down" | "unavailable" | "slow" | null}, from now on."""
    trunk, trouble = request.app[TRUNKS].get(request.match_info["name"]), _text(await reading.body(request), "trouble")
    if trunk is None or trouble not in (None, *TROUBLES):
        raise BadRequest("unknown_trouble", f"There is no such trunk, or no such trouble: {', '.join(TROUBLES)}.")
    trunk.trouble = trouble
    return web.json_response({"trunk": trunk.name, "trouble": trouble})


async def list_messages(request: web.Request) -> web.Response:
    return web.json_response({"messages": request.app[STORE].documents()})


async def reset(request: web.Request) -> web.Response:
    """Forget all orders, holdings, messages and forced faults."""
    book = request.app[BOOK]
    histories = [trunk.history for trunk in request.app[TRUNKS].values()]
    actions: tuple[Callable[[], None], ...] = (
        book.ledger.reset, book.faults.forced.clear, book.faults.occasions.clear, request.app[DESK].kept.clear,
        *(each.clear for each in histories),
    )  # fmt: skip
    for action in actions:
        action()
    return web.json_response({"status": "forgotten"})


def _text(document: dict[str, Any], name: str) -> str | None:
    value = document.get(name)
    if value is not None and not isinstance(value, str):
        raise BadRequest(f"invalid_{name}", f"{name} must be a string or null.")
    return value


def _fault(fault: NumberFault) -> dict[str, Any]:
    fields = ("kind", "severity", "mechanism", "needs", "fails", "may_fail")
    return {**{name: getattr(fault, name) for name in fields}, "parameters": dict(fault.parameters)}
