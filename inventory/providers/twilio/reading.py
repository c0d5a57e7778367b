"""Strict reading of what such an API answers: nothing that it says is used before it was checked."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from phonenumbers import country_code_for_region

from inventory.providers.base import Offer, Wanted
from numbering.e164 import E164, InvalidNumber
from numbering.plan import calling_code
from numbering.types import Capability, NumberType

_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_HIGHEST_COST = Decimal(100_000)
# In a search Twilio writes them in this mixture of cases.
_CAPABILITIES = {"voice": Capability.VOICE, "SMS": Capability.SMS, "MMS": Capability.MMS, "fax": Capability.FAX}


class BadAnswer(ValueError):
    """The answer breaks the contract; the message says where."""


class Cost(NamedTuple):
    """What a number costs us in a month, and in which currency (ISO 4217)."""

    monthly: Decimal
    currency: str


class Held(NamedTuple):
    """A number in our account there."""

    sid: str
    number: E164
    friendly_name: str


def offer(row: Any, wanted: Wanted, cost: Cost | None) -> Offer:
    """One row of a search. `cost` is what such a number costs where the row does not say: only a Numberyard's does."""
    offered = number(row)
    country = text(row, "iso_country", most=2)
    # Not the plan's own idea of the country: +1 833 is nobody's in particular, and +7 and +44 have several.
    if country != wanted.country or calling_code(offered.digits) != country_code_for_region(country):
        raise BadAnswer(f"{offered}: asked for {wanted.country}, offered {country}")
    known = _own_cost(row) or cost
    if known is None:
        raise BadAnswer(f"{offered} has no price, and the provider's options have no monthly_costs for its kind")
    return Offer(
        number=offered,
        country=country,
        number_type=wanted.number_type,
        capabilities=_capabilities(row),
        locality=text(row, "locality", most=120, blank=True),
        region=text(row, "region", most=64, blank=True),
        monthly_cost=known.monthly,
        currency=known.currency,
    )


def held(row: Any) -> Held:
    """One number of the account."""
    return Held(text(row, "sid", most=34), number(row), text(row, "friendly_name", most=100, blank=True))


def number(row: Any) -> E164:
    """The E.164 number in `phone_number`, exactly as the API writes it: a plus sign and digits."""
    value = text(row, "phone_number", most=16)
    if not _E164.fullmatch(value):
        raise BadAnswer(f"{value!r} is no E.164 number")
    try:
        return E164.parse(value)
    except InvalidNumber as error:
        raise BadAnswer(f"{value}: {error}") from None


def text(row: Any, field: str, *, most: int, blank: bool = False) -> str:
    """A printable string of at most `most` characters; null reads as "" where blank is allowed."""
    value = row.get(field) if isinstance(row, dict) else None
    if value is None and blank:
        return ""
    if not isinstance(value, str) or len(value) > most or not value.isprintable() or not (value or blank):
        raise BadAnswer(f"{field} must be text of at most {most} characters, not {value!r:.60}")
    return value


def cost(amount: Any, currency: Any) -> Cost:
    """Money comes as text: a JSON number would already have been a float."""
    try:
        monthly = Decimal(amount) if isinstance(amount, str) and len(amount) <= 16 else Decimal("NaN")
    except InvalidOperation:
        monthly = Decimal("NaN")
    if not (monthly.is_finite() and 0 <= monthly < _HIGHEST_COST):
        raise BadAnswer(f"{amount!r:.40} is no monthly price")
    if not (isinstance(currency, str) and _CURRENCY.fullmatch(currency)):
        raise BadAnswer(f"{currency!r:.40} is no ISO 4217 code")
    return Cost(monthly, currency)


def cost_in(document: Mapping[str, Any], number_type: NumberType) -> Cost | None:
    """The price of a type in what Twilio's Pricing API says of a country, None when it has none."""
    prices = document.get("phone_number_prices")
    for price in prices if isinstance(prices, list) else []:
        if isinstance(price, dict) and _type_name(price.get("number_type")) == number_type:
            return cost(price.get("current_price"), document.get("price_unit"))
    return None


def _type_name(value: Any) -> str:
    """`toll free` there, `toll_free` with us."""
    return re.sub(r"[ -]", "_", value.lower()) if isinstance(value, str) else ""


def _own_cost(row: dict[str, Any]) -> Cost | None:
    ours = row.get("numberyard")
    if not isinstance(ours, dict) or "monthly_price" not in ours:
        return None
    return cost(ours["monthly_price"], ours.get("currency"))


def _capabilities(row: dict[str, Any]) -> Capability:
    given = row.get("capabilities")
    if not isinstance(given, dict):
        raise BadAnswer("capabilities must be an object")
    mask = Capability(0)
    for name, capability in _CAPABILITIES.items():
        if given.get(name) is True or given.get(name.lower()) is True:
            mask |= capability
    return mask
