"""DIDWW as its published API (3, version 2026-04-16) says it is, as far as the adapter speaks to it.

It shows three rows on a page, whatever is asked, so that every list has several. Numbers on sale come in the reverse of
their order, and never more than twenty: that list has no pages.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from itertools import count
from typing import Any
from urllib.parse import urlencode

from inventory.models import Provider, ProviderOrder
from numbering.e164 import E164
from tests.inventory.providers.counter import Answer, Request, Route
from tests.inventory.providers.http_contract import HttpShop

ROWS, MOST_ON_SALE = 3, 20
CALLBACK_URL = "https://numberyard.example/inventory/v1/ProviderCallbacks/didww"
SECRET = "a callback secret"
JSON_API = {"Content-Type": "application/vnd.api+json"}
META = {"api_version": "2026-04-16"}
PLACES = {"415": ("San Francisco", "CA"), "628": ("Oakland", "CA"), "212": ("New York", "NY"), "312": ("Chicago", "IL")}
Row = dict[str, Any]


def row(kind: str, row_id: str, relations: Mapping[str, Any] | None = None, **attributes: Any) -> Row:
    """A resource object; `relations` by their name: (type, id), or a list of such."""
    linked = {name: {"data": _linkage(target)} for name, target in (relations or {}).items()}
    return {"type": kind, "id": row_id, "attributes": attributes, "relationships": linked}


def _linkage(target: Any) -> Any:
    if isinstance(target, list):
        return [_linkage(one) for one in target]
    return {"type": target[0], "id": target[1]}


def refusal(status: int, code: str, title: str, **headers: str) -> Answer:
    """An error as DIDWW writes it."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    error = {"title": title, "detail": f"{title}.", "code": code, "status": str(status)}
    return Answer(status, {"errors": [error]}, JSON_API | named)


