"""What POST IncomingPhoneNumbers takes (contract 2.4)."""

import re

from api.parameters import Format, Parameter, boolean, choice, e164, sid, text, url

_NANP_AREA_CODE = re.compile(r"[2-9][0-9]{2}")


def _area_code(value: str) -> str:
    if not _NANP_AREA_CODE.fullmatch(value):
        raise ValueError("expected three digits, such as 415")
    return value


METHOD = choice("GET", "POST")
PHONE_NUMBER = Parameter("PhoneNumber", "e164", e164, code=21421)
AREA_CODE = Parameter("AreaCode", "area_code", Format(_area_code, {"type": "string"}), code=21451)

#: AddressSid, BundleSid and the other SIDs are checked for their shape; the objects come with the compliance room.
SETTINGS = [
    Parameter("FriendlyName", "friendly_name", text(64), code=20002),
    Parameter("VoiceUrl", "voice_url", url, code=21402),
    Parameter("VoiceMethod", "voice_method", METHOD, code=21403),
    Parameter("VoiceFallbackUrl", "voice_fallback_url", url, code=21402),
    Parameter("VoiceFallbackMethod", "voice_fallback_method", METHOD, code=21403),
    Parameter("VoiceCallerIdLookup", "voice_caller_id_lookup", boolean),
    Parameter("VoiceApplicationSid", "voice_application_sid", sid("AP"), code=21420),
    Parameter("VoiceReceiveMode", "voice_receive_mode", choice("voice", "fax")),
    Parameter("SmsUrl", "sms_url", url, code=21402),
    Parameter("SmsMethod", "sms_method", METHOD, code=21403),
    Parameter("SmsFallbackUrl", "sms_fallback_url", url, code=21402),
    Parameter("SmsFallbackMethod", "sms_fallback_method", METHOD, code=21403),
    Parameter("SmsApplicationSid", "sms_application_sid", sid("AP"), code=21420),
    Parameter("StatusCallback", "status_callback", url, code=21402),
    Parameter("StatusCallbackMethod", "status_callback_method", METHOD, code=21403),
    Parameter("TrunkSid", "trunk_sid", sid("TK")),
    Parameter("AddressSid", "address_sid", sid("AD")),
    Parameter("BundleSid", "bundle_sid", sid("BU")),
    Parameter("IdentitySid", "identity_sid", sid("RI")),
    Parameter("EmergencyStatus", "emergency_status", choice("Active", "Inactive")),
    Parameter("EmergencyAddressSid", "emergency_address_sid", sid("AD")),
]
TRANSFER = Parameter("AccountSid", "to", sid("AC"), code=21470, help="Move the number to this account.")
