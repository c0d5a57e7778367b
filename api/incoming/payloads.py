"""A DID as v2010 shows it."""

from typing import TypedDict, cast

from api.available.payloads import AddressRequirement, KnownType, OfferBody, offer, papers
from api.bodies import CountryCode, Iso8601, PhoneNumberText, Rfc2822, Sid
from api.rendering import iso8601, rfc2822
from inventory.models import Did
from inventory.search.terms import Terms, terms_of
from numbering.types import Capability, NumberType


class ChoicesBody(TypedDict):
    """Settings that always have a value."""

    friendly_name: str
    voice_method: str
    voice_fallback_method: str
    voice_caller_id_lookup: bool
    voice_receive_mode: str
    sms_method: str
    sms_fallback_method: str
    status_callback_method: str
    emergency_status: str


class TargetsBody(TypedDict):
    """Settings that say where calls and messages go, or what the number belongs to; null where none is set."""

    voice_url: str | None
    voice_fallback_url: str | None
    voice_application_sid: Sid | None
    sms_url: str | None
    sms_fallback_url: str | None
    sms_application_sid: Sid | None
    status_callback: str | None
    trunk_sid: Sid | None
    address_sid: Sid | None
    bundle_sid: Sid | None
    identity_sid: Sid | None
    emergency_address_sid: Sid | None


class CapabilitiesBody(TypedDict):
    """What an owned number can do."""

    voice: bool
    sms: bool
    mms: bool
    fax: bool


class ExtrasBody(OfferBody):
    """What Twilio doesn't tell: type and prices, where it is from, its test passport, and its protection."""

    iso_country: CountryCode
    area_code: str | None
    region: str | None
    passport_expires_at: Iso8601 | None
    cleared_at: Iso8601 | None
    protected: bool


class IncomingNumberBody(ChoicesBody, TargetsBody):
    """A number in service for an account, with its settings."""

    sid: Sid
    account_sid: Sid
    phone_number: PhoneNumberText
    capabilities: CapabilitiesBody
    address_requirements: AddressRequirement
    api_version: str
    beta: bool
    origin: str
    status: str
    type: KnownType
    emergency_address_status: str
    date_created: Rfc2822 | None
    date_updated: Rfc2822 | None
    uri: str
    subresource_uris: dict[str, str]
    numberyard: ExtrasBody


_CHOICES, _TARGETS = tuple(ChoicesBody.__annotations__), tuple(TargetsBody.__annotations__)


def did(row: Did, account_sid: str) -> IncomingNumberBody:
    """Fixed: `origin` (hosted numbers come later), `status`, `emergency_address_status` (no emergency calls yet)."""
    number = row.number
    terms = terms_of(number.country, number.number_type)
    base = f"/2010-04-01/Accounts/{account_sid}/IncomingPhoneNumbers/{row.sid}"
    return {
        **cast("ChoicesBody", {name: getattr(row, name) for name in _CHOICES}),
        **cast("TargetsBody", {name: getattr(row, name) or None for name in _TARGETS}),
        "sid": row.sid,
        "account_sid": account_sid,
        "phone_number": str(number),
        "capabilities": capabilities(number.capabilities),
        "address_requirements": terms.address_requirement,
        "api_version": "2010-04-01",
        "beta": number.beta,
        "origin": "twilio",
        "status": "in-use",
        "type": number.number_type,
        "emergency_address_status": "unregistered",
        "date_created": rfc2822(row.created_at),
        "date_updated": rfc2822(row.updated_at),
        "uri": f"{base}.json",
        "subresource_uris": {"assigned_add_ons": f"{base}/AssignedAddOns.json"},
        "numberyard": extras(row, terms),
    }


def capabilities(mask: int) -> CapabilitiesBody:
    """Lower-case keys, as owned numbers have them."""
    return {
        "voice": bool(mask & Capability.VOICE),
        "sms": bool(mask & Capability.SMS),
        "mms": bool(mask & Capability.MMS),
        "fax": bool(mask & Capability.FAX),
    }


def extras(row: Did, terms: Terms) -> ExtrasBody:
    """What stands under our own key."""
    number = row.number
    return {
        **offer(NumberType(number.number_type), terms, number.provider_id),
        **papers(number),
        "iso_country": number.country,
        "area_code": number.area_code or None,
        "region": number.region or None,
        "passport_expires_at": iso8601(number.passport_expires_at),
        "cleared_at": iso8601(number.cleared_at),
        "protected": row.protected_since is not None,
    }
