"""Addresses as v2010 shows them, and the numbers that need one."""

from typing import TypedDict

from api.available.payloads import AddressRequirement
from api.bodies import CountryCode, PhoneNumberText, Rfc2822, Sid
from api.rendering import rfc2822
from compliance.models import Address
from inventory.models import Did
from inventory.search.terms import terms_of
from numbering.types import Capability


class AddressBody(TypedDict):
    """An address of the account's, or of one of its end users."""

    sid: Sid
    account_sid: Sid
    friendly_name: str
    customer_name: str
    street: str
    street_secondary: str | None
    city: str
    region: str
    postal_code: str
    iso_country: CountryCode
    emergency_enabled: bool
    validated: bool
    verified: bool
    date_created: Rfc2822 | None
    date_updated: Rfc2822 | None
    uri: str


class DependentCapabilitiesBody(TypedDict):
    """What such a number can do; here Twilio writes it so."""

    Voice: bool
    SMS: bool
    MMS: bool


class DependentNumberBody(TypedDict):
    """A number in service that needs an address."""

    sid: Sid
    account_sid: Sid
    friendly_name: str
    phone_number: PhoneNumberText
    voice_url: str | None
    voice_method: str
    voice_fallback_url: str | None
    voice_fallback_method: str
    voice_caller_id_lookup: bool
    voice_application_sid: Sid | None
    sms_url: str | None
    sms_method: str
    sms_fallback_url: str | None
    sms_fallback_method: str
    sms_application_sid: Sid | None
    status_callback: str | None
    status_callback_method: str
    trunk_sid: Sid | None
    address_requirements: AddressRequirement
    capabilities: DependentCapabilitiesBody
    emergency_status: str
    emergency_address_sid: Sid | None
    api_version: str
    date_created: Rfc2822 | None
    date_updated: Rfc2822 | None
    uri: str


def address(row: Address, account_sid: str) -> AddressBody:
    """`validated`: its form is that of its country. `verified`: a reviewer saw it on a paper."""
    return {
        "sid": row.sid,
        "account_sid": account_sid,
        "friendly_name": row.friendly_name,
        "customer_name": row.customer_name,
        "street": row.street,
        "street_secondary": row.street_secondary or None,
        "city": row.city,
        "region": row.region,
        "postal_code": row.postal_code,
        "iso_country": row.iso_country,
        "emergency_enabled": row.emergency_enabled,
        "validated": row.validated,
        "verified": row.verified,
        "date_created": rfc2822(row.created_at),
        "date_updated": rfc2822(row.updated_at),
        "uri": f"/2010-04-01/Accounts/{account_sid}/Addresses/{row.sid}.json",
    }


def dependent(row: Did, account_sid: str) -> DependentNumberBody:
    """A number, as this list shows it."""
    number = row.number
    return {
        "sid": row.sid,
        "account_sid": account_sid,
        "friendly_name": row.friendly_name,
        "phone_number": str(number),
        "voice_url": row.voice_url or None,
        "voice_method": row.voice_method,
        "voice_fallback_url": row.voice_fallback_url or None,
        "voice_fallback_method": row.voice_fallback_method,
        "voice_caller_id_lookup": row.voice_caller_id_lookup,
        "voice_application_sid": row.voice_application_sid or None,
        "sms_url": row.sms_url or None,
        "sms_method": row.sms_method,
        "sms_fallback_url": row.sms_fallback_url or None,
        "sms_fallback_method": row.sms_fallback_method,
        "sms_application_sid": row.sms_application_sid or None,
        "status_callback": row.status_callback or None,
        "status_callback_method": row.status_callback_method,
        "trunk_sid": row.trunk_sid or None,
        "address_requirements": terms_of(number.country, number.number_type).address_requirement,
        "capabilities": capabilities(number.capabilities),
        "emergency_status": row.emergency_status,
        "emergency_address_sid": row.emergency_address_sid or None,
        "api_version": "2010-04-01",
        "date_created": rfc2822(row.created_at),
        "date_updated": rfc2822(row.updated_at),
        "uri": f"/2010-04-01/Accounts/{account_sid}/IncomingPhoneNumbers/{row.sid}.json",
    }


def capabilities(mask: int) -> DependentCapabilitiesBody:
    """Of these three Twilio tells here."""
    return {
        "Voice": bool(mask & Capability.VOICE),
        "SMS": bool(mask & Capability.SMS),
        "MMS": bool(mask & Capability.MMS),
    }
