"""Strict reading of what any provider says: nothing of an answer is used before it was checked."""

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from phonenumbers import country_code_for_region

from inventory.providers.base import Offer, OrderStatus, Wanted
from numbering.e164 import E164
from numbering.plan import calling_code

_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_AMOUNT = re.compile(r"[0-9]{1,6}(\.[0-9]{1,8})?", re.ASCII)
_HIGHEST_COST = Decimal(100_000)


class BadAnswer(ValueError):
    """The answer breaks the contract; the message says where."""


def text(value: Any, what: str, *, most: int, blank: bool = False) -> str:
    """A printable string of at most `most` characters; None reads as "" where blank is allowed."""
    if value is None and blank:
        return ""
    if not isinstance(value, str) or len(value) > most or not value.isprintable() or not (value or blank):
        raise BadAnswer(f"{what} must be text of at most {most} characters, not {value!r:.60}")
    return value


def rows(value: Any, what: str) -> list[Any]:
    """A list, its elements as they are."""
    if not isinstance(value, list):
        raise BadAnswer(f"{what} must be a list, not {value!r:.60}")
    return value


def count(value: Any, what: str) -> int:
    """A whole number, zero or more."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise BadAnswer(f"{what} must be a count, not {value!r:.60}")
    return value


def number(value: Any, what: str = "number") -> E164:
    """An E.164 number, exactly as the standard writes it: a plus sign and digits."""
    digits = text(value, what, most=16)
    if not _E164.fullmatch(digits):
        raise BadAnswer(f"{digits!r} is no E.164 number")
    try:
        return E164.parse(digits)
    except ValueError as error:
        raise BadAnswer(f"{digits}: {error}") from None


def cost(value: Any, what: str = "monthly_cost") -> Decimal:
    """Money comes as text: a JSON number would already have been a float."""
    written = text(value, what, most=16)
    try:
        amount = Decimal(written)
    except InvalidOperation:
        raise BadAnswer(f"{what} is no amount") from None
    if not _AMOUNT.fullmatch(written) or amount >= _HIGHEST_COST:
        raise BadAnswer(f"{what} {written} is out of range")
    return amount


def currency(value: Any, what: str = "currency") -> str:
    """A code as ISO 4217 writes them; whether there is such a currency is not looked up."""
    code = text(value, what, most=3)
    if not _CURRENCY.fullmatch(code):
        raise BadAnswer(f"{what} {code!r} is no ISO 4217 code")
    return code


def fitting(offer: Offer, wanted: Wanted) -> Offer:
    """The offer, if it is of the kind that was asked for."""
    if (offer.country, offer.number_type) != (wanted.country, wanted.number_type):
        raise BadAnswer(f"{offer.number}: asked for {wanted}, offered {offer.country} {offer.number_type}")
    # Not the plan's own idea of the country: +1 833 is nobody's in particular, and +7 and +44 have several.
    if calling_code(offer.number.digits) != country_code_for_region(offer.country):
        raise BadAnswer(f"{offer.number} has not the country code of {offer.country}")
    return offer


def without_doubles(status: OrderStatus) -> OrderStatus:
    """The order, if no number stands in it twice."""
    if len({line.number for line in status.lines}) != len(status.lines):
        raise BadAnswer(f"order {status.reference} has a number twice")
    return status