class DidwwShop(HttpShop):
    """One account. `on_sale` (number: area) and `dids` are what a test may look at and turn."""

    prefix = "/v3"
    ordering, orders_path, holdings_path = "/orders", "/orders", "/dids"

    def __init__(self, provider: Provider, settings: Any) -> None:
        super().__init__()
        self.provider, self._settings = provider, settings
        self.on_sale = {f"1{area}555{n:04}": area for area in PLACES for n in range(20)}
        self.orders: dict[str, Row] = {}
        self.dids: dict[str, Row] = {}
        self.waits_for_papers: set[str] = set()
        self.late = False  # its lists have nothing new yet
        self._ids = count(1)

    def open_account(self) -> None:
        """Tell our settings where it is, and what opens it."""
        self._settings.PROVIDER_ALLOWED_NETWORKS = ["127.0.0.0/8"]
        known = {"api_key": "KEY0123", "callback_secret": SECRET, "url": self.url}
        self._settings.PROVIDER_CREDENTIALS = {self.provider.slug: known}

    # What the contract asks of every shop.

    def billed(self) -> set[int]:
        return {int(did["attributes"]["number"]) for did in self.dids.values() if not did["attributes"]["terminated"]}

    def ordered(self, key: str) -> int:
        return sum(order["attributes"]["external_reference_id"] == key for order in self.orders.values())

    def sell_elsewhere(self, number: E164) -> None:
        del self.on_sale[str(number.digits)]

    def lose_answer(self) -> None:
        self.strike("POST", "/orders", after=True)

    def list_late(self, late: bool) -> None:
        self.late = late

    def be_busy(self) -> None:
        self.strike("GET", instead=refusal(429, "429", "Too many requests", Retry_After="17"))

    def vanish(self) -> None:
        self._settings.PROVIDER_CREDENTIALS[self.provider.slug]["url"] = "http://127.0.0.1:9"

    def genuine_callback(self, order: ProviderOrder) -> tuple[dict[str, str], bytes]:
        return self.signed(id=order.provider_reference, type="orders", status="completed")

    def signed(self, **fields: str) -> tuple[dict[str, str], bytes]:
        """A callback with these fields, signed as the vendor's documentation says."""
        text = CALLBACK_URL.replace(".example/", ".example:443/") + "".join(
            name + fields[name] for name in sorted(fields)
        )
        signature = hmac.new(SECRET.encode(), text.encode(), hashlib.sha1).hexdigest()
        return {"X-DIDWW-Signature": signature}, urlencode(fields).encode()

    # The API itself.

    def routes(self) -> list[Route]:
        return [
            ("GET", "/countries", self._countries),
            ("GET", "/did_group_types", self._types),
            ("GET", "/did_groups", self._groups),
            ("GET", "/available_dids", self._available),
            ("POST", "/orders", self._order),
            ("GET", "/orders", self._list_orders),
            ("GET", "/dids", self._list_dids),
            ("PATCH", "/dids/(.+)", self._update),
        ]

    def unknown(self) -> Answer:
        return refusal(404, "404", "Record not found")

    def refused(self, request: Request) -> Answer | None:
        known = request.headers.get("api-key") == "KEY0123" and request.headers["x-didww-api-version"] == "2026-04-16"
        return None if known else refusal(401, "401", "Unauthorized")

    def _countries(self, request: Request) -> Answer:
        wanted = request.query["filter[iso]"]
        known = {"US": ("United States", "1"), "TV": ("Tuvalu", "688")}
        name, prefix = known[wanted]
        return self._all([row("countries", f"country-{wanted}", name=name, prefix=prefix, iso=wanted)])

    def _types(self, request: Request) -> Answer:
        wanted = request.query["filter[name]"]
        return self._page([row("did_group_types", "type-1", name="Local")] if wanted == "Local" else [], {})

    def _groups(self, request: Request) -> Answer:
        query = request.query
        kind = (
            query["filter[country.id]"],
            query["filter[did_group_type.id]"],
            query.get("filter[needs_registration]", "false"),
        )
        areas = [area for area in PLACES if query.get("filter[prefix]", area) == area]
        rows = [self._group(area) for area in areas] if kind == ("country-US", "type-1", "false") else []
        included = [self._region(area) for area in areas] + [self._unit(area, n) for area in areas for n in (0, 2)]
        return self._page(rows, query, included)

    def _group(self, area: str) -> Row:
        units = [("stock_keeping_units", f"unit-{area}-{n}") for n in (2, 0)]
        relations = {"region": ("regions", f"region-{area}"), "stock_keeping_units": units}
        about = {"is_metered": False, "allow_additional_channels": True, "service_restrictions": None}
        features = ["voice_in", "voice_out", "sms_in", "p2p", "emergency"]
        found = row("did_groups", area, relations, prefix=area, features=features, area_name=PLACES[area][0], **about)
        return found | {"meta": {"needs_registration": False, "is_available": True, "total_count": 20}}

    def _region(self, area: str) -> Row:
        return row("regions", f"region-{area}", name="A state", iso=PLACES[area][1])

    def _unit(self, area: str, channels: int) -> Row:
        price = "0.37" if channels == 0 else "1.9"
        unit = f"unit-{area}-{channels}"
        return row(
            "stock_keeping_units", unit, setup_price="0.0", monthly_price=price, channels_included_count=channels
        )

    def _available(self, request: Request) -> Answer:
        query = request.query
        group, digits = query.get("filter[did_group.id]"), query.get("filter[number_contains]", "")
        found = [number for number, area in self.on_sale.items() if digits in number and group in (None, area)]
        rows = [self._on_sale(number, "include" in query) for number in reversed(found)]
        areas = sorted({self.on_sale[number] for number in found}) if "include" in query else []
        included = [self._group(area) for area in areas] + [self._unit(area, n) for area in areas for n in (0, 2)]
        return self._all(rows[:MOST_ON_SALE], included, total_count=len(found))

    def _on_sale(self, number: str, linked: bool) -> Row:
        relations = {"did_group": ("did_groups", self.on_sale[number])} if linked else None
        return row("available_dids", f"sale-{number}", relations, number=number)

    def _order(self, request: Request) -> Answer:
        wish = request.body["data"]["attributes"]
        numbers = [item["attributes"]["available_did_id"].removeprefix("sale-") for item in wish["items"]]
        units = [f"unit-{self.on_sale.get(number)}-0" for number in numbers]
        if units != [item["attributes"]["sku_id"] for item in wish["items"]]:
            return refusal(422, "100", "items is invalid")
        order_id = f"order-{next(self._ids)}"
        items = [{"type": "did_order_items", "attributes": {"qty": 1, "mrc": "0.37", "nrc": "0.0"}} for _ in numbers]
        kept: Row = {name: wish.get(name) for name in ("external_reference_id", "callback_url", "callback_method")}
        about: Row = {
            "amount": "0.37",
            "description": "DID",
            "reference": "EBX-118849",
            "created_at": "2026-11-22T03:00:00Z",
        }
        self.orders[order_id] = row("orders", order_id, status="pending", items=items, **about, **kept)
        for number in numbers:
            del self.on_sale[number]
            self._did(number, order_id)
        return Answer(201, {"data": self.orders[order_id], "meta": META}, JSON_API)

    def _did(self, number: str, order_id: str) -> None:
        did_id = f"did-{next(self._ids)}"
        state = {"blocked": False, "terminated": False, "awaiting_registration": number in self.waits_for_papers}
        about: Row = {
            "created_at": "2026-11-22T03:00:00.000Z",
            "expires_at": None,
            "description": None,
            "capacity_limit": None,
        }
        self.dids[did_id] = row("dids", did_id, {"order": ("orders", order_id)}, number=number, **state, **about)

    def _list_orders(self, request: Request) -> Answer:
        """An order completes between two looks. The filter finds more than what is meant."""
        wanted = request.query["filter[external_reference_id]"]
        if self.late:
            return self._page([], request.query)
        found = [one for one in self.orders.values() if one["attributes"]["external_reference_id"].startswith(wanted)]
        answer = self._page(json.loads(json.dumps(found)), request.query)
        for order in found:
            if order["attributes"]["status"] == "pending":
                order["attributes"]["status"] = "completed"
        return answer

    def _list_dids(self, request: Request) -> Answer:
        order, digits = request.query.get("filter[order.id]"), request.query.get("filter[number]")
        rows = [
            did
            for did in self.dids.values()
            if order in (None, did["relationships"]["order"]["data"]["id"])
            and digits in (None, did["attributes"]["number"])
        ]
        return self._page(rows, request.query)

    def _update(self, request: Request, did_id: str) -> Answer:
        if not (did := self.dids.get(did_id)):
            return self.unknown()
        assert request.body["data"]["attributes"] == {"terminated": True}
        did["attributes"] |= {"terminated": True, "blocked": True}
        return Answer(200, {"data": did, "meta": META}, JSON_API)

    def _page(self, rows: list[Row], query: dict[str, str], included: list[Row] | None = None) -> Answer:
        number = int(query.get("page[number]", 1))
        return self._all(rows[(number - 1) * ROWS : number * ROWS], included, total_records=len(rows))

    def _all(self, rows: list[Row], included: list[Row] | None = None, **meta: int) -> Answer:
        document: Row = {"data": rows, "meta": META | meta}
        return Answer(200, document | ({"included": included} if included else {}), JSON_API)
