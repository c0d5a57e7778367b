"""A DID as v2010 shows it."""

from typing import Any

from api.available.payloads import offer
from api.rendering import iso8601, rfc2822
from inventory.models import Did, PhoneNumber
from inventory.search.terms import Terms, terms_of
from numbering.types import Capability, NumberType

_SIDS = (
    "voice_application_sid",
    "sms_application_sid",
    "trunk_sid",
    "address_sid",
    "bundle_sid",
    "identity_sid",
    "emergency_address_sid",
)
_URLS = ("voice_url", "voice_fallback_url", "sms_url", "sms_fallback_url", "status_callback")
_AS_STORED = (
    "sid",
    "friendly_name",
    "voice_method",
    "voice_fallback_method",
    "voice_caller_id_lookup",
    "voice_receive_mode",
    "sms_method",
    "sms_fallback_method",
    "status_callback_method",
    "emergency_status",
)


def did(row: Did, account_sid: str) -> dict[str, Any]:
    """Fixed: `origin` (hosted numbers come later), `status`, `emergency_address_status` (no emergency calls yet)."""
    number = row.number
    terms = terms_of(number.country, number.number_type)
    base = f"/2010-04-01/Accounts/{account_sid}/IncomingPhoneNumbers/{row.sid}"
    return {
        **{name: getattr(row, name) for name in _AS_STORED},
        **{name: getattr(row, name) or None for name in (*_SIDS, *_URLS)},
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
        "numberyard": extras(number, terms),
    }


def capabilities(mask: int) -> dict[str, bool]:
    """Lower-case keys, as owned numbers have them."""
    return {
        "voice": bool(mask & Capability.VOICE),
        "sms": bool(mask & Capability.SMS),
        "mms": bool(mask & Capability.MMS),
        "fax": bool(mask & Capability.FAX),
    }


def extras(number: PhoneNumber, terms: Terms) -> dict[str, Any]:
    """What Twilio doesn't tell: type and prices, where it is from, and how long its test passport is current."""
    return {
        **offer(NumberType(number.number_type), terms.price(number.provider_id)),
        "iso_country": number.country,
        "area_code": number.area_code or None,
        "region": number.region or None,
        "passport_expires_at": iso8601(number.passport_expires_at),
        "cleared_at": iso8601(number.cleared_at),
    }
