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

_UNCHECKED = "Stored; whether there is such an object is not checked yet."
_CLEARED = "Empty: none, where none is asked for."
_EMERGENCY = "An address of the account with EmergencyEnabled."
SETTINGS = [
    Parameter("FriendlyName", "friendly_name", text(64), code=20002, help="Empty: the name stays as it is."),
    Parameter("VoiceUrl", "voice_url", url, code=21402),
    Parameter("VoiceMethod", "voice_method", METHOD, code=21403),
    Parameter("VoiceFallbackUrl", "voice_fallback_url", url, code=21402),
    Parameter("VoiceFallbackMethod", "voice_fallback_method", METHOD, code=21403),
    Parameter("VoiceCallerIdLookup", "voice_caller_id_lookup", boolean),
    Parameter("VoiceApplicationSid", "voice_application_sid", sid("AP"), code=21420, help=_UNCHECKED),
    Parameter("VoiceReceiveMode", "voice_receive_mode", choice("voice", "fax")),
    Parameter("SmsUrl", "sms_url", url, code=21402),
    Parameter("SmsMethod", "sms_method", METHOD, code=21403),
    Parameter("SmsFallbackUrl", "sms_fallback_url", url, code=21402),
    Parameter("SmsFallbackMethod", "sms_fallback_method", METHOD, code=21403),
    Parameter("SmsApplicationSid", "sms_application_sid", sid("AP"), code=21420, help=_UNCHECKED),
    Parameter("StatusCallback", "status_callback", url, code=21402),
    Parameter("StatusCallbackMethod", "status_callback_method", METHOD, code=21403),
    Parameter("TrunkSid", "trunk_sid", sid("TK"), help=_UNCHECKED),
    Parameter("AddressSid", "address_sid", sid("AD"), help=f"An address of the account. {_CLEARED}"),
    Parameter("BundleSid", "bundle_sid", sid("BU"), help=f"An approved bundle for such numbers. {_CLEARED}"),
    Parameter("IdentitySid", "identity_sid", sid("RI"), help=_UNCHECKED),
    Parameter("EmergencyStatus", "emergency_status", choice("Active", "Inactive")),
    Parameter("EmergencyAddressSid", "emergency_address_sid", sid("AD"), help=_EMERGENCY),
]
TRANSFER = Parameter("AccountSid", "to", sid("AC"), code=21470, help="Move the number to this account.")
PROTECTED = Parameter(
    "Protected",
    "protected",
    boolean,
    help="true: the number is neither released nor moved, by anybody, until it is set to false again in a request of "
    "its own. Ours, not Twilio's.",
)
