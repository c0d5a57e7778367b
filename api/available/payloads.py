"""Rows of the shop window as Twilio writes them. Ours goes into the one key `numberyard`."""

from collections.abc import Callable, Sequence
from typing import Any

from inventory.search.stock import StockRow
from inventory.search.terms import Price, Terms
from numbering.e164 import friendly_name
from numbering.types import Capability, NumberType

#: A type in our words, in the paths, and in `subresource_uris`.
PATH_NAMES = {
    NumberType.LOCAL: "Local",
    NumberType.TOLL_FREE: "TollFree",
    NumberType.MOBILE: "Mobile",
    NumberType.NATIONAL: "National",
    NumberType.SHARED_COST: "SharedCost",
    NumberType.VOIP: "Voip",
    NumberType.MACHINE_TO_MACHINE: "MachineToMachine",
}


def country(account_sid: str, code: str, name: str, types: Sequence[NumberType]) -> dict[str, Any]:
    """A country and the types that are sold there."""
    base = f"/2010-04-01/Accounts/{account_sid}/AvailablePhoneNumbers/{code}"
    return {
        "country_code": code,
        "country": name,
        "beta": False,  # fixed: it is numbers that are new to the platform, not countries
        "uri": f"{base}.json",
        "subresource_uris": {each.value: f"{base}/{PATH_NAMES[each]}.json" for each in types},
    }


def rows(code: str, number_type: NumberType, terms: Terms) -> Callable[[StockRow], dict[str, Any]]:
    """How to write the rows of one search: what belongs to the kind is worked out once."""
    kind = {"iso_country": code, "address_requirements": terms.address_requirement}
    prices = {provider: offer(number_type, price) for provider, price in terms.prices.items()}
    unpriced = prices.get(None, offer(number_type, None))

    def row(number: StockRow) -> dict[str, Any]:
        return {
            "friendly_name": friendly_name(number.e164, code),
            "phone_number": f"+{number.e164}",
            "lata": number.lata,
            "locality": number.locality,
            "rate_center": number.rate_centre,
            "latitude": _degrees(number.latitude),
            "longitude": _degrees(number.longitude),
            "region": number.region,
            "postal_code": number.postal_code,
            **kind,
            "beta": number.beta,
            "capabilities": CAPABILITIES[number.capabilities],
            "numberyard": prices.get(number.provider, unpriced),
        }

    return row


#: By mask. In a search Twilio writes them in this mixture of cases; owned numbers have them in lower case.
CAPABILITIES = [
    {
        "voice": bool(mask & Capability.VOICE),
        "SMS": bool(mask & Capability.SMS),
        "MMS": bool(mask & Capability.MMS),
        "fax": bool(mask & Capability.FAX),
    }
    for mask in range(16)
]


def _degrees(value: float | None) -> str | None:
    return None if value is None else f"{value:.6f}"


def offer(number_type: NumberType, price: Price | None) -> dict[str, str]:
    """The type, and what it costs where a tariff is set: in searches and on owned numbers alike."""
    if price is None:
        return {"type": number_type.value}
    return {
        "type": number_type.value,
        "setup_price": str(price.setup),
        "monthly_price": str(price.monthly),
        "currency": price.currency,
    }
