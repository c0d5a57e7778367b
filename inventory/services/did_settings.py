"""The settings that a customer gives a DID: which go together, and which need a capability."""

from collections.abc import Mapping
from functools import reduce
from operator import or_
from typing import Any

from django.utils import timezone

from inventory.models import Did, PhoneNumber
from inventory.models.did import EmergencyStatus, ReceiveMode
from inventory.refusals import (
    FallbackWithoutSmsUrl,
    FallbackWithoutVoiceUrl,
    NoCallerIdLookup,
    NoEmergencyCalls,
    NoFax,
    NoMessaging,
)
from numbering.types import Capability

#: The settings that a number may only have when it carries what they are for.
_NEEDED = {
    "sms_url": Capability.SMS,
    "sms_fallback_url": Capability.SMS,
    "sms_application_sid": Capability.SMS,
    "voice_caller_id_lookup": Capability.VOICE,
}


def needed(settings: Mapping[str, Any]) -> Capability:
    """What a number must carry so that it can have these settings."""
    for_faxes = Capability.FAX if settings.get("voice_receive_mode") == ReceiveMode.FAX else Capability(0)
    return reduce(or_, (_NEEDED[name] for name in _NEEDED if settings.get(name)), for_faxes)


def put(did: Did, number: PhoneNumber, settings: Mapping[str, Any]) -> list[str]:
    """Set these columns on the instance and return which; nothing is saved.

    A trunk and a voice application exclude each other: the one given clears the other. Raises a refusal when the
    result makes no sense: a fallback without its URL, settings for messages or faxes on a number that carries none,
    emergency calls.
    """
    given = _completed(settings)
    for name, value in given.items():
        setattr(did, name, value)
    _check(did, number, given)
    return list(given)


def update(did: Did, number: PhoneNumber, settings: Mapping[str, Any]) -> None:
    """`put`, and save what was given."""
    columns = put(did, number, settings)
    if columns:
        did.updated_at = timezone.now()
        did.save(update_fields=[*columns, "updated_at"])


def _completed(settings: Mapping[str, Any]) -> dict[str, Any]:
    given = dict(settings)
    if given.get("trunk_sid"):
        given["voice_application_sid"] = ""
    elif given.get("voice_application_sid"):
        given["trunk_sid"] = ""
    if given.get("friendly_name") == "":
        del given["friendly_name"]
    return given


def _check(did: Did, number: PhoneNumber, given: Mapping[str, Any]) -> None:
    if did.voice_fallback_url and not did.voice_url:
        raise FallbackWithoutVoiceUrl("VoiceFallbackUrl needs a VoiceUrl")
    if did.sms_fallback_url and not did.sms_url:
        raise FallbackWithoutSmsUrl("SmsFallbackUrl needs an SmsUrl")
    lacking = needed(given) & ~number.capabilities
    if lacking & Capability.SMS:
        raise NoMessaging(f"{number} carries no messages")
    if lacking & Capability.VOICE:
        raise NoCallerIdLookup(f"{number} carries no calls")
    if lacking & Capability.FAX:
        raise NoFax(f"Invalid parameter VoiceReceiveMode: {number} carries no faxes")
    if given.get("emergency_status") == EmergencyStatus.ACTIVE:
        raise NoEmergencyCalls(f"{number} can't call emergency services")
