"""What the paths of bundles take (contract 3)."""

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from accounts.outgoing import may_be_called
from api.bundles.spelling import STATUS_OF
from api.parameters import Format, Parameter, boolean, country, e164, sid, text, url
from api.regulatory.words import end_user_type, number_type
from compliance.lifecycle import BundleState

_LONGEST_EMAIL = 254  # RFC 5321 section 4.5.3.1.3, less the brackets


def _email(value: str) -> str:
    try:
        EmailValidator()(value)
    except ValidationError:
        raise ValueError("expected an e-mail address") from None
    if len(value) > _LONGEST_EMAIL:
        raise ValueError(f"at most {_LONGEST_EMAIL} characters are allowed")
    return value


email = Format(_email, {"type": "string", "format": "email", "maxLength": _LONGEST_EMAIL})


def _callback(value: str) -> str:
    """A URL that we would call: what never can be is better refused than written down and given up in silence."""
    if url.read(value) and not may_be_called(value):
        raise ValueError("we call the public internet only, at the ports for http and https")
    return value


callback = url._replace(read=_callback)
_STATE_OF: Mapping[str, BundleState] = {spelled: BundleState(state) for state, spelled in STATUS_OF.items()}


def _state(value: str) -> BundleState:
    if value.lower() not in _STATE_OF:
        raise ValueError(f"expected one of {', '.join(_STATE_OF)}")
    return _STATE_OF[value.lower()]


state = Format(_state, {"type": "string", "enum": list(_STATE_OF)})
_CALLBACK = "A URL on the public internet."
_NAME = text(255, min_length=1)

GROUP = [
    Parameter("IsoCountry", "country", country, code=22201),
    Parameter("NumberType", "number_type", number_type, code=22200),
    Parameter("EndUserType", "end_user_type", end_user_type, code=22200),
]
REGULATION = Parameter(
    "RegulationSid", "sid", sid("RN"), code=22201, help="Or IsoCountry, NumberType and EndUserType together."
)
NEW = [
    Parameter("FriendlyName", "friendly_name", _NAME, required=True),
    Parameter("Email", "email", email, required=True),
    Parameter("StatusCallback", "status_callback", callback, code=21402, help=_CALLBACK),
    Parameter("IsTest", "is_test", boolean, help="A test bundle: its review rejects it by itself."),
]
SETTINGS = [
    Parameter("FriendlyName", "friendly_name", _NAME),
    Parameter("Email", "email", email),
    Parameter("StatusCallback", "status_callback", callback, code=21402, help=f"{_CALLBACK} Empty: none."),
]
STATUS = Parameter("Status", "state", state, code=22203, help="pending-review hands it in, draft takes it back.")
OBJECT = Parameter("ObjectSid", "object_sid", text(64), code=22205, required=True)
REQUIREMENT = Parameter(
    "RequirementName", "requirement_name", text(64), help="The requirement that the document is meant for."
)
NUMBER = Parameter(
    "PhoneNumber", "e164", e164, help="The number that it is for: its area is compared with the addresses."
)
COPY_NAME = Parameter("FriendlyName", "friendly_name", text(255), help="That of the original unless given.")
FROM = Parameter("FromBundleSid", "source", sid("BU"), code=22225, required=True)
TARGET = Parameter("TargetAccountSid", "target", sid("AC"), code=21470, required=True)
MOVE_TO_DRAFT = Parameter("MoveToDraft", "as_draft", boolean, help="The clone is a draft; else it stays approved.")
