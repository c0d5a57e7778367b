"""A shop that speaks the sandbox carriers' protocol, and whose list goes wrong in every way that we have seen."""

import http.server
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db.models import F

from inventory.catalogue.ingest import ingest
from inventory.models import CatalogueRun, ListedOffer, Provider, RunEnd, StockTarget
from inventory.providers.sandbox import wire
from numbering.types import NumberType

PAGE = 20


@dataclass
class Shop:
    """`numbers` are listed for US local, by their order; whoever else is asked for gets an empty list.

    `fails_at`: the page that is answered with `status`, or with garbage. `circles`: the last page points to the first.
    """

    numbers: list[int] = field(default_factory=list)
    costs: dict[int, str] = field(default_factory=dict)
    currencies: dict[int, str] = field(default_factory=dict)
    kinds: dict[int, str] = field(default_factory=dict)
    also: dict[str, list[int]] = field(default_factory=dict)
    fails_at: int | None = None
    status: int = 503
    garbage: bytes | None = None
    circles: bool = False
    seconds_a_page: float = 0.0
    pages_read: int = 0
    halt: threading.Event = field(default_factory=threading.Event)
    halts_at: int | None = None

    def listed(self, kind: str) -> list[int]:
        """The digits that it lists of a kind."""
        return self.numbers if kind == "US local" else self.also.get(kind, [])

    def page(self, kind: str, number: int) -> dict[str, Any]:
        """One page, with the cursor of the next."""
        shown = self.listed(kind)
        rows = shown[number * PAGE : (number + 1) * PAGE]
        last = (number + 1) * PAGE >= len(shown)
        following = "0" if last and self.circles else None if last else str(number + 1)
        return {"offers": [self.offer(kind, digits) for digits in rows], "next_cursor": following}

    def offer(self, kind: str, digits: int) -> dict[str, Any]:
        """As the sandbox writes it."""
        country, _, number_type = kind.partition(" ")
        return {
            "number": f"+{digits}",
            "country": country,
            "type": self.kinds.get(digits, number_type),
            "locality": "Oakland",
            "region": "CA",
            "capabilities": ["voice", "sms"],
            "monthly_cost": self.costs.get(digits, "0.80"),
            "currency": self.currencies.get(digits, "USD"),
        }


class Counter(http.server.BaseHTTPRequestHandler):
    """GET /offers of whatever shop stands behind it."""

    shop: Shop

    def do_GET(self) -> None:
        """A page, or what goes wrong with it."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        number, shop = int(query.get("cursor", 0)), self.shop
        halts = shop.halts_at == number  # before it is told that the page was asked for
        shop.pages_read += 1
        time.sleep(shop.seconds_a_page)
        if halts:
            shop.halt.wait(60)
        if shop.fails_at == number:
            self._answer(200 if shop.garbage else shop.status, shop.garbage or b"{}")
        else:
            kind = f"{query['country']} {query['type']}"
            self._answer(200, json.dumps(shop.page(kind, number)).encode())

    def _answer(self, status: int, body: bytes) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except ConnectionError:
            return  # the one who asked is dead

    def log_message(self, *args: Any) -> None:
        """Nothing."""


@pytest.fixture
def shop(settings: Any) -> Iterator[Shop]:
    """Sixty numbers on three pages."""

    class Own(Counter):
        shop = Shop(numbers=list(range(14155550100, 14155550160)))

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Own)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings.SANDBOX_URL = f"http://127.0.0.1:{server.server_address[1]}"
    settings.SANDBOX_API_KEY = "key"
    wire._client.cache_clear()
    yield Own.shop
    Own.shop.halt.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def provider(shop: Shop, db: None) -> Provider:
    """Behind it, with a target for what it sells."""
    StockTarget.objects.create(country="US", number_type=NumberType.LOCAL, quantity=1)
    return Provider.objects.create(slug="shop", name="Shop", adapter="sandbox")


def read(provider: Provider) -> CatalogueRun:
    """An ingest of what is due, now; the run that it made. Earlier runs count as long over."""
    make_due(provider)
    ingest(provider)
    return CatalogueRun.objects.filter(provider=provider).latest("pk")


def make_due(provider: Provider) -> None:
    """Nobody waits for a clock here: every run that has ended did so days ago."""
    runs = CatalogueRun.objects.filter(provider=provider).exclude(state=RunEnd.RUNNING)
    days = timedelta(days=2)
    runs.update(began_at=F("began_at") - days, ended_at=F("ended_at") - days)
    offers = ListedOffer.objects.filter(provider=provider)
    offers.update(
        first_seen_at=F("first_seen_at") - days, seen_at=F("seen_at") - days, withdrawn_at=F("withdrawn_at") - days
    )


def listed(provider: Provider) -> list[int]:
    """The digits that our catalogue lists."""
    found = ListedOffer.objects.filter(provider=provider, withdrawn_at=None)
    return list(found.order_by("e164").values_list("e164", flat=True))
