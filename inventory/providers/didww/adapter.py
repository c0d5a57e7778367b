"""The adapter: the provider contract in the words of DIDWW's API 3."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar

import structlog
from didww.enums import CallbackMethod
from didww.query_params import QueryParams
from didww.resources.did import Did
from didww.resources.order import Order
from didww.resources.order_item.available_did_order_item import AvailableDidOrderItem

from inventory.models import Provider, ProviderOrder
from inventory.providers import checks
from inventory.providers.access import credential, needed, origin
from inventory.providers.base import (
    Offer,
    OrderStatus,
    ProviderRefused,
    ProviderUnavailable,
    ProviderUncertain,
    Wanted,
)
from inventory.providers.didww import reading, webhook
from inventory.providers.didww.wire import UNREADABLE, Wire
from inventory.providers.orders import merged, place_once
from inventory.providers.paging import whole
from numbering.e164 import E164

USUAL_URL = "https://api.didww.com/v3"
ROWS_PER_PAGE = 100  # the most that it gives
Read = TypeVar("Read")
log = structlog.get_logger(__name__)


class DidwwProvider:
    """One account at DIDWW. Credentials: `api_key`, `callback_secret`. `options`: `callback_url`; `channels` that come
    with a number (0: paid by the minute); `currency` of the account (USD); `with_registration`, true to order numbers
    that need papers, too."""

    one_order_per_key = False

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._options: dict[str, Any] = provider.options
        self._callback_url = str(self._options.get("callback_url") or "")

    def offers(self, wanted: Wanted) -> Iterator[Offer]:
        """See ProviderAdapter. Group by group: a group is a place, and says what its numbers have in common.

        An offer that breaks the contract is left out, and logged with the reason.
        """
        terms: dict[str, Any] = {"channels": self._channels, "currency": self._currency}
        for group in self._groups(wanted):
            for row in self._available(QueryParams().filter("did_group.id", _understood(reading.identity, group))):
                try:
                    yield reading.offer(row, group, wanted, **terms)
                except UNREADABLE as error:
                    log.warning("offer_refused", provider=self._provider.slug, reason=str(error))

    def order(self, numbers: Sequence[E164], *, key: str) -> OrderStatus:
        """See ProviderAdapter. DIDWW does not refuse a second order with our key, so one is looked for first."""
        return place_once(lambda: self._place(numbers, key), lambda: self.order_status(key))

    def order_status(self, key: str) -> OrderStatus | None:
        """See ProviderAdapter."""
        found = [row for row in self._orders(key) if _understood(reading.reference, row) == key]
        return merged([self._order(row) for row in found])

    def release(self, number: E164, *, key: str) -> None:
        """See ProviderAdapter. What is terminated already needs no second word."""
        rows = self._rows_of(number)
        if not rows:
            raise ProviderRefused(f"{number} is not among our numbers there")
        for row in filter(_is_billed, rows):
            self._terminate(_understood(reading.identity, row))

    def holding(self, number: E164) -> bool:
        """See ProviderAdapter."""
        return any(map(_is_billed, self._rows_of(number)))

    def holdings(self) -> Iterator[E164]:
        """See ProviderAdapter. One unreadable row, or no way to the end, makes the whole list useless: it is a bill."""
        for row in self._dids():
            if _is_billed(row):
                yield _understood(reading.number, row)

    def verify_callback(self, headers: Mapping[str, str], body: bytes) -> str | None:
        """See ProviderAdapter. It names the order by DIDWW's id: one that we have not noted yet will be asked about
        when its clock says so."""
        secret = credential(self._provider, "callback_secret")
        reference = webhook.order_of(headers, body, url=self._callback_url, secret=secret)
        if not reference:
            return None
        ours = ProviderOrder.objects.filter(provider=self._provider, provider_reference=reference)
        return ours.values_list("key", flat=True).first()

    @property
    def _channels(self) -> int:
        return _understood(lambda given: checks.count(given, "options.channels"), self._options.get("channels", 0))

    @property
    def _currency(self) -> str:
        return _understood(
            lambda given: checks.currency(given, "options.currency"), self._options.get("currency", "USD")
        )

    @cached_property
    def _wire(self) -> Wire:
        return Wire(origin(self._provider, USUAL_URL), needed(self._provider, "api_key"))

    def _place(self, numbers: Sequence[E164], key: str) -> OrderStatus:
        """Each number is looked up first, since an order names its row on sale and not itself."""
        found = {number: item for number in numbers if (item := self._item(number))}
        if not found:
            raise ProviderRefused("none of the numbers is on offer any more", not_there=True)
        answer = self._wire.tell(lambda didww: didww.orders().create(self._wish(list(found.values()), key)))
        try:
            missing = [number for number in numbers if number not in found]
            status = reading.placed(answer.data, list(found), missing)
        except UNREADABLE as error:
            raise ProviderUncertain(str(error)) from error
        if status.key != key:
            raise ProviderUncertain(f"asked for order {key}, answered with {status.key}")
        return status

    def _wish(self, items: Sequence[AvailableDidOrderItem], key: str) -> Order:
        order = Order()
        order.items = items
        order.external_reference_id = key
        order.allow_back_ordering = False  # these very numbers, or none
        if self._callback_url:
            order.callback_url, order.callback_method = self._callback_url, CallbackMethod.POST
        return order

    def _item(self, number: E164) -> AvailableDidOrderItem | None:
        """How an order names a number on sale; None when it is sold."""
        asked = QueryParams().filter("number_contains", str(number.digits))
        for row in self._available(asked.include("did_group", "did_group.stock_keeping_units")):
            if _understood(reading.number, row) == number:
                item = AvailableDidOrderItem()
                item.available_did_id = _understood(reading.identity, row)
                item.sku_id = _understood(self._unit, row)
                return item
        return None

    def _unit(self, row: Any) -> str:
        return reading.identity(reading.unit_of(row.did_group, self._channels))

    def _terminate(self, did_id: str) -> None:
        did = Did.build(did_id)
        did.terminated = True
        self._wire.tell(lambda didww: didww.dids().update(did))

    def _groups(self, wanted: Wanted) -> Iterator[Any]:
        """The groups of this kind that have numbers on sale which may be chosen one by one."""
        kind = reading.TYPES.get(wanted.number_type)
        country = self._id_of("countries", "iso", wanted.country)
        type_id = self._id_of("did_group_types", "name", kind) if kind else None
        if not (country and type_id):
            return iter(())
        filters = {"country.id": country, "did_group_type.id": type_id, "available_dids_enabled": "true"}
        filters["is_available"] = "true"
        if not self._options.get("with_registration"):
            filters["needs_registration"] = "false"
        if wanted.area_code:
            filters["prefix"] = wanted.area_code
        return self._list("did_groups", filters, include=("region", "stock_keeping_units"))

    def _id_of(self, path: str, field: str, value: str) -> str | None:
        """The id of the one row of a short list that has this value."""
        answer = self._wire.ask(lambda didww: getattr(didww, path)().list(QueryParams().filter(field, value)))
        rows = [row for row in answer.data if getattr(row, field) == value]
        return _understood(reading.identity, rows[0]) if rows else None

    def _available(self, asked: QueryParams) -> list[Any]:
        """Numbers on sale, some of those that match, in any order: this list has no pages."""
        return list(self._wire.ask(lambda didww: didww.available_dids().list(asked)).data)

    def _orders(self, key: str) -> Iterator[Any]:
        return self._list("orders", {"external_reference_id": key})

    def _order(self, row: Any) -> OrderStatus:
        dids = list(self._dids({"order.id": _understood(reading.identity, row)}))
        return _understood(lambda row: reading.order(row, dids), row)

    def _rows_of(self, number: E164) -> list[Any]:
        rows = self._dids({"number": str(number.digits)})
        return [row for row in rows if _understood(reading.number, row) == number]

    def _dids(self, filters: Mapping[str, str] | None = None) -> Iterator[Any]:
        """Oldest first, so that what is bought meanwhile comes last."""
        return self._list("dids", filters or {}, sort="created_at")

    def _list(
        self, path: str, filters: Mapping[str, str], *, include: Sequence[str] = (), sort: str = ""
    ) -> Iterator[Any]:
        """Every row of a paged list."""

        def page(number: int) -> tuple[list[Any], int]:
            asked = QueryParams().include(*include).page(number, ROWS_PER_PAGE)
            for field, value in filters.items():
                asked.filter(field, value)
            if sort:
                asked.sort(sort)
            return _understood(reading.page, self._wire.ask(lambda didww: getattr(didww, path)().list(asked)))

        return whole(page, lambda row: _understood(reading.identity, row))


def _is_billed(row: Any) -> bool:
    return _understood(reading.is_billed, row)


def _understood(read: Callable[[Any], Read], answer: Any) -> Read:
    """The answer to a question, read; or an option of the row. Raises ProviderUnavailable."""
    try:
        return read(answer)
    except UNREADABLE as error:
        raise ProviderUnavailable(f"can't be read: {error}"[:300]) from error
