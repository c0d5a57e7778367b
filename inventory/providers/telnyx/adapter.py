"""The adapter: the provider contract in the words of Telnyx's API v2."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import structlog

from inventory.models import Provider
from inventory.providers.access import credential, needed, origin
from inventory.providers.base import (
    Offer,
    OrderStatus,
    ProviderRefused,
    ProviderUnavailable,
    ProviderUncertain,
    Wanted,
)
from inventory.providers.checks import BadAnswer
from inventory.providers.orders import merged, place_once
from inventory.providers.paging import whole
from inventory.providers.telnyx import reading, webhook
from numbering.e164 import E164

if TYPE_CHECKING:
    from inventory.providers.telnyx.wire import Wire

USUAL_URL = "https://api.telnyx.com/v2"
OFFERS_AT_ONCE = 200  # a search has no pages, only a limit; what was bought makes room for others
ROWS_PER_PAGE = 250  # the most that it gives
ROUTING = ("connection_id", "messaging_profile_id", "billing_group_id")  # what its numbers are connected to
Read = TypeVar("Read")
log = structlog.get_logger(__name__)


class TelnyxProvider:
    """One account at Telnyx. Credentials: `api_key`, `public_key`. `options`: see ROUTING, and `requirement_group_id`,
    the papers that cover the numbers that we order."""

    one_order_per_key = False

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def offers(self, wanted: Wanted) -> Iterator[Offer]:
        """See ProviderAdapter. An offer that breaks the contract is left out, and logged with the reason."""
        if wanted.number_type not in reading.TYPES:
            return
        asked: dict[str, Any] = {
            "country_code": wanted.country,
            "phone_number_type": reading.TYPES[wanted.number_type],
            "limit": OFFERS_AT_ONCE,
            "exclude_held_numbers": True,
        }
        if wanted.area_code:
            asked["national_destination_code"] = wanted.area_code
        answer = self._wire.ask(lambda telnyx: telnyx.available_phone_numbers.list(filter=asked))
        for row in _understood(reading.rows, answer):
            try:
                yield reading.offer(row, wanted)
            except BadAnswer as error:
                log.warning("offer_refused", provider=self._provider.slug, reason=str(error))

    def order(self, numbers: Sequence[E164], *, key: str) -> OrderStatus:
        """See ProviderAdapter. Telnyx knows no idempotency key, so an order under our key is looked for first."""
        return place_once(lambda: self._place(numbers, key), lambda: self.order_status(key))

    def order_status(self, key: str) -> OrderStatus | None:
        """See ProviderAdapter. The list of orders has no status of the single numbers; each order has."""
        found = [row for row in self._orders(key) if _understood(reading.reference, row) == key]
        return merged([self._order(_understood(reading.identity, row)) for row in found])

    def release(self, number: E164, *, key: str) -> None:
        """See ProviderAdapter. What is deleted already needs no second word."""
        rows = self._rows_of(number)
        if not rows:
            raise ProviderRefused(f"{number} is not among our numbers there")
        for row in filter(_is_billed, rows):
            self._delete(_understood(reading.identity, row))

    def holding(self, number: E164) -> bool:
        """See ProviderAdapter."""
        return any(map(_is_billed, self._rows_of(number)))

    def holdings(self) -> Iterator[E164]:
        """See ProviderAdapter. One unreadable row, or no way to the end, makes the whole list useless: it is a bill."""
        for row in self._numbers():
            if _is_billed(row):
                yield _understood(reading.number, row)

    def verify_callback(self, headers: Mapping[str, str], body: bytes) -> str | None:
        """See ProviderAdapter."""
        return webhook.key_of_order(headers, body, credential(self._provider, "public_key"))

    @cached_property
    def _wire(self) -> Wire:
        from inventory.providers.telnyx.wire import Wire  # noqa: PLC0415 - see there what it costs

        return Wire(origin(self._provider, USUAL_URL), needed(self._provider, "api_key"))

    def _place(self, numbers: Sequence[E164], key: str) -> OrderStatus:
        options = self._provider.options
        papers = {name: options[name] for name in ("requirement_group_id",) if options.get(name)}
        wishes = [{"phone_number": str(number), **papers} for number in numbers]
        routing = {name: options[name] for name in ROUTING if options.get(name)}
        answer = self._wire.tell(
            lambda telnyx: telnyx.number_orders.create(phone_numbers=wishes, customer_reference=key, **routing)
        )
        try:
            status = reading.order(getattr(answer, "data", None))
        except BadAnswer as error:
            raise ProviderUncertain(str(error)) from error
        if status.key != key:
            raise ProviderUncertain(f"asked for order {key}, answered with {status.key}")
        return status

    def _order(self, order_id: str) -> OrderStatus:
        answer = self._wire.ask(lambda telnyx: telnyx.number_orders.retrieve(order_id))
        return _understood(reading.order, getattr(answer, "data", None))

    def _delete(self, row_id: str) -> None:
        self._wire.tell(lambda telnyx: telnyx.phone_numbers.delete(row_id))

    def _orders(self, key: str) -> Iterator[Any]:
        return whole(
            lambda page: self._page(
                lambda telnyx: telnyx.number_orders.list(
                    filter={"customer_reference": key}, page_number=page, page_size=ROWS_PER_PAGE
                )
            ),
            lambda row: _understood(reading.identity, row),
        )

    def _rows_of(self, number: E164) -> list[Any]:
        """Its filter wants digits, and may find more than the very number."""
        rows = self._numbers({"phone_number": str(number.digits)})
        return [row for row in rows if _understood(reading.number, row) == number]

    def _numbers(self, filters: Mapping[str, str] | None = None) -> Iterator[Any]:
        """Oldest first, so that what is bought meanwhile comes last."""
        return whole(
            lambda page: self._page(
                lambda telnyx: telnyx.phone_numbers.slim_list(
                    filter=filters or {}, sort="purchased_at", page_number=page, page_size=ROWS_PER_PAGE
                )
            ),
            lambda row: _understood(reading.identity, row),
        )

    def _page(self, question: Callable[[Any], Any]) -> tuple[list[Any], int]:
        return _understood(reading.page, self._wire.ask(question))


def _is_billed(row: Any) -> bool:
    return _understood(reading.is_billed, row)


def _understood(read: Callable[[Any], Read], answer: Any) -> Read:
    """The answer to a question, read. Raises ProviderUnavailable."""
    try:
        return read(answer)
    except BadAnswer as error:
        raise ProviderUnavailable(str(error)) from error
