"""The adapter: the provider contract in the words of the sandbox's API."""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import structlog
from django.conf import settings

from inventory.models import Provider
from inventory.providers.base import (
    CivicAddress,
    Offer,
    OrderStatus,
    ProviderRefused,
    ProviderUnavailable,
    ProviderUncertain,
    Wanted,
)
from inventory.providers.checks import BadAnswer
from inventory.providers.sandbox import reading
from inventory.providers.sandbox.wire import Answer, Wire
from numbering.e164 import E164

OFFERS_PER_PAGE = 100
HOLDINGS_PER_PAGE = 1000
MOST_PAGES = 100_000  # a hundred million holdings; whoever goes on after that does not mean to end
log = structlog.get_logger(__name__)


class SandboxProvider:
    """One carrier of the sandbox. `options`: `carrier` (its slug there, else ours) and `callback_url`."""

    one_order_per_key = True

    def __init__(self, provider: Provider) -> None:
        self._slug = provider.options.get("carrier", provider.slug)
        self._callback_url = provider.options.get("callback_url")
        self._wire = Wire(f"{settings.SANDBOX_URL}/carriers/{self._slug}/v1", settings.SANDBOX_API_KEY)

    def offers(self, wanted: Wanted) -> Iterator[Offer]:
        """See ProviderAdapter. An offer that breaks the contract is left out, and logged with the reason."""
        return self._offers(wanted, whole=False)

    def all_offers(self, wanted: Wanted) -> Iterator[Offer]:
        """See WholeCatalogue. Likewise."""
        return self._offers(wanted, whole=True)

    def verify(self, numbers: Sequence[E164]) -> set[E164]:
        """See OfferVerification: reserves each, and gives all back. A reservation that we lose ends within a minute."""
        try:
            answer = self._wire.tell("/reservations", {"numbers": [str(number) for number in numbers]})
            found = reading.reservation(answer)
            self._wire.delete(f"/reservations/{found.reference}")
        except (BadAnswer, ProviderUncertain, ProviderRefused) as error:
            raise ProviderUnavailable(str(error)) from error
        return found.reserved

    def _offers(self, wanted: Wanted, *, whole: bool) -> Iterator[Offer]:
        query = {"country": wanted.country, "type": str(wanted.number_type), "area_code": wanted.area_code}
        asked = {name: value for name, value in query.items() if value} | {"limit": str(OFFERS_PER_PAGE)}
        for document in self._pages("/offers", "offers", asked, whole=whole):
            try:
                yield reading.offer(document, wanted)
            except BadAnswer as error:
                log.warning("offer_refused", carrier=self._slug, reason=str(error))

    def order(self, numbers: Sequence[E164], *, key: str) -> OrderStatus:
        """See ProviderAdapter."""
        body = {"client_reference": key, "numbers": [str(n) for n in numbers], "callback_url": self._callback_url}
        answer = self._wire.tell("/orders", body)
        try:
            return _of_key(reading.order(answer), key)
        except BadAnswer as error:
            raise ProviderUncertain(str(error)) from error

    def order_status(self, key: str) -> OrderStatus | None:
        """See ProviderAdapter."""
        answer = self._wire.ask("/orders", client_reference=key)
        try:
            found = reading.rows(answer, "orders", reading.order)
            return _of_key(found[0], key) if found else None
        except BadAnswer as error:
            raise ProviderUnavailable(str(error)) from error

    def release(self, number: E164, *, key: str) -> None:
        """See ProviderAdapter."""
        self._wire.tell(f"/numbers/{number}/release", {"client_reference": key})

    def holding(self, number: E164) -> bool:
        """See ProviderAdapter."""
        answer = self._wire.ask_about_number(f"/numbers/{number}")
        try:
            return answer is not None and reading.is_held(answer)
        except BadAnswer as error:
            raise ProviderUnavailable(str(error)) from error

    def holdings(self) -> Iterator[E164]:
        """See ProviderAdapter. One unreadable row, or no way to the end, makes the whole list useless: it is a bill."""
        for document in self._pages("/numbers", "numbers", {"limit": str(HOLDINGS_PER_PAGE)}, whole=True):
            try:
                yield reading.number(document)
            except BadAnswer as error:
                raise ProviderUnavailable(str(error)) from error

    def emergency_address(self, number: E164) -> CivicAddress | None:
        """See EmergencyAddresses."""
        answer = self._wire.ask_about_number(f"/numbers/{number}/emergency-address")
        try:
            return None if answer is None else reading.civic_address(answer)
        except BadAnswer as error:
            raise ProviderUnavailable(str(error)) from error

    def register_emergency_address(self, number: E164, address: CivicAddress) -> None:
        """See EmergencyAddresses."""
        self._wire.put(f"/numbers/{number}/emergency-address", asdict(address))

    def withdraw_emergency_address(self, number: E164) -> None:
        """See EmergencyAddresses."""
        self._wire.delete(f"/numbers/{number}/emergency-address")

    def verify_callback(self, headers: Mapping[str, str], body: bytes) -> str | None:
        """See ProviderAdapter. `X-Sandbox-Signature` is the HMAC-SHA256 of the body in hex."""
        if not settings.SANDBOX_API_KEY:
            return None  # with no key anybody could sign
        given = {name.lower(): value for name, value in headers.items()}.get("x-sandbox-signature", "")
        expected = hmac.new(settings.SANDBOX_API_KEY.encode(), body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(given.encode(), expected.encode()):
            return None
        try:
            return reading.order(json.loads(body)).key
        except (ValueError, RecursionError):
            return None

    def _pages(self, path: str, field: str, query: Mapping[str, str], *, whole: bool = False) -> Iterator[Any]:
        """Every element of a paged list; one that goes round in circles, or on for ever, ends there, unless the `whole`
        list is needed."""
        cursor, seen = "", set[str]()
        while cursor not in seen and len(seen) < MOST_PAGES:
            seen.add(cursor)
            answer = self._wire.ask(path, **query, **({"cursor": cursor} if cursor else {}))
            elements, cursor = _page(answer, field)
            yield from elements
            if not cursor:
                return
        if whole:
            raise ProviderUnavailable("its list comes to no end")


def _page(answer: Answer, field: str) -> tuple[list[Any], str]:
    """The elements of one page and the cursor of the next, "" after the last."""
    try:
        following = reading.text(answer, "next_cursor", most=100, blank=True)
        return reading.rows(answer, field, lambda element: element), following
    except BadAnswer as error:
        raise ProviderUnavailable(str(error)) from error


def _of_key(status: OrderStatus, key: str) -> OrderStatus:
    if status.key != key:
        raise BadAnswer(f"asked for order {key}, answered with {status.key}")
    return status
