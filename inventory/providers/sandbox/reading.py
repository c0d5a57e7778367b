"""Strict reading of a sandbox carrier's answers: nothing that it says is used before it was checked."""

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from phonenumbers import country_code_for_region

from inventory.providers.base import CivicAddress, LineStatus, Offer, OrderLine, OrderStatus, Wanted
from numbering.e164 import E164
from numbering.plan import calling_code
from numbering.types import NumberType, capabilities_from_names

Read = TypeVar("Read")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_HIGHEST_COST = Decimal(100_000)
_SETTLED = {"pending": False, "partial": True, "complete": True, "failed": True}  # by the state of an order


class BadAnswer(ValueError):
    """The answer breaks the contract; the message says where."""


def text(document: Any, field: str, *, most: int, blank: bool = False) -> str:
    """A printable string of at most `most` characters; null reads as "" where blank is allowed."""
    value = document.get(field) if isinstance(document, dict) else None
    if value is None and blank:
        return ""
    if not isinstance(value, str) or len(value) > most or not value.isprintable() or not (value or blank):
        raise BadAnswer(f"{field} must be text of at most {most} characters, not {value!r:.60}")
    return value


def rows(document: Any, field: str, read: Callable[[Any], Read]) -> list[Read]:
    """A list, each element read by `read`."""
    value = document.get(field) if isinstance(document, dict) else None
    if not isinstance(value, list):
        raise BadAnswer(f"{field} must be a list")
    return [read(element) for element in value]


def number(document: Any) -> E164:
    """The E.164 number in `number`, exactly as the contract writes it: a plus sign and digits."""
    value = text(document, "number", most=16)
    if not _E164.fullmatch(value):
        raise BadAnswer(f"{value!r} is no E.164 number")
    try:
        return E164.parse(value)
    except ValueError as error:
        raise BadAnswer(f"{value}: {error}") from None


def offer(document: Any, wanted: Wanted) -> Offer:
    """One offer, which must be of the kind that was asked for."""
    offered = Offer(
        number=number(document),
        country=text(document, "country", most=2),
        number_type=_one_of(NumberType, text(document, "type", most=18)),
        capabilities=_capabilities(document),
        locality=text(document, "locality", most=120, blank=True),
        region=text(document, "region", most=64, blank=True),
        monthly_cost=_monthly_cost(document),
        currency=_currency(document),
    )
    if (offered.country, offered.number_type) != (wanted.country, wanted.number_type):
        raise BadAnswer(f"{offered.number}: asked for {wanted}, offered {offered.country} {offered.number_type}")
    # Not the plan's own idea of the country: +1 833 is nobody's in particular, and +7 and +44 have several.
    if calling_code(offered.number.digits) != country_code_for_region(offered.country):
        raise BadAnswer(f"{offered.number} has not the country code of {offered.country}")
    return offered


def order(document: Any) -> OrderStatus:
    """An order with all its lines, none of them twice."""
    status = OrderStatus(
        reference=text(document, "id", most=80),
        key=text(document, "client_reference", most=64),
        settled=_is_settled(document),
        lines=tuple(rows(document, "lines", _line)),
    )
    if len({line.number for line in status.lines}) != len(status.lines):
        raise BadAnswer(f"order {status.reference} has a number twice")
    return status


def civic_address(document: Any) -> CivicAddress:
    """The address that is registered for a number."""
    needed = {field: text(document, field, most=100) for field in ("street", "locality", "postal_code", "country")}
    return CivicAddress(
        **needed, **{field: text(document, field, most=100, blank=True) for field in ("unit", "region")}
    )


def is_held(document: Any) -> bool:
    """Whether `GET /numbers/{e164}` says that we are billed."""
    state = text(document, "state", most=20)
    if state not in ("held", "releasing", "released"):
        raise BadAnswer(f"unknown state {state!r} of a number")
    return state != "released"


def _is_settled(document: Any) -> bool:
    state = text(document, "state", most=20)
    if state not in _SETTLED:
        raise BadAnswer(f"unknown state {state!r} of an order")
    return _SETTLED[state]


def _line(document: Any) -> OrderLine:
    status = _one_of(LineStatus, text(document, "state", most=10))
    return OrderLine(number(document), status, text(document, "reason", most=120, blank=True))


_Choice = TypeVar("_Choice", NumberType, LineStatus)


def _one_of(choices: type[_Choice], value: str) -> _Choice:
    try:
        return choices(value)
    except ValueError:
        raise BadAnswer(f"unknown {choices.__name__} {value!r}") from None


def _capabilities(document: Any) -> Any:
    names = rows(document, "capabilities", str)
    try:
        return capabilities_from_names(names)
    except ValueError as error:
        raise BadAnswer(str(error)) from None


def _monthly_cost(document: Any) -> Decimal:
    """Money comes as text: a JSON number would already have been a float."""
    try:
        cost = Decimal(text(document, "monthly_cost", most=16))
    except InvalidOperation:
        raise BadAnswer("monthly_cost is no amount") from None
    if not (cost.is_finite() and 0 <= cost < _HIGHEST_COST):
        raise BadAnswer(f"monthly_cost {cost} is out of range")
    return cost


def _currency(document: Any) -> str:
    value = text(document, "currency", most=3)
    if not _CURRENCY.fullmatch(value):
        raise BadAnswer(f"currency {value!r} is no ISO 4217 code")
    return value
