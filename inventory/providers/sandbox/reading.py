"""Strict reading of a sandbox carrier's answers: nothing that it says is used before it was checked."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from inventory.providers import checks
from inventory.providers.base import CivicAddress, LineStatus, Offer, OrderLine, OrderStatus, Wanted
from inventory.providers.checks import BadAnswer
from numbering.e164 import E164
from numbering.types import NumberType, capabilities_from_names

Read = TypeVar("Read")
_NOT_THERE = {"no_longer_available", "out_of_stock", "unknown_number"}
_SETTLED = {"pending": False, "partial": True, "complete": True, "failed": True}  # by the state of an order


def text(document: Any, field: str, *, most: int, blank: bool = False) -> str:
    """A printable string of at most `most` characters; null reads as "" where blank is allowed."""
    return checks.text(_at(document, field), field, most=most, blank=blank)


def rows(document: Any, field: str, read: Callable[[Any], Read]) -> list[Read]:
    """A list, each element read by `read`."""
    return [read(element) for element in checks.rows(_at(document, field), field)]


def number(document: Any) -> E164:
    """The E.164 number in `number`, exactly as the contract writes it: a plus sign and digits."""
    return checks.number(_at(document, "number"))


def offer(document: Any, wanted: Wanted) -> Offer:
    """One offer, which must be of the kind that was asked for."""
    offered = Offer(
        number=number(document),
        country=text(document, "country", most=2),
        number_type=_one_of(NumberType, text(document, "type", most=18)),
        capabilities=_capabilities(document),
        locality=text(document, "locality", most=120, blank=True),
        region=text(document, "region", most=64, blank=True),
        monthly_cost=checks.cost(_at(document, "monthly_cost")),
        currency=checks.currency(_at(document, "currency")),
    )
    return checks.fitting(offered, wanted)


def order(document: Any) -> OrderStatus:
    """An order with all its lines, none of them twice."""
    status = OrderStatus(
        reference=text(document, "id", most=80),
        key=text(document, "client_reference", most=64),
        settled=_is_settled(document),
        lines=tuple(rows(document, "lines", _line)),
    )
    return checks.without_doubles(status)


class Reservation(NamedTuple):
    """Which numbers are reserved, under the carrier's name for it."""

    reference: str
    reserved: set[E164]


def reservation(document: Any) -> Reservation:
    """What a carrier keeps for us, of the numbers that we named."""
    lines = rows(document, "numbers", lambda line: (number(line), text(line, "state", most=10)))
    if unknown := {state for _, state in lines} - {"reserved", "refused"}:
        raise BadAnswer(f"unknown state {unknown.pop()!r} of a reservation")
    return Reservation(text(document, "id", most=80), {one for one, state in lines if state == "reserved"})


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
    reason = text(document, "reason", most=120, blank=True)
    return OrderLine(number(document), status, reason, not_there=reason in _NOT_THERE)


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


def _at(document: Any, field: str) -> Any:
    return document.get(field) if isinstance(document, dict) else None
