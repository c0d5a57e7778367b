"""Rows of the shop window as Twilio writes them. Ours goes into the one key `numberyard`."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, NotRequired, Protocol, TypedDict, cast

from django.conf import settings

from api import asked
from api.asked import AskedBody
from api.bodies import CountryCode, Decimals, Iso8601, Keyword, PhoneNumberText
from api.rendering import iso8601
from inventory.search.stock import StockRow
from inventory.search.terms import Terms
from numbering.e164 import friendly_name
from numbering.types import Capability, NumberType, capability_names

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


AddressRequirement = Annotated[str, Keyword("enum", ("none", "any", "local", "foreign"))]
KnownType = Annotated[str, Keyword("enum", tuple(NumberType.values))]


class CountryBody(TypedDict):
    """A country, and where to search for each type of number that is sold there."""

    country_code: CountryCode
    country: str
    beta: bool
    uri: str
    subresource_uris: dict[str, str]


class PapersBody(TypedDict):
    """The passport in short: `capabilities` are those that it proves."""

    capabilities: list[Annotated[str, Keyword("enum", ("voice", "sms", "mms", "fax"))]]
    tested_at: Iso8601 | None
    expires_at: Iso8601 | None
    mos: float | None
    post_dial_delay: float | None
    url: str


class OfferBody(AskedBody):
    """The type of a number, what is asked of who has it, its price where a tariff is set, and its passport if any."""

    type: KnownType
    setup_price: NotRequired[Decimals]
    monthly_price: NotRequired[Decimals]
    currency: NotRequired[str]
    passport: NotRequired[PapersBody]


class SearchedCapabilitiesBody(TypedDict):
    """What a number on sale can do. In a search Twilio writes it in this mixture of cases."""

    voice: bool
    SMS: bool
    MMS: bool
    fax: bool


class AvailableNumberBody(TypedDict):
    """A number on sale."""

    friendly_name: str
    phone_number: PhoneNumberText
    lata: str | None
    locality: str | None
    rate_center: str | None
    latitude: Decimals | None
    longitude: Decimals | None
    region: str | None
    postal_code: str | None
    iso_country: CountryCode
    address_requirements: AddressRequirement
    beta: bool
    capabilities: SearchedCapabilitiesBody
    numberyard: OfferBody


def country(account_sid: str, code: str, name: str, types: Sequence[NumberType]) -> CountryBody:
    """A country and the types that are sold there."""
    base = f"/2010-04-01/Accounts/{account_sid}/AvailablePhoneNumbers/{code}"
    return {
        "country_code": code,
        "country": name,
        "beta": False,  # fixed: it is numbers that are new to the platform, not countries
        "uri": f"{base}.json",
        "subresource_uris": {each.value: f"{base}/{PATH_NAMES[each]}.json" for each in types},
    }


def rows(code: str, number_type: NumberType, terms: Terms) -> Callable[[StockRow], AvailableNumberBody]:
    """How to write the rows of one search: what belongs to the kind is worked out once."""
    address_requirement = terms.address_requirement
    prices = {provider: offer(number_type, terms, provider) for provider in (None, *terms.prices)}

    def row(number: StockRow) -> AvailableNumberBody:
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
            "iso_country": code,
            "address_requirements": address_requirement,
            "beta": number.beta,
            "capabilities": CAPABILITIES[number.capabilities],
            "numberyard": {**prices.get(number.provider, prices[None]), **papers(number)},
        }

    return row


#: By mask.
CAPABILITIES: list[SearchedCapabilitiesBody] = [
    {
        "voice": bool(mask & Capability.VOICE),
        "SMS": bool(mask & Capability.SMS),
        "MMS": bool(mask & Capability.MMS),
        "fax": bool(mask & Capability.FAX),
    }
    for mask in range(16)
]


class Papers(Protocol):
    """A number, or a row of a search."""

    @property
    def e164(self) -> int: ...
    @property
    def capabilities(self) -> int: ...
    @property
    def tested_at(self) -> datetime | None: ...
    @property
    def passport_expires_at(self) -> datetime | None: ...
    @property
    def mos(self) -> float | None: ...
    @property
    def post_dial_delay(self) -> float | None: ...


class PassportPart(TypedDict, total=False):
    """The part of an offer that says what the number was tested for."""

    passport: PapersBody


def papers(number: Papers) -> PassportPart:
    """The number's passport in short, from its own row; in full it is at `url`. Empty where there is none."""
    if number.tested_at is None:
        return {}
    passport: PapersBody = {
        "capabilities": NAMES[number.capabilities],
        "tested_at": iso8601(number.tested_at),
        "expires_at": iso8601(number.passport_expires_at),
        "mos": _rounded(number.mos),
        "post_dial_delay": _rounded(number.post_dial_delay),
        "url": f"{settings.PUBLIC_URL}/lab/v1/Passports/+{number.e164}",
    }
    return {"passport": passport}


#: By mask.
NAMES = [capability_names(mask) for mask in range(16)]


def _rounded(value: float | None) -> float | None:
    """To what a 4-byte float holds of it, and no more than was measured."""
    return None if value is None else round(value, 3)


def _degrees(value: float | None) -> str | None:
    return None if value is None else f"{value:.6f}"


def offer(number_type: NumberType, terms: Terms, provider: int | None) -> OfferBody:
    """The type, what is asked, and what it costs where a tariff is set: in searches and on owned numbers alike."""
    said = cast("OfferBody", {"type": number_type.value, **asked.body(terms.asked)})
    if price := terms.price(provider):
        said["setup_price"] = str(price.setup)
        said["monthly_price"] = str(price.monthly)
        said["currency"] = price.currency
    return said
