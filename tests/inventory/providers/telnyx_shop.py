"""Telnyx as its published API says it is, as far as the adapter speaks to it.

Each answer is made of the typed models of the vendor's own client, and must fit them without a field left over. It
shows three numbers on a page, whatever is asked, so that every list has several.
"""

import base64
import json
import time
from itertools import count
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from telnyx._models import BaseModel
from telnyx.types.available_phone_number_list_response import AvailablePhoneNumberListResponse
from telnyx.types.number_order_list_response import NumberOrderListResponse
from telnyx.types.number_order_retrieve_response import NumberOrderRetrieveResponse
from telnyx.types.number_order_status_update_webhook_event import NumberOrderStatusUpdateWebhookEvent
from telnyx.types.pagination_meta import PaginationMeta
from telnyx.types.phone_number_delete_response import PhoneNumberDeleteResponse
from telnyx.types.phone_number_slim_list_response import PhoneNumberSlimListResponse

from inventory.models import Provider, ProviderOrder
from numbering.e164 import E164
from tests.inventory.providers.counter import Answer, Request, Route
from tests.inventory.providers.http_contract import HttpShop

ROWS = 3
CREDENTIALS = {"api_key": "KEY0123"}
SIGNING = Ed25519PrivateKey.from_private_bytes(b"telnyx signs with a key like it!")
PUBLIC_KEY = base64.b64encode(SIGNING.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def typed(model: type[BaseModel], **fields: Any) -> dict[str, Any]:
    """A document that the vendor's model accepts as it is."""
    made = model.model_validate(fields)
    _nothing_unknown(made)
    return dict(made.model_dump(mode="json", exclude_unset=True))


def _nothing_unknown(value: Any) -> None:
    if isinstance(value, BaseModel):
        assert not value.model_extra, f"{type(value).__name__} has no {value.model_extra}"
        for field in type(value).model_fields:
            _nothing_unknown(getattr(value, field))
    elif isinstance(value, list):
        for element in value:
            _nothing_unknown(element)


def refusal(status: int, code: str, title: str, **headers: str) -> Answer:
    """An error as Telnyx writes it."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, {"errors": [{"code": code, "title": title, "detail": f"{title}."}]}, named)


class TelnyxShop(HttpShop):
    """One account. `on_sale` and `held` are what a test may look at and turn."""

    prefix = "/v2"
    ordering, orders_path, holdings_path = "/number_orders", "/number_orders", "/phone_numbers"

    def __init__(self, provider: Provider, settings: Any) -> None:
        super().__init__()
        self.provider, self._settings = provider, settings
        self.on_sale = [f"+1415555{n:04}" for n in range(60)] + [f"+1212555{n:04}" for n in range(20)]
        self.orders: dict[str, dict[str, Any]] = {}
        self.held: dict[str, dict[str, Any]] = {}
        self.waits_for_papers: set[str] = set()
        self.late: set[str] = set()  # lists that have nothing new yet
        self._ids = count(1)

    def open_account(self) -> None:
        """Tell our settings where it is, and what opens it."""
        self._settings.PROVIDER_ALLOWED_NETWORKS = ["127.0.0.0/8"]
        known = {**CREDENTIALS, "public_key": PUBLIC_KEY, "url": self.url}
        self._settings.PROVIDER_CREDENTIALS = {self.provider.slug: known}

    # What the contract asks of every shop.

    def billed(self) -> set[int]:
        return {int(row["phone_number"][1:]) for row in self.held.values() if row["status"] == "active"}

    def ordered(self, key: str) -> int:
        return sum(order["customer_reference"] == key for order in self.orders.values())

    def sell_elsewhere(self, number: E164) -> None:
        self.on_sale.remove(str(number))

    def lose_answer(self) -> None:
        self.strike("POST", "/number_orders", after=True)

    def list_late(self, late: bool) -> None:
        self.late = {"orders", "numbers"} if late else set()

    def be_busy(self) -> None:
        self.strike("GET", instead=refusal(429, "10011", "Too many requests", Retry_After="17"))

    def vanish(self) -> None:
        self._settings.PROVIDER_CREDENTIALS[self.provider.slug]["url"] = "http://127.0.0.1:9"

    def genuine_callback(self, order: ProviderOrder) -> tuple[dict[str, str], bytes]:
        return self.signed(self.news(order.key))

    def news(self, key: str) -> bytes:
        """The body of a webhook about the order with this key."""
        (found,) = (order for order in self.orders.values() if order["customer_reference"] == key)
        event = {"event_type": "number_order.complete", "id": "e1", "record_type": "event", "payload": found}
        event["occurred_at"] = "2026-11-22T03:00:00Z"
        meta = {"attempt": 1, "delivered_to": "https://numberyard.example/inventory/v1/ProviderCallbacks/telnyx"}
        return json.dumps(typed(NumberOrderStatusUpdateWebhookEvent, data=event, meta=meta)).encode()

    def signed(self, body: bytes, *, at: int | None = None) -> tuple[dict[str, str], bytes]:
        """The body with the headers of the vendor."""
        stamp = str(int(time.time()) if at is None else at)
        signature = base64.b64encode(SIGNING.sign(stamp.encode() + b"|" + body)).decode()
        return {"Telnyx-Timestamp": stamp, "Telnyx-Signature-Ed25519": signature}, body

    # The API itself.

    def routes(self) -> list[Route]:
        return [
            ("GET", "/available_phone_numbers", self._offers),
            ("POST", "/number_orders", self._order),
            ("GET", "/number_orders", self._list_orders),
            ("GET", "/number_orders/(.+)", self._progress),
            ("GET", "/phone_numbers/slim", self._list_numbers),
            ("DELETE", "/phone_numbers/(.+)", self._delete),
        ]

    def unknown(self) -> Answer:
        return refusal(404, "10005", "Resource not found")

    def refused(self, request: Request) -> Answer | None:
        known = request.headers.get("authorization") == f"Bearer {CREDENTIALS['api_key']}"
        return None if known else refusal(401, "10009", "Authentication failed")

    def _offers(self, request: Request) -> Answer:
        query = request.query
        prefix = "+1" + query.get("filter[national_destination_code]", "")
        sells = (query["filter[country_code]"], query["filter[phone_number_type]"]) == ("US", "local")
        found = [number for number in self.on_sale if number.startswith(prefix)] if sells else []
        rows = [self._offer(number) for number in found[: int(query["filter[limit]"])]]
        meta = {"total_results": len(found), "best_effort_results": 0}
        return Answer(200, typed(AvailablePhoneNumberListResponse, data=rows, metadata=meta))

    def _offer(self, number: str) -> dict[str, Any]:
        return {
            "phone_number": number,
            "record_type": "available_phone_number",
            "best_effort": False,
            "features": [{"name": name} for name in ("voice", "sms", "mms", "emergency")],
            "cost_information": {"currency": "USD", "monthly_cost": "1.00000", "upfront_cost": "1.00000"},
            "region_information": [
                {"region_type": "country_code", "region_name": "US"},
                {"region_type": "state", "region_name": "CA"},
                {"region_type": "rate_center", "region_name": "SNFC CNTRL"},
            ],
        }

    def _order(self, request: Request) -> Answer:
        wish = request.body
        order_id = f"order-{next(self._ids)}"
        lines = [self._line(one["phone_number"]) for one in wish["phone_numbers"]]
        self.orders[order_id] = {
            "id": order_id,
            "record_type": "number_order",
            "status": "pending",
            "customer_reference": wish["customer_reference"],
            "phone_numbers": lines,
            "phone_numbers_count": len(lines),
            "requirements_met": not self.waits_for_papers,
        }
        return Answer(200, typed(NumberOrderRetrieveResponse, data=self.orders[order_id]))

    def _line(self, number: str) -> dict[str, Any]:
        free = number in self.on_sale
        if free:
            self.on_sale.remove(number)
        return {
            "id": f"line-{next(self._ids)}",
            "record_type": "number_order_phone_number",
            "phone_number": number,
            "status": "pending" if free else "failure",
        }

    def _progress(self, request: Request, order_id: str) -> Answer:
        """Numbers become ours between two looks, except those that wait for papers."""
        if not (order := self.orders.get(order_id)):
            return self.unknown()
        document = typed(NumberOrderRetrieveResponse, data=order)
        for line in order["phone_numbers"]:
            if line["phone_number"] in self.waits_for_papers:
                line["requirements_status"] = "requirement-info-pending"
            elif line["status"] == "pending":
                line["status"] = "success"
                self._hold(line["phone_number"])
        states = {line["status"] for line in order["phone_numbers"]}
        if "pending" not in states:
            order["status"] = "success" if "success" in states else "failure"
        return Answer(200, document)

    def _hold(self, number: str) -> None:
        row_id = f"number-{next(self._ids)}"
        self.held[row_id] = {
            "id": row_id,
            "record_type": "phone_number",
            "phone_number": number,
            "phone_number_type": "local",
            "status": "active",
        }

    def _list_orders(self, request: Request) -> Answer:
        """A filter that finds more than what is meant, as a search for a part of a text does."""
        wanted = request.query["filter[customer_reference]"]
        orders = [] if "orders" in self.late else list(self.orders.values())
        rows = [order for order in orders if order["customer_reference"].startswith(wanted)]
        listed = [order | {"phone_numbers": [_bare(line) for line in order["phone_numbers"]]} for order in rows]
        return self._page(NumberOrderListResponse, listed, request.query)

    def _list_numbers(self, request: Request) -> Answer:
        digits = request.query.get("filter[phone_number]", "")
        held = [] if "numbers" in self.late else list(self.held.values())
        rows = [row for row in held if digits in row["phone_number"]]
        return self._page(PhoneNumberSlimListResponse, rows, request.query)

    def _page(self, model: type[BaseModel], rows: list[dict[str, Any]], query: dict[str, str]) -> Answer:
        number = int(query["page[number]"])
        shown = [typed(model, **row) for row in rows[(number - 1) * ROWS : number * ROWS]]
        meta = {
            "page_number": number,
            "page_size": ROWS,
            "total_pages": -(-len(rows) // ROWS),
            "total_results": len(rows),
        }
        return Answer(200, {"data": shown, "meta": typed(PaginationMeta, **meta)})

    def _delete(self, request: Request, row_id: str) -> Answer:
        if not (row := self.held.get(row_id)):
            return self.unknown()
        row["status"] = "deleted"
        return Answer(200, typed(PhoneNumberDeleteResponse, data=row))


def _bare(line: dict[str, Any]) -> dict[str, Any]:
    return {name: line[name] for name in ("id", "phone_number")}
