"""Strict reading of what such an API answers: nothing that it says is used before it was checked."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from inventory.providers import checks
from inventory.providers.base import Offer, Wanted
from inventory.providers.checks import BadAnswer
from numbering.e164 import E164
from numbering.types import Capability, NumberType

# In a search Twilio writes them in this mixture of cases.
_CAPABILITIES = {"voice": Capability.VOICE, "SMS": Capability.SMS, "MMS": Capability.MMS, "fax": Capability.FAX}


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
    offered, known = _number(row), _own_cost(row) or cost
    if known is None:
        raise BadAnswer(f"{offered} has no price, and the provider's options have no monthly_costs for its kind")
    found = Offer(
        number=offered,
        country=_text(row, "iso_country", most=2),
        number_type=wanted.number_type,
        capabilities=_capabilities(row),
        locality=_text(row, "locality", most=120, blank=True),
        region=_text(row, "region", most=64, blank=True),
        monthly_cost=known.monthly,
        currency=known.currency,
    )
    return checks.fitting(found, wanted)


def held(row: Any) -> Held:
    """One number of the account."""
    return Held(_text(row, "sid", most=34), _number(row), _text(row, "friendly_name", most=100, blank=True))


def cost(amount: Any, currency: Any) -> Cost:
    """An amount and its currency."""
    return Cost(checks.cost(amount, "the monthly price"), checks.currency(currency))


def cost_in(document: Mapping[str, Any], number_type: NumberType) -> Cost | None:
    """The price of a type in what Twilio's Pricing API says of a country, None when it has none."""
    prices = document.get("phone_number_prices")
    for price in prices if isinstance(prices, list) else []:
        if isinstance(price, dict) and _type_name(price.get("number_type")) == number_type:
            return cost(price.get("current_price"), document.get("price_unit"))
    return None


def _text(row: Any, field: str, *, most: int, blank: bool = False) -> str:
    return checks.text(row.get(field) if isinstance(row, dict) else None, field, most=most, blank=blank)


def _number(row: Any) -> E164:
    return checks.number(row.get("phone_number") if isinstance(row, dict) else None, "phone_number")


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
