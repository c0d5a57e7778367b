"""The ordering API of each carrier: /carriers/{slug}/v1/..."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from sandbox.catalogue import Carrier, Range, page
from sandbox.draws import draw
from sandbox.http import reading
from sandbox.http.errors import BadRequest, Handler, problem
from sandbox.log import event
from sandbox.orders import OrderBook
from sandbox.reservations import ReservationDesk
from sandbox.sip.emergency import AddressBook, read_address

BOOK = web.AppKey("book", OrderBook)
ADDRESSES = web.AppKey("addresses", AddressBook)
DESK = web.AppKey("desk", ReservationDesk)
WAKE = web.AppKey("wake", asyncio.Event)
HIGHEST_CURSOR = 10**11 - 1


def add_routes(app: web.Application) -> None:
    base = "/carriers/{slug}/v1"
    app.router.add_get(f"{base}/offers", list_offers)
    app.router.add_post(f"{base}/orders", place_order)
    app.router.add_get(f"{base}/orders", find_orders)
    app.router.add_get(f"{base}/orders/{{id}}", show_order)
    app.router.add_post(f"{base}/reservations", reserve)
    app.router.add_delete(f"{base}/reservations/{{id}}", give_back)
    app.router.add_get(f"{base}/numbers", list_holdings)
    app.router.add_get(f"{base}/numbers/{{e164}}", show_holding)
    app.router.add_post(f"{base}/numbers/{{e164}}/release", release)
    app.router.add_get(f"{base}/numbers/{{e164}}/emergency-address", show_emergency_address)
    app.router.add_put(f"{base}/numbers/{{e164}}/emergency-address", register_emergency_address)
    app.router.add_delete(f"{base}/numbers/{{e164}}/emergency-address", withdraw_emergency_address)


@web.middleware
async def service_faults(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Bursts of 503 and 429, and slow answers, before the request is even looked at."""
    slug = request.match_info.get("slug")
    if slug is None:
        return await handler(request)
    faults = request.app[BOOK].faults
    for kind in ("unavailable_burst", "throttled_burst"):
        if row := faults.strikes_request(kind, slug):
            event("fault", fault=kind, carrier=slug, path=request.path)
            return problem(row["status"], kind.partition("_")[0], "Try again.", retry_after=row["retry_after"])
    if row := faults.strikes_request("slow_answer", slug):
        await asyncio.sleep(row["seconds"])
    return await handler(request)


async def list_offers(request: web.Request) -> web.Response:
    book, query = request.app[BOOK], request.query
    ranges = _carrier(request).select(query.get("country"), reading.number_type(request), query.get("area_code"))
    limit = reading.whole(request, "limit", 100, 1, reading.MOST_OFFERS)
    start = reading.whole(request, "cursor", 0, 0, HIGHEST_CURSOR)
    offers, following = page(ranges, start=start, limit=limit, taken=lambda number: not book.offered(number))
    cursor = None if following is None else str(following)
    return web.json_response({"offers": [_offer(*offer) for offer in offers], "next_cursor": cursor})


async def place_order(request: web.Request) -> web.StreamResponse:
    document = await reading.body(request)
    carrier, book = _carrier(request), request.app[BOOK]
    reference = reading.reference(document)
    order_id, is_new = book.accept(carrier, reference, reading.numbers(document), reading.callback_url(document))
    request.app[WAKE].set()
    unanswered = book.faults.strikes("order_unanswered", carrier.slug, reference) if is_new else None
    if unanswered:
        await _leave_unanswered(request, reference, unanswered["hang_seconds"])
    return web.json_response(book.document(order_id), status=202 if is_new else 200)


async def _leave_unanswered(request: web.Request, reference: str, seconds: float) -> None:
    """The order stands, the caller never hears of it: half of the connections hang, half break at once."""
    event("fault", fault="order_unanswered", reference=reference)
    if draw(request.app[BOOK].faults.seed, "hang", reference) < 0.5:
        await asyncio.sleep(seconds)
    if request.transport is not None:
        request.transport.abort()


async def show_order(request: web.Request) -> web.Response:
    return web.json_response(request.app[BOOK].document(_own_order(request, request.match_info["id"])))


def _own_order(request: web.Request, order_id: str) -> str:
    sql = "select 1 from orders where id = ? and carrier = ?"
    if request.app[BOOK].ledger.row(sql, order_id, _carrier(request).slug) is None:
        raise BadRequest("unknown_order", "There is no such order.", status=404)
    return order_id


