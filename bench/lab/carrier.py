"""The sandbox carriers in a process of their own: the far end of all that is measured, and who breaks numbers."""

import json
import time
import urllib.request
from collections.abc import Mapping, Sequence
from itertools import compress
from typing import Any, NamedTuple

from bench.lab.truth import FAXES, SPEAKS, Case

LOT = 500


class Product(NamedTuple):
    """Local numbers of one country, and who sells them."""

    seller: str
    country: str
    capabilities: tuple[str, ...]


PRODUCTS = {SPEAKS: Product("tern", "US", ("voice", "sms", "mms")), FAXES: Product("petrel", "NL", ("voice", "fax"))}


class Carrier:
    """Its HTTP doors, at `url`."""

    def __init__(self, url: str, key: str) -> None:
        self._url, self._headers = url, {"Authorization": f"Bearer {key}"}

    def wait(self, seconds: float = 30.0) -> None:
        """Return when it answers. Raises TimeoutError."""
        give_up = time.monotonic() + seconds
        while True:
            try:
                self._ask("GET", "/sandbox/v1/faults")
            except OSError:
                if time.monotonic() > give_up:
                    raise TimeoutError(f"the sandbox carrier at {self._url} does not answer") from None
                time.sleep(0.1)
            else:
                return

    def on_offer(self, product: Product, count: int) -> list[str]:
        """So many numbers of a product. The same at every carrier of the same seed."""
        numbers: list[str] = []
        cursor: str | None = ""
        while len(numbers) < count and cursor is not None:
            wanted = f"country={product.country}&type=local&limit={LOT}&cursor={cursor}"
            page = self._ask("GET", f"/carriers/{product.seller}/v1/offers?{wanted}")
            fits = [set(product.capabilities) <= set(offer["capabilities"]) for offer in page["offers"]]
            numbers += [offer["number"] for offer in compress(page["offers"], fits)]
            cursor = page["next_cursor"]
        return numbers[:count]

    def buy(self, product: Product, numbers: Sequence[str]) -> None:
        """Order them, and wait until they are routed to us."""
        orders = f"/carriers/{product.seller}/v1/orders"
        lots = [list(numbers[i : i + LOT]) for i in range(0, len(numbers), LOT)]
        for lot in lots:
            order = self._ask("POST", orders, {"client_reference": f"lot {lot[0]}", "numbers": lot})
            while self._ask("GET", f"{orders}/{order['id']}")["state"] == "pending":
                time.sleep(0.2)

    def strike(self, number: str, case: Case) -> None:
        """Break a number as the case says, or make it healthy."""
        fault = {"kind": case.kind or None, "severity": case.severity or None, "parameters": dict(case.parameters)}
        self._ask("PUT", f"/sandbox/v1/numbers/{number}/fault", fault)

    def numbers_called(self) -> set[str]:
        """The numbers to which, or from which, a call went over this trunk."""
        calls = self._ask("GET", "/sandbox/v1/calls")["calls"]
        return {call["callee"] for call in calls}

    def _ask(self, method: str, path: str, document: Mapping[str, Any] | None = None) -> Any:
        body = json.dumps(document).encode() if document is not None else None
        request = urllib.request.Request(self._url + path, body, self._headers, method=method)  # noqa: S310 - our own
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own http address
            return json.load(answer)