async def find_orders(request: web.Request) -> web.Response:
    book = request.app[BOOK]
    sql = "select id from orders where carrier = ? and client_reference = ?"
    rows = book.ledger.rows(sql, _carrier(request).slug, request.query.get("client_reference", ""))
    return web.json_response({"orders": [book.document(row["id"]) for row in rows]})


async def reserve(request: web.Request) -> web.Response:
    """Keep numbers for a minute: proof that they are for sale, which a list is not."""
    numbers, desk = reading.numbers(await reading.body(request)), request.app[DESK]
    reservation, refusals = desk.reserve(_carrier(request).slug, numbers)
    lines = [
        {"number": number, "state": "refused" if refusals[number] else "reserved", "reason": refusals[number]}
        for number in numbers
    ]
    return web.json_response({"id": reservation, "numbers": lines}, status=201)


async def give_back(request: web.Request) -> web.Response:
    request.app[DESK].give_back(_carrier(request).slug, request.match_info["id"])
    return web.Response(status=204)


async def list_holdings(request: web.Request) -> web.Response:
    """What we bill: everything that is not released yet, in the order of the numbers."""
    limit = reading.whole(request, "limit", 500, 1, 1000)
    after = request.query.get("cursor", "")
    sql = "select * from holdings where carrier = ? and state != 'released' and number > ? order by number limit ?"
    rows = request.app[BOOK].ledger.rows(sql, _carrier(request).slug, after, limit + 1)
    catalogue = request.app[BOOK].catalogue
    numbers = [_holding(row) | _price(catalogue.find(row["number"])) for row in rows[:limit]]
    cursor = numbers[-1]["number"] if len(rows) > limit else None
    return web.json_response({"numbers": numbers, "next_cursor": cursor})


async def show_holding(request: web.Request) -> web.Response:
    row = request.app[BOOK].holding(reading.number_in_path(request), _carrier(request).slug)
    return web.json_response(_holding(row))


async def release(request: web.Request) -> web.Response:
    reading.reference(await reading.body(request))
    number = reading.number_in_path(request)
    state = request.app[BOOK].release(number, _carrier(request).slug)
    request.app[ADDRESSES].withdraw(number)
    request.app[WAKE].set()
    return web.json_response({"number": number, "state": state}, status=202)


async def show_emergency_address(request: web.Request) -> web.Response:
    address = request.app[ADDRESSES].of(_held(request))
    if address is None:
        raise BadRequest("no_emergency_address", "No address is registered for this number.", status=404)
    return web.json_response(address)


async def register_emergency_address(request: web.Request) -> web.Response:
    number, address = _held(request), read_address(await reading.body(request))
    if address is None:
        raise BadRequest("invalid_address", "An address has street, locality, postal_code, country; unit and region.")
    request.app[ADDRESSES].register(number, address)
    return web.json_response(address)


async def withdraw_emergency_address(request: web.Request) -> web.Response:
    request.app[ADDRESSES].withdraw(_held(request))
    return web.Response(status=204)


def _held(request: web.Request) -> str:
    """The number in the path, which this carrier bills."""
    number = reading.number_in_path(request)
    request.app[BOOK].holding(number, _carrier(request).slug)
    return number


def _carrier(request: web.Request) -> Carrier:
    carrier = request.app[BOOK].catalogue.carriers.get(request.match_info["slug"])
    if carrier is None:
        raise BadRequest("unknown_carrier", "There is no such carrier.", status=404)
    return carrier


def _holding(row: Any) -> dict[str, Any]:
    """A number that is being released is still held, and still billed."""
    state = "released" if row["state"] == "released" else "held"
    return {"number": row["number"], "state": state, "since": _iso(row["since"])}


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _price(source: Range | None) -> dict[str, str]:
    if source is None:
        return {}
    return {"monthly_cost": str(source.product.monthly_cost), "currency": source.product.currency}


def _offer(number: str, source: Range) -> dict[str, Any]:
    product = source.product
    return {
        "number": number,
        "country": product.country,
        "type": product.type,
        "area_code": source.area_code,
        "locality": source.locality,
        "region": source.region,
        "capabilities": list(product.capabilities),
        "setup_cost": str(product.setup_cost),
        "monthly_cost": str(product.monthly_cost),
        "currency": product.currency,
    }
